"""A forward pass: what Brian2 was presented with, and what it did."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.declare.network import Network
from workbench.declare.recording import Recording
from workbench.declare.trials import Trials
from workbench.model.outlasting import KEPT, first_value, of_neurons
from workbench.model.setup import Setup


@dataclass(frozen=True, eq=False)
class ForwardPass:
    """Trials of a network in Brian2, of which the reference takes the gradient.

    Attributes
    ----------
    weights, feedback : mapping of str to ndarray
        As presented to Brian2.
    trials : Trials
        As presented to Brian2.
    recording : Recording or None
        What Brian2 did; None where the reference decides on spikes itself, or has a smooth function in their place.
    """

    weights: Mapping[str, NDArray[np.float64]]
    feedback: Mapping[str, NDArray[np.float64]]
    trials: Trials
    recording: Recording | None = None

    def rasters(self, network: Network, index: NDArray[np.int64]) -> dict[str, NDArray[np.bool_]]:
        """Return the recorded spikes of some trials by layer, each of shape (n_trials, n_steps, n_neurons)."""
        if self.recording is None:
            return {}
        count = len(self.recording)
        return {
            layer: self.recording.spikes[layer].raster(count, network.n_steps, size)[index]
            for layer, size in network.spiking_layers.items()
        }


def padded(count: int, size: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return which trials fill up a batch, and the share of each in a mean.

    Parameters
    ----------
    count : int
        Trials that there are.
    size : int
        Trials of the batch; where it is larger, the first trial stands for those that are missing.

    Returns
    -------
    index : ndarray of int of shape (size,)
        The trials.
    share : ndarray of shape (size,)
        1 / count, and 0 for those that only fill up.
    """
    size = max(size, count)
    index = np.concatenate([np.arange(count), np.zeros(size - count, dtype=np.int64)])
    return index, np.where(np.arange(size) < count, 1.0 / count, 0.0)


def begun(setup: Setup, forward: ForwardPass, index: NDArray[np.int64]) -> dict[tuple[str, str], NDArray[np.float64]]:
    """Return what some trials began with, of what outlives a trial: as recorded, or as a network begins."""
    found = {}
    for layer, names in of_neurons(setup).items():
        size = setup.network.layer_sizes[layer]
        for name in names:
            first = np.full((len(index), size), first_value(setup, layer, name))
            recorded = {} if forward.recording is None else forward.recording.begun
            key = f"{layer}.{name}"
            found[layer, f"{KEPT}{name}"] = recorded[key][index] if key in recorded else first
    return found
