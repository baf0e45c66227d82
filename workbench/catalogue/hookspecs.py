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
from workbench.declare.constraint import Constraint
from workbench.declare.feedback import Pathway
from workbench.declare.measure import Measure
from workbench.declare.optimizer import Optimizer
from workbench.declare.rule import Rule
from workbench.declare.study_figure import StudyFigure
from workbench.declare.task import Task

__all__ = [
    "PROJECT",
    "hookimpl",
    "hookspec",
    "workbench_decisions",
    "workbench_losses",
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
def workbench_measures() -> Iterable[Measure]:
    """Offer measures: what is looked at along training, of networks, layers, gradients, or a rule's estimates.

    ::

        from collections.abc import Iterator

        import numpy as np

        from workbench import EstimatedGradient, Looked, Measure, Measured, hookimpl


        def share_of_largest(found: EstimatedGradient) -> Measured:
            largest = np.abs(found.gradient) >= np.quantile(np.abs(found.gradient), 0.9)
            return Measured(float((found.estimate * found.gradient > 0)[largest].mean()))


        def active(look: Looked) -> dict[str, Measured]:
            spikes, sizes = look.recording.spikes, look.network.spiking_layers
            return {layer: Measured(len(np.unique(spikes[layer].neuron)) / sizes[layer]) for layer in spikes}


        @hookimpl
        def workbench_measures() -> Iterator[Measure]:
            yield Measure(
                name="signs_of_largest",
                title="sign agreement in the largest tenth",
                doc="share of the tenth of synapses with the largest gradient where the estimate has its sign",
                of="estimate",
                function=share_of_largest,
                neutral=0.5,
                neutral_title="chance",
            )
            yield Measure(
                name="active", title="neurons that spike", unit="%", doc="share of a layer", of="layer", function=active
            )
    """
    raise NotImplementedError  # pragma: no cover - pluggy never calls a specification


@hookspec
def workbench_figures() -> Iterable[StudyFigure]:
    """Offer figures of a study, drawn with all others.

    ::

        from collections.abc import Iterator

        from matplotlib.figure import Figure

        from workbench import StudyFigure, hookimpl


        def spread(results):
            done = results.runs[results.runs["status"] == "done"]
            figure = Figure(figsize=(3.5, 2.5), layout="constrained")
            axes = figure.subplots()
            for rule, own in done.groupby("rule"):
                axes.plot(own["seed"], own["loss"], "o", label=rule)
            axes.set(xlabel="seed", ylabel="test loss")
            figure.legend(loc="outside lower center", ncols=3)
            return figure, done[["rule", "seed", "loss"]].assign(panel="a")


        @hookimpl
        def workbench_figures() -> Iterator[StudyFigure]:
            yield StudyFigure(name="spread", caption="Test loss of each seed.", function=spread)
    """
    raise NotImplementedError  # pragma: no cover - pluggy never calls a specification
