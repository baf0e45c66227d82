"""The hooks that offer what studies measure and draw. Each docstring is a complete example."""

from collections.abc import Iterable

from workbench.catalogue.hook_markers import hookspec
from workbench.declare.measure import Measure
from workbench.declare.study_figure import StudyFigure


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
