"""Measures of spiking sparse codes: what a learned dictionary leaves over, and how many neurons take part.

Of networks as `spiking_lca` has them: a code of `lca` neurons that reaches error neurons by weights that learn by
`lca_feedback`, where each of these has an input of its own. Other networks have neither.
"""

from collections.abc import Iterator
from typing import Any

from workbench import Looked, Measure, Measured, hookimpl


def _rates(look: Looked, layer: str) -> Any:
    """Return the rates of a code's neurons in the window, in spikes per `tau`, shape (n_trials, n_neurons)."""
    network, (start, stop) = look.network, look.network.window
    raster = look.recording.spikes[layer].raster(len(look.trials), network.n_steps, network.layer_sizes[layer])
    seconds = network.dt * (stop - start)
    return raster[:, start:stop].sum(axis=1) * network.model_of(layer).values()["tau"] / seconds


def reconstruction_error(look: Looked) -> Measured | None:
    """Return by how much predictions miss the targets, squared and summed over outputs; mean over trials."""
    network = look.network
    ways = [item for item in network.projections if item.rule is not None and item.rule.name == "lca_feedback"]
    if not ways:
        return None
    missed: Any = 0.0
    for way in ways:
        (given,) = (item.name for item in network.projections if (item.source, item.target) == ("inputs", way.target))
        # What inhibits a neuron that its input excites is predicted, and so is what excites one that it inhibits.
        sign = 1 if look.weights[given].sum() > 0 else -1
        missed += (look.trials.target + sign * _rates(look, way.source) @ look.weights[way.name]) / len(ways)
    return Measured(float((missed**2).sum(axis=1).mean()))


def active_neurons(look: Looked) -> dict[str, Measured]:
    """Return how many neurons of each code spike in the window, mean over trials."""
    layers = [name for name in look.network.layer_sizes if look.network.model_of(name).name == "lca"]
    return {name: Measured(float((_rates(look, name) > 0).sum(axis=1).mean())) for name in layers}


@hookimpl
def workbench_measures() -> Iterator[Measure]:
    """Yield what a dictionary leaves over, and how sparse its code is."""
    doc = "squared distance of what a spiking code predicts from the target, in the window, mean over trials"
    yield Measure(
        name="reconstruction_error", title="reconstruction error", doc=doc, of="network", function=reconstruction_error,
        better="lower", scale="log", least=0,
    )  # fmt: skip
    doc = "neurons of a spiking code that spike in the window, mean over trials"
    yield Measure(name="active_neurons", title="active neurons", doc=doc, of="layer", function=active_neurons, least=0)
