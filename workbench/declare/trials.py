"""Trials: input spikes and targets that hold together from the start."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.common.arrays import finite, plain, whole
from workbench.common.errors import DataError, shown
from workbench.common.plain_numbers import whole_number
from workbench.declare.poisson import Chances
from workbench.declare.rewards import Rewards
from workbench.declare.trial_arrays import NEARLY, REMEDIES, are_shares, in_order, refuse_gaps, refuse_unrewarded
from workbench.declare.trial_format import TrialFormat


@dataclass(frozen=True, eq=False)
class Trials:
    """Input spikes and targets of some trials; the arrays are copied, and cannot be changed.

    Attributes
    ----------
    start : ndarray of shape (n_trials + 1,), int64
        Events of trial k are those from ``start[k]`` until before ``start[k + 1]``.
    step : ndarray of shape (n_events,), int32
        Time step of each event within its trial. Events of a trial are put in the order of their steps, and of their
        neurons within a step.
    neuron : ndarray of shape (n_events,), int32
        Input neuron of each event; at most one event per neuron and step.
    target : ndarray of shape (n_trials, n_outputs) or (n_trials, n_steps, n_outputs), float64
        What the loss compares the readout with, constant over the trial or for each step; one-hot for classes, 1 where
        there is a spike.
    format : TrialFormat or None
        What they were made for, where that is known: trials of a `TaskData` bring it along.
    draw : ndarray of shape (n_trials,), int64, or None
        By which number the noise of each is drawn, not negative; from 0 where it is None. Equal numbers draw alike.
    chances : Chances or None
        By which input spikes are drawn anew each time, as `poisson_coded` has them; None where they stay.
    rewards : Rewards or None
        What each answer is worth, where that is all that a network is told; the target is then the best answer.

    Raises
    ------
    DataError
        Where the arrays do not hold together: times that are no whole steps, a `start` that does not count the events,
        two events of a neuron in a step, targets that are not finite.
    """

    start: NDArray[np.int64]
    step: NDArray[np.int32]
    neuron: NDArray[np.int32]
    target: NDArray[np.float64]
    format: TrialFormat | None = None
    draw: NDArray[np.int64] = None  # type: ignore[assignment]
    chances: Chances | None = None
    rewards: Rewards | None = None

    def __post_init__(self) -> None:
        start, step, neuron = (
            whole(getattr(self, name), f"Trials: `{name}`", dtype, REMEDIES[name])
            for name, dtype in (("start", np.int64), ("step", np.int32), ("neuron", np.int32))
        )
        target = finite(self.target, "Trials: `target`")
        if self.format is not None and not isinstance(self.format, TrialFormat):
            raise DataError(f"Trials: `format` must be that of a task's data, not {shown(self.format)}. Leave it out.")
        if self.chances is not None and not isinstance(self.chances, Chances):
            raise DataError(f"Trials: `chances` must be what `poisson_coded` gives, not {shown(self.chances)}.")
        refuse_gaps(start, len(step), len(neuron), len(target))
        draw = (
            np.arange(len(target))
            if self.draw is None
            else whole(self.draw, "Trials: `draw`", np.int64, REMEDIES["draw"])
        )
        if draw.shape != (len(target),):
            raise DataError(f"Trials: `draw` must be a number for each of {len(target)} trials, not {draw.shape}.")
        refuse_unrewarded(self.rewards, target)
        self._hold(start, *in_order(start, step, neuron), target, self.format, draw, self.chances, self.rewards)

    def _hold(self, *values: object) -> None:
        names = ("start", "step", "neuron", "target", "format", "draw", "chances", "rewards")
        for name, value in zip(names, values, strict=True):
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.target)

    @classmethod
    def from_raster(cls, raster: ArrayLike, target: ArrayLike) -> "Trials":
        """Return trials of input spikes that are given as an array.

        Parameters
        ----------
        raster : array of shape (n_trials, n_steps, n_inputs)
            1 or True where a neuron spikes, else 0.
        target : array of shape (n_trials, n_outputs) or (n_trials, n_steps, n_outputs)
            What is wanted of the outputs.

        Returns
        -------
        Trials
            With an event for each 1.

        Raises
        ------
        DataError
            Where it has other numbers or another shape.
        """
        dense, wanted = plain(raster, "A raster"), np.atleast_1d(plain(target, "Trials: `target`"))
        if dense.ndim != 3 or not np.isin(dense, (0, 1)).all():
            raise DataError(
                "A raster must be an array of shape (n_trials, n_steps, n_inputs) of 0 and 1, not of shape "
                f"{dense.shape}{'' if dense.ndim != 3 else ' with other values'}."
            )
        if len(dense) != len(wanted):
            raise DataError(f"A raster must have a trial for each target, and has {len(dense)} for {len(wanted)}.")
        trial, step, neuron = np.nonzero(dense)
        start = np.searchsorted(trial, np.arange(len(dense) + 1)).astype(np.int64)
        return cls(start, step.astype(np.int32), neuron.astype(np.int32), wanted)

    @property
    def classified(self) -> bool:
        """Whether the targets are classes: the shares of two or more, one of them larger than the others."""
        if self.target.ndim != 2 or self.target.shape[1] < 2 or not are_shares(self.target).all():
            return False
        largest = np.partition(self.target, -2, axis=1)[:, -2:]
        return bool((largest[:, 1] > largest[:, 0]).all())

    @property
    def nearly_shares(self) -> bool:
        """Whether the targets are shares of two or more classes but for rounding, so that they do not add up to 1."""
        several = self.target.ndim == 2 and self.target.shape[1] > 1
        return several and not are_shares(self.target).all() and bool(are_shares(self.target, NEARLY).all())

    @property
    def label(self) -> NDArray[np.int64]:
        """The class of each trial, shape (n_trials,); has no meaning where targets are not classes."""
        return np.asarray(np.argmax(self.target, axis=1))

    def take(self, index: ArrayLike) -> "Trials":
        """Return some of the trials.

        Parameters
        ----------
        index : array of int, or of bool of shape (n_trials,)
            Their numbers, or a truth for each trial.

        Returns
        -------
        Trials
            In the order of the numbers.

        Raises
        ------
        DataError
            Where there is no such trial.
        """
        numbers = self._numbers(index)
        counts = np.diff(self.start)[numbers]
        start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        events = np.repeat(self.start[:-1][numbers] - start[:-1], counts) + np.arange(start[-1])
        # What is taken from trials that hold together holds together; looking again would cost as much as a small run.
        taken = object.__new__(Trials)
        held = (self.step[events], self.neuron[events], self.target[numbers], self.format, self.draw[numbers])
        own = (None if one is None else one.take(numbers) for one in (self.chances, self.rewards))
        taken._hold(start, *held, *own)
        return taken

    def drawn_anew(self, time: int) -> "Trials":
        """Return the same trials with other noise, and other input spikes where these are drawn by chance.

        Parameters
        ----------
        time : int
            The how-manieth time they are presented, from 0, which leaves them as they are.

        Returns
        -------
        Trials
            Of which no two of different times draw the same, be it spikes, noise or rewards.
        """
        if whole_number(time, "Trials: `time`", 0, DataError) == 0:
            return self
        draw = self.draw + (time << 32)
        again = object.__new__(Trials)
        events = (self.start, self.step, self.neuron) if self.chances is None else self.chances.events(draw)
        again._hold(*events, self.target, self.format, draw, self.chances, self.rewards)
        return again

    def raster(self, n_steps: int, n_inputs: int) -> NDArray[np.float64]:
        """Return the input spikes as an array.

        Parameters
        ----------
        n_steps, n_inputs : int
            Steps of a trial, and input neurons.

        Returns
        -------
        ndarray of shape (n_trials, n_steps, n_inputs)
            1 where a neuron spikes, else 0.

        Raises
        ------
        DataError
            Where there are spikes elsewhere.
        """
        for what, size, events in (("n_steps", n_steps, self.step), ("n_inputs", n_inputs, self.neuron)):
            needed = 1 + int(events.max(initial=0))
            if whole_number(size, f"A raster: `{what}`", error=DataError) < needed:
                raise DataError(f"A raster: `{what}` must be {needed} at least to hold the spikes, not {size}.")
        dense = np.zeros((len(self), n_steps, n_inputs))
        dense[np.repeat(np.arange(len(self)), np.diff(self.start)), self.step, self.neuron] = 1.0
        return dense

    def _numbers(self, index: ArrayLike) -> NDArray[np.int64]:
        """Return which trials are asked for, by their numbers or by a truth for each."""
        asked = plain(index, "Trials to take")
        if asked.size == 0:
            asked = asked.astype(np.int64)
        try:
            numbers: NDArray[np.int64] = np.arange(len(self))[asked]
        except IndexError:
            numbers = np.zeros((), dtype=np.int64)
        if numbers.ndim != 1:
            raise DataError(
                f"Trials to take must be an array of numbers from 0 to {len(self) - 1}, not {shown(index)}."
            )
        return numbers

    def same_as(self, other: "Trials") -> bool:
        """Return whether other trials are the same.

        Parameters
        ----------
        other : Trials
            To compare with.

        Returns
        -------
        bool
            Whether events and targets are equal.
        """
        names = ("start", "step", "neuron", "target")
        return all(np.array_equal(getattr(self, name), getattr(other, name)) for name in names)
