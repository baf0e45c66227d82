"""What learning changes, and what it does not: the weights and memory that are carried from run to run."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workbench.model.setup import Setup
from workbench.network import Network

Weights = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class State:
    """Weights, fixed feedback, and everything that an interrupted epoch needs to go on bit for bit.

    Attributes
    ----------
    weights : dict of str to ndarray of shape (n_pre, n_post)
        By the layer that they reach.
    feedback : dict of str to ndarray of shape (n_source, n_target)
        Fixed weights of the learning signal, by hidden layer: from the layer above or the output to the hidden layer;
        of a local readout, from the hidden layer to its outputs.
    memory : dict of str to ndarray of shape (n_pre, n_post)
        The unfinished batch's `g` and the optimizer's variables, by ``<layer>.<variable>``; absent ones are 0.
    n_updates : int
        Updates so far.
    """

    weights: Weights
    feedback: Weights
    memory: Weights
    n_updates: int = 0

    def with_weights(self, weights: Weights) -> "State":
        """Return the same state with other forward weights."""
        return replace(self, weights=weights)


def feedback_shapes(network: Network, feedback: str) -> dict[str, tuple[int, int]]:
    """Return the shapes of the fixed weights that a pathway has; none where it uses the forward weights."""
    hidden = network.layers[:-1]
    sizes = network.sizes
    if feedback == "random_direct":
        return {layer: (network.n_outputs, sizes[index + 1]) for index, layer in enumerate(hidden)}
    if feedback == "random_chained":
        return {layer: (sizes[index + 2], sizes[index + 1]) for index, layer in enumerate(hidden)}
    if feedback == "local_readout":
        return {layer: (sizes[index + 1], network.n_outputs) for index, layer in enumerate(hidden)}
    return {}


def plastic_layers(setup: Setup) -> tuple[str, ...]:
    """Return the layers whose weights the network itself changes."""
    layers = setup.network.layers
    return layers if setup.rule.engine == "brian2" else layers[-1:]
