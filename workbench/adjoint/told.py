"""What a sweep is told, and what it finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.declare.recording import Recording
from workbench.declare.trials import Trials

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Told:
    """What a sweep is told.

    Attributes
    ----------
    weights : mapping of str to ndarray
        By name.
    trials : Trials
        What was presented.
    recording : Recording
        With the spikes.
    outside : mapping of (str, str) to ndarray of shape (n_trials, n_steps, n_neurons)
        What neurons drew.
    begun : mapping of (str, str) to ndarray of shape (n_trials, n_neurons)
        What outlives a trial, as it was when each began.
    share : ndarray of shape (n_trials,)
        The weight of each trial.
    tolerance : float
        How close to threshold a decision may differ.
    per_trial : bool
        Whether there is a gradient for each trial.
    """

    weights: Mapping[str, Array]
    trials: Trials
    recording: Recording
    outside: Mapping[tuple[str, str], Array]
    begun: Mapping[tuple[str, str], Array]
    share: Array
    tolerance: float
    per_trial: bool

    @cached_property
    def spikes(self) -> dict[str, tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
        """The spikes of each layer: where those of each trial start, their steps and neurons."""
        trials, count = self.trials, len(self.trials)
        found = {"inputs": (whole(trials.start), whole(trials.step), whole(trials.neuron))}
        for layer, spikes in self.recording.spikes.items():
            start = np.searchsorted(spikes.trial, np.arange(count + 1))
            found[layer] = (whole(start), whole(spikes.step), whole(spikes.neuron))
        return found


def whole(numbers: NDArray[Any]) -> NDArray[np.int64]:
    """Return whole numbers as one block of memory."""
    return np.ascontiguousarray(numbers, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Swept:
    """What a sweep found.

    Attributes
    ----------
    gradient : dict of str to ndarray
        Of the weighted sum of the trials' losses, by name of the weights; with a first axis of trials where there is
        one for each.
    loss : ndarray of shape (n_trials,)
        The losses.
    output : ndarray of shape (n_trials, n_outputs)
        Means of the readout over the window.
    differing, wrong : ndarray of shape (n_trials,)
        Decisions that differ from the recorded ones, within the tolerance of the threshold and beyond it.
    """

    gradient: dict[str, Array]
    loss: Array
    output: Array
    differing: Array
    wrong: Array
