"""Measures of spiking sparse codes: what a learned dictionary leaves over, and how many neurons take part.

Of networks as `spiking_lca` has them: a code of `lca` neurons that reaches error neurons by weights that learn by
`lca_feedback`, where each of these has an input of its own. Other networks have neither.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from workbench import Looked, Measure, Measured, hookimpl


def _code(look: Looked, layer: str) -> NDArray[np.float64]:
    """Return the rates of a code's neurons in the window, in spikes per `tau`, shape (n_trials, n_neurons)."""
    network, spikes = look.network, look.recording.spikes[layer]
    inside = (spikes.step >= network.window[0]) & (spikes.step < network.window[1])
    counts = np.zeros((len(look.trials), network.layer_sizes[layer]))
    np.add.at(counts, (spikes.trial[inside], spikes.neuron[inside]), 1.0)
    (tau,) = (value for name, value in network.model_of(layer).values().items() if name == "tau")
    return counts * tau / (network.dt * (network.window[1] - network.window[0]))


def reconstruction_error(look: Looked) -> Measured | None:
    """Return by how much the code's prediction misses the target, squared and summed; mean over trials."""
    ways = [item for item in look.network.projections if item.rule is not None and item.rule.name == "lca_feedback"]
    misses = []
    for way in ways:
        (given,) = (item for item in look.network.projections if (item.source, item.target) == ("inputs", way.target))
        sign = np.sign(look.weights[given.name].sum())
        misses.append(look.trials.target + sign * _code(look, way.source) @ look.weights[way.name])
    return Measured(float((np.mean(misses, axis=0) ** 2).sum(axis=1).mean())) if ways else None


def active_neurons(look: Looked) -> dict[str, Measured]:
    """Return how many neurons of a code spike in the window, mean over trials."""
    layers = [name for name in look.network.layer_sizes if look.network.model_of(name).name == "lca"]
    return {name: Measured(float((_code(look, name) > 0).sum(axis=1).mean())) for name in layers}


MEASURES = (
    Measure(
        name="reconstruction_error",
        title="reconstruction error",
        doc="squared distance of what a spiking code predicts from the target, in the window, mean over trials",
        of="network",
        better="lower",
        scale="log",
        least=0,
        function=reconstruction_error,
    ),
    Measure(
        name="active_neurons",
        title="active neurons",
        doc="neurons of a spiking code that spike in the window, mean over trials",
        of="layer",
        least=0,
        function=active_neurons,
    ),
)


@hookimpl
def workbench_measures() -> Iterator[Measure]:
    """Yield what a dictionary leaves over, and how sparse its code is."""
    yield from MEASURES
