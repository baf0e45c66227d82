"""The hooks that a plugin may implement. Each docstring is a complete example."""

from collections.abc import Iterable

from workbench.catalogue.hook_markers import PROJECT, hookimpl, hookspec
from workbench.catalogue.network_hookspecs import (
    workbench_decisions,
    workbench_losses,
    workbench_neurons,
    workbench_surrogates,
    workbench_transmissions,
)
from workbench.catalogue.study_hookspecs import workbench_figures, workbench_measures
from workbench.declare.constraint import Constraint
from workbench.declare.feedback import Pathway
from workbench.declare.optimizer import Optimizer
from workbench.declare.publication import Publication
from workbench.declare.rule import Rule
from workbench.declare.task import Task

__all__ = [
    "PROJECT",
    "hookimpl",
    "hookspec",
    "workbench_decisions",
    "workbench_figures",
    "workbench_losses",
    "workbench_measures",
    "workbench_neurons",
    "workbench_surrogates",
    "workbench_transmissions",
]


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
def workbench_optimizers() -> Iterable[Optimizer]:
    '''Offer optimizers.

    ::

        from collections.abc import Iterator

        from workbench import Optimizer, hookimpl

        MOMENTUM = Optimizer(
            name="momentum",
            code="""velocity = inertia * velocity + gradient
                    step = velocity""",
            state=("velocity",),
            parameters=(("inertia", 0.9),),
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


@hookspec
def workbench_publications() -> Iterable[Publication]:
    """Offer publications: what `workbench cite` says of a source, by the `doi` that a rule or a task declares.

    ::

        from collections.abc import Iterator

        from workbench import Publication, hookimpl

        MINE = Publication(
            name="doe_2026",
            title="A rule of our own",
            authors=("Doe, J.", "Roe, R."),
            venue="Journal of Rules 1:1-10",
            year=2026,
            doi="10.1000/182",
        )


        @hookimpl
        def workbench_publications() -> Iterator[Publication]:
            yield MINE
    """
    raise NotImplementedError  # pragma: no cover - pluggy never calls a specification
