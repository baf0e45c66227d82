"""What to do with some trials, and how their spikes are handed to a program."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.errors import SimulationError
from workbench.recording import Spikes

#: A step that no run reaches: padding of spike lists.
NEVER = np.iinfo(np.int32).max


@dataclass(frozen=True, eq=False)
class Plan:
    """What to do with some trials.

    Attributes
    ----------
    learning : bool
        Whether the rule runs; without it the network only responds.
    update_after : ndarray of shape (n_trials,), int
        The size of the batch that ends with a trial, 0 within a batch.
    learning_rate : float
        Of the updates.
    record_gradient : bool
        Whether to record the rule's estimate of each trial; each is then a batch of its own.
    record_spikes : bool
        Whether to record the spikes of all layers that spike, which training has no need of.
    chunk : int
        Trials per run of the program; no result depends on it.
    """

    learning: bool = False
    update_after: NDArray[np.int64] | None = None
    learning_rate: float = 0.0
    record_gradient: bool = False
    record_spikes: bool = True
    chunk: int = 1024


def cut(spikes: Spikes, index: NDArray[np.int64]) -> Spikes:
    """Return the spikes of some consecutive trials, which are then counted from 0."""
    inside = (spikes.trial >= index[0]) & (spikes.trial <= index[-1])
    return Spikes(spikes.trial[inside] - index[0], spikes.step[inside], spikes.neuron[inside])


def given_spikes(name: str, step: NDArray[Any], neuron: NDArray[Any], capacity: int) -> dict[str, Any]:
    """Return a group's spikes as the program takes them: ordered by step since the start, padded."""
    if len(step) >= capacity:
        raise SimulationError(f"{len(step)} spikes are too many for '{name}', which takes {capacity - 1} in one run.")
    order = np.argsort(step, kind="stable")
    steps = np.full(capacity, NEVER, dtype=np.int32)
    neurons = np.zeros(capacity, dtype=np.int32)
    steps[: len(step)] = step[order]
    neurons[: len(step)] = neuron[order]
    return {f"{name}._timebins": steps, f"{name}.neuron_index": neurons}
