"""What a network does on some trials: its spikes and the course of its variables, for arrays, without a study."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.audit.gradients import Arrays, setup_for
from workbench.common.errors import ModelError, nearest
from workbench.declare.field_types import called
from workbench.declare.network import Network
from workbench.declare.options import Targets
from workbench.declare.rule import NO_RULE
from workbench.declare.trials import Trials
from workbench.engine.interpreted.stepwise import stepwise
from workbench.engine.presentation import Plan
from workbench.model.neuron_text import states_of


@dataclass(frozen=True, eq=False)
class Traces:
    """What a network did.

    Attributes
    ----------
    spikes : dict of str to ndarray of shape (n_trials, n_steps, n_neurons), bool
        By layer that spikes.
    variables : dict of str to dict of str to ndarray of shape (n_trials, n_steps, n_neurons)
        By layer and name, in SI base units, at the end of each step: after its spikes have arrived and its resets.
    """

    spikes: dict[str, NDArray[np.bool_]]
    variables: dict[str, dict[str, NDArray[np.float64]]]


@called(ModelError)
def record(
    network: Network,
    weights: Arrays,
    trials: Trials,
    variables: Sequence[str] = ("v",),
    targets: Targets | None = None,
) -> Traces:
    """Return the spikes of a network and the course of its neurons' variables, from Brian2's NumPy code.

    Parameters
    ----------
    network : Network
        Layers and time.
    weights : mapping of str to ndarray of shape (n_pre, n_post)
        By name, as of `workbench.estimate`.
    trials : Trials
        A few, since this is slow.
    variables : sequence of str
        Names of the neuron models' equations; of each layer those are recorded that it has.
    targets : {"trial", "step", "spikes"}, optional
        What the trials want of the outputs; by default what their task says, and "trial" for those of no task.

    Returns
    -------
    Traces
        Spikes and variables by layer, arrays of shape (n_trials, n_steps, n_neurons).

    Raises
    ------
    ModelError
        Where an argument is not of its type, no layer has such a variable, weights are not those of the network, or
        there are no trials.
    """
    setup, state = setup_for(network, NO_RULE, "none", weights, trials, targets)
    wanted = _by_layer(network, variables)
    count, sizes = len(trials), network.layer_sizes
    shapes = {layer: (count, network.n_steps, size) for layer, size in sizes.items()}
    spikes = {layer: np.zeros(shapes[layer], dtype=bool) for layer in network.spiking_layers}
    traces = {layer: {name: np.zeros(shapes[layer]) for name in names} for layer, names in wanted.items()}
    with stepwise(setup, state, trials, Plan(record_spikes=False)) as under_way:
        for trial, step in np.ndindex(count, network.n_steps):
            under_way.step()
            for layer, raster in spikes.items():
                *numbers, length = under_way.get(layer, "_spikespace")
                raster[trial, step, numbers[:length]] = True
            for layer, arrays in traces.items():
                for name, array in arrays.items():
                    array[trial, step] = under_way.get(layer, name)
    return Traces(spikes, traces)


def _by_layer(network: Network, variables: Sequence[str]) -> dict[str, list[str]]:
    """Return the variables to record of each layer."""
    known = {}
    for layer in network.layers:
        model = network.model_of(layer)
        known[layer] = list(states_of(model))
    everywhere = sorted({name for names in known.values() for name in names})
    for name in variables:
        if name not in everywhere:
            raise ModelError(f"No layer has a variable '{name}'. {nearest(name, everywhere)}")
    return {layer: [name for name in dict.fromkeys(variables) if name in names] for layer, names in known.items()}
