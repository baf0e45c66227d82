"""Spikes that are drawn by chance, anew each time that trials are presented."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workbench.common.counter_noise import key_of, uniform_of_pairs

#: Trials whose numbers are drawn at a time.
_BLOCK = 64

Events = tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]


@dataclass(frozen=True, eq=False)
class Chances:
    """With which chance inputs spike in each step.

    Attributes
    ----------
    each : ndarray of shape (n_trials, n_inputs) or (n_trials, n_intervals, n_inputs)
        From 0 to 1.
    n_steps : int
        Steps of a trial.
    seed : int
        Of the draws, which follow from it and from the number of trial, step and input.
    lengths : tuple of int
        Steps of each interval, where there are several.
    """

    each: NDArray[np.float64]
    n_steps: int
    seed: int
    lengths: tuple[int, ...] = ()

    @property
    def expected(self) -> NDArray[np.float64]:
        """How many spikes each trial has on average, of shape (n_trials,)."""
        if self.lengths:
            return np.asarray(self.each.sum(axis=2) @ np.array(self.lengths))
        return np.asarray(self.each.sum(axis=1) * self.n_steps)

    def take(self, numbers: NDArray[np.int64]) -> "Chances":
        """Return those of some trials."""
        return replace(self, each=self.each[numbers])

    def events(self, draw: NDArray[np.int64]) -> Events:
        """Return the spikes of trials that draw by some numbers.

        Parameters
        ----------
        draw : ndarray of int of shape (n_trials,)
            As of `Trials`.

        Returns
        -------
        start, step, neuron : ndarray of int
            As of `Trials`, in order.
        """
        key, times = key_of("inputs", self.seed), np.arange(self.n_steps)
        # Each interval is one where there are several, and the whole trial is one where there are none.
        intervals = self.each if self.lengths else self.each[:, None, :]
        lengths = self.lengths or (self.n_steps,)
        steps, neurons, counts = [], [], [np.zeros(1, dtype=np.int64)]
        for first in range(0, len(intervals), _BLOCK):
            chances = intervals[first : first + _BLOCK]
            # An input that never spikes draws nothing that anybody looks at; most pixels of an image have no ink.
            trial, neuron = np.nonzero(chances.any(axis=1))
            uniform = uniform_of_pairs(key, draw[first : first + _BLOCK], times, (trial, neuron))
            pair, step = np.nonzero(uniform < np.repeat(chances[trial, :, neuron], lengths, axis=1))
            order = np.lexsort((neuron[pair], step, trial[pair]))
            steps.append(step[order].astype(np.int32))
            neurons.append(neuron[pair][order].astype(np.int32))
            counts.append(np.bincount(trial[pair], minlength=len(chances)))
        empty = np.zeros(0, dtype=np.int32)
        start = np.cumsum(np.concatenate(counts)).astype(np.int64)
        return start, np.concatenate([empty, *steps]), np.concatenate([empty, *neurons])
