"""What to do with some trials, and how their spikes are handed to a program."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import SimulationError
from workbench.common.plain_numbers import finite_number, whole_number
from workbench.declare.field_types import declared
from workbench.declare.recording import Spikes

#: A step that no run reaches: padding of spike lists.
NEVER = np.iinfo(np.int32).max

#: Input spikes for which a run has room at least, if there are as many; 8 bytes each.
MANY = 1 << 22


@declared(SimulationError, "Plan")
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
    feedback_rate : float
        Of the updates of feedback weights that have a rule of their own.
    record_gradient : bool
        Whether to record the rule's estimate of each trial; each is then a batch of its own.
    record_spikes : bool
        Whether to record the spikes of all layers that spike, which training has no need of.
    chunk : int
        Trials per run of the program; no result depends on it.
    carry : bool
        Whether variables that outlive a trial do so although nothing is learned.
    """

    learning: bool = False
    update_after: NDArray[np.int64] | None = None
    learning_rate: float = 0.0
    feedback_rate: float = 0.0
    record_gradient: bool = False
    record_spikes: bool = True
    chunk: int = 1024
    carry: bool = False

    def __post_init__(self) -> None:
        for name in ("learning_rate", "feedback_rate"):
            if finite_number(getattr(self, name), f"Plan: `{name}`", SimulationError) < 0:
                raise SimulationError(f"Plan: `{name}` must be 0 or more, not {getattr(self, name):g}.")
        whole_number(self.chunk, "Plan: `chunk`", error=SimulationError)
        sizes = self.update_after
        if sizes is not None and (sizes.ndim != 1 or not np.issubdtype(sizes.dtype, np.integer) or (sizes < 0).any()):
            raise SimulationError("Plan: `update_after` must be whole numbers from 0, one for each trial.")

    @property
    def keeps(self) -> bool:
        """Whether what outlives a trial does; trials whose estimates are recorded all begin alike."""
        return self.carry or (self.learning and not self.record_gradient)


def room_for(counts: NDArray[np.int64], n_trials: int) -> int:
    """Return the room that a run needs for its input spikes, as a power of two so that similar data share a program.

    Parameters
    ----------
    counts : ndarray of shape (n_trials,)
        Input spikes of each trial that may be presented.
    n_trials : int
        Trials of a run, at most; with more than `MANY` spikes they are presented in several runs.
    """
    busiest = np.sort(counts)[-n_trials:]
    needed = max(int(busiest[-1]), min(int(busiest.sum()), MANY))
    return 1 << needed.bit_length()


def parts_of(start: NDArray[np.int64], chunk: int, capacity: int) -> Iterator[NDArray[np.int64]]:
    """Yield the numbers of the trials of each run: as many as there is room for, and one at least.

    Parameters
    ----------
    start : ndarray of shape (n_trials + 1,)
        As of `Trials`.
    chunk : int
        Trials of a run, at most.
    capacity : int
        For input spikes, of which there must be fewer.
    """
    first = 0
    while first < len(start) - 1:
        fitting = int(np.searchsorted(start, start[first] + capacity - 1, side="right")) - 1
        last = min(first + chunk, max(fitting, first + 1), len(start) - 1)
        yield np.arange(first, last)
        first = last


def cut(spikes: Spikes, index: NDArray[np.int64]) -> Spikes:
    """Return the spikes of some consecutive trials, which are then counted from 0."""
    inside = (spikes.trial >= index[0]) & (spikes.trial <= index[-1])
    return Spikes(spikes.trial[inside] - index[0], spikes.step[inside], spikes.neuron[inside])


def given_spikes(name: str, step: NDArray[Any], neuron: NDArray[Any], capacity: int) -> dict[str, Any]:
    """Return a group's spikes as the program takes them: ordered by step since the start, and one that never comes."""
    if len(step) >= capacity:
        raise SimulationError(f"{len(step)} spikes are too many for '{name}', which takes {capacity - 1} in one run.")
    order = np.argsort(step, kind="stable")
    steps = np.append(step[order], NEVER).astype(np.int32)
    neurons = np.append(neuron[order], 0).astype(np.int32)
    return {f"{name}._timebins": steps, f"{name}.neuron_index": neurons}
