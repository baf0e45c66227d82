"""The hooks that a plugin may implement. Each docstring is a complete example."""

from collections.abc import Iterable

import pluggy

from workbench.declare.constraint import Constraint
from workbench.declare.decision import Decision
from workbench.declare.feedback import Pathway
from workbench.declare.loss import Loss
from workbench.declare.neuron import NeuronModel
from workbench.declare.optimizer import Optimizer
from workbench.declare.rule import Rule
from workbench.declare.surrogate import Surrogate
from workbench.declare.task import Task
from workbench.declare.transmission import Transmission

#: Name of the plugin project, and of the entry-point group.
PROJECT = "workbench"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def workbench_rules() -> Iterable[Rule]:
    '''Offer learning rules.

    A file ``my_rule.py``, named in the entry-point group ``workbench`` of its distribution::

        from collections.abc import Iterator

        from workbench import LearningSignal, Rule, hookimpl

        MY_RULE = Rule(
            name="my_rule",
            title="My rule",
            pre="""dq/dt = -q / tau_syn_post      : 1
                   dp/dt = (q - p) / tau_mem_post : 1""",
            pre_on_spike="q += 1",
            synapse="dg/dt = error_post * psi_post * p_pre : second",
            signal=LearningSignal(feedback="random_direct"),
        )

        @hookimpl
        def workbench_rules() -> Iterator[Rule]:
            yield MY_RULE
    '''
    raise NotImplementedError  # pragma: no cover - pluggy never calls a specification


@hookspec
def workbench_tasks() -> Iterable[Task]:
    """Offer tasks.

    ::

        from collections.abc import Iterator

        import numpy as np

        from workbench import Task, TaskData, hookimpl, latency_coded


        def load() -> TaskData:
            values = np.random.default_rng(1).random((300, 2))
            trials = latency_coded(values, (values[:, 0] > values[:, 1]).astype(int), 2, 60, 0.05, bias=True)
            parts = [trials.take(np.arange(k, k + 100)) for k in (0, 100, 200)]
            return TaskData(3, 2, 100, 1e-3, *parts)

        @hookimpl
        def workbench_tasks() -> Iterator[Task]:
            yield Task(name="larger", title="Which is larger", load=load)
    """
    raise NotImplementedError  # pragma: no cover - pluggy never calls a specification


@hookspec
def workbench_neurons() -> Iterable[NeuronModel]:
    '''Offer neuron models.

    ::

        from collections.abc import Iterator

        from workbench import NeuronModel, hookimpl

        QUICK = NeuronModel(
            name="quick",
            equations="""dv/dt = (I - v) / tau_mem : 1
                         dI/dt = -I / tau_syn : 1""",
            drive="v - 1",
            reset="v = 0",
            parameters=(("tau_mem", "5 ms"), ("tau_syn", "2 ms")),
        )

        @hookimpl
        def workbench_neurons() -> Iterator[NeuronModel]:
            yield QUICK
    '''
    raise NotImplementedError  # pragma: no cover - pluggy never calls a specification


@hookspec
def workbench_losses() -> Iterable[Loss]:
    """Offer losses of a readout.

    ::

        from collections.abc import Iterator

        from workbench import Loss, hookimpl

        LOG_COSH = Loss(name="log_cosh", value="log(cosh(y - target))", error="tanh(y - target)")

        @hookimpl
        def workbench_losses() -> Iterator[Loss]:
            yield LOG_COSH
    """
    raise NotImplementedError  # pragma: no cover - pluggy never calls a specification


@hookspec
def workbench_decisions() -> Iterable[Decision]:
    """Offer decisions: which output of a readout counts as the answer.

    ::

        from collections.abc import Iterator

        from workbench import Decision, hookimpl

        LATE = Decision(name="late", code="score = score + elapsed * y")

        @hookimpl
        def workbench_decisions() -> Iterator[Decision]:
            yield LATE
    """
    raise NotImplementedError  # pragma: no cover - pluggy never calls a specification


@hookspec
def workbench_optimizers() -> Iterable[Optimizer]:
    '''Offer optimizers.

    ::

        from collections.abc import Iterator

        from workbench import Optimizer, hookimpl

        MOMENTUM = Optimizer(
            name="momentum",
            code="""velocity = inertia * velocity + gradient
                    step = velocity""",
            state=("velocity",), parameters=(("inertia", 0.9),),
        )

        @hookimpl
        def workbench_optimizers() -> Iterator[Optimizer]:
            yield MOMENTUM
    '''
    raise NotImplementedError  # pragma: no cover - pluggy never calls a specification


@hookspec
def workbench_constraints() -> Iterable[Constraint]:
    """Offer constraints: what weights may be after an update.

    ::

        from collections.abc import Iterator

        from workbench import Constraint, hookimpl

        NOT_NEGATIVE = Constraint(name="not_negative", project="w = w * int(w > 0)")

        @hookimpl
        def workbench_constraints() -> Iterator[Constraint]:
            yield NOT_NEGATIVE
    """
    raise NotImplementedError  # pragma: no cover - pluggy never calls a specification


@hookspec
def workbench_transmissions() -> Iterable[Transmission]:
    """Offer transmissions: what a spike transmits of a weight.

    ::

        from collections.abc import Iterator

        from workbench import Transmission, hookimpl

        TIRED = Transmission(name="tired", equations="dx/dt = -9 * Hz * x : 1", on_spike="sent = 1 - x; x += sent / 3")

        @hookimpl
        def workbench_transmissions() -> Iterator[Transmission]:
            yield TIRED
    """
    raise NotImplementedError  # pragma: no cover - pluggy never calls a specification


@hookspec
def workbench_surrogates() -> Iterable[Surrogate]:
    """Offer surrogate derivatives of the spike.

    ::

        from collections.abc import Iterator

        from workbench import Surrogate, hookimpl

        LOGISTIC = Surrogate(
            name="logistic",
            derivative="gamma / cosh(beta * drive)**2",
            primitive="0.5 + gamma / beta * tanh(beta * drive)",
            parameters=(("gamma", 1.0), ("beta", 3.0)), height="gamma",
        )

        @hookimpl
        def workbench_surrogates() -> Iterator[Surrogate]:
            yield LOGISTIC
    """
    raise NotImplementedError  # pragma: no cover - pluggy never calls a specification


@hookspec
def workbench_pathways() -> Iterable[Pathway]:
    """Offer feedback pathways: where a learning signal begins, and what weighs it.

    ::

        from collections.abc import Iterator

        from workbench import Pathway, hookimpl

        UNIFORM_CHAINED = Pathway(
            name="uniform_chained",
            origin="above",
            weights="constant",
            doc="the sum of all that the layer above hands down, the same for every neuron",
        )

        @hookimpl
        def workbench_pathways() -> Iterator[Pathway]:
            yield UNIFORM_CHAINED
    """
    raise NotImplementedError  # pragma: no cover - pluggy never calls a specification
