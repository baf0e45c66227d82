"""Input spikes made of numbers: by their latency, by their rate, or by chance."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.common.arrays import plain
from workbench.common.errors import DataError, shown
from workbench.common.plain_numbers import finite_number, whole_number
from workbench.declare.poisson import Chances
from workbench.declare.trials import Trials


def rate_coded(
    values: NDArray[np.float64], labels: NDArray[np.int64], n_classes: int, n_steps: int, most: float, bias: bool
) -> Trials:
    """Return trials in which each input spikes at equal distances, the more often the larger its value.

    Before step n, input k of value x has spiked ``floor(phase + n * most * x)`` times, where ``phase`` is the
    fractional part of k times the golden ratio.

    Parameters
    ----------
    values : ndarray of shape (n_trials, n_values)
        Between 0 and 1.
    labels : ndarray of shape (n_trials,)
        Classes from 0.
    n_classes, n_steps : int
        Numbers of classes, and of steps of a trial.
    most : float
        Spikes per step at a value of 1; at most 1.
    bias : bool
        Add an input neuron, the last, with a value of 1.

    Returns
    -------
    Trials
        With one-hot targets.

    Raises
    ------
    DataError
        Where a value or label is none of these.
    """
    values, target = _shares(values, bias), _one_hot(labels, n_classes, len(values))
    n_steps, most = _rates(n_steps, most, "Rate coding")
    # Each input has a phase of its own, so that they do not all spike at once.
    phase = np.modf(np.arange(values.shape[1]) * 0.6180339887498949)[0]
    reached = np.floor(phase + np.arange(n_steps + 1)[:, None, None] * most * values)
    step, trial, neuron = np.nonzero(np.diff(reached, axis=0))
    return _in_order(trial, step, neuron, target)


def poisson_coded(
    values: NDArray[np.float64],
    labels: NDArray[np.int64],
    n_classes: int,
    n_steps: int | Sequence[int],
    most: float,
    bias: bool,
    seed: int = 0,
) -> Trials:
    """Return trials in which each input spikes by chance, the more often the larger its value.

    An input of value x spikes in each step with the probability ``most * x``. Each epoch of training draws anew;
    evaluation sees the same spikes each time.

    Parameters
    ----------
    values : ndarray of shape (n_trials, n_values) or (n_trials, n_intervals, n_values)
        Between 0 and 1; of each interval of a trial, where they change.
    labels : ndarray of shape (n_trials,)
        Classes from 0.
    n_classes : int
        Number of classes.
    n_steps : int or sequence of int of length n_intervals
        Steps of a trial, or of each of its intervals.
    most : float
        The probability at a value of 1; at most 1.
    bias : bool
        Add an input neuron, the last, with a value of 1.
    seed : int
        Of the draws.

    Returns
    -------
    Trials
        With one-hot targets, and the chances by which `Trials.drawn_anew` draws.

    Raises
    ------
    DataError
        Where a value or label is none of these.
    """
    given = plain(values, "Values to code")
    lengths = _lengths(n_steps, given.shape)
    shares = _shares(given.reshape(-1, given.shape[-1]) if lengths else given, bias)
    shares = shares.reshape(*given.shape[:-1], shares.shape[-1])
    target = _one_hot(labels, n_classes, len(given))
    steps, most = _rates(sum(lengths) if lengths else n_steps, most, "Poisson coding")
    seed = whole_number(seed, "Poisson coding: `seed`", 0, DataError)
    chances = Chances(most * shares, steps, seed, lengths)
    return Trials(*chances.events(np.arange(len(target))), target, chances=chances)


def latency_coded(
    values: NDArray[np.float64], labels: NDArray[np.int64], n_classes: int, span: int, silent_below: float, bias: bool
) -> Trials:
    """Return trials in which each input spikes once, the earlier the larger its value.

    An input of value x spikes at step ``round((1 - x) * span) + 1`` where ``x >= silent_below``, and else not at all.

    Parameters
    ----------
    values : ndarray of shape (n_trials, n_values)
        Between 0 and 1.
    labels : ndarray of shape (n_trials,)
        Classes from 0.
    n_classes : int
        Number of classes.
    span : int
        Steps from the spike of a value of 1 to that of 0.
    silent_below : float
        Smaller values do not spike.
    bias : bool
        Add an input neuron, the last, that always spikes at step 1.

    Returns
    -------
    Trials
        With one-hot targets.

    Raises
    ------
    DataError
        Where a value or label is none of these.
    """
    values, target = _shares(values, bias), _one_hot(labels, n_classes, len(values))
    span = whole_number(span, "Latency coding: `span`", error=DataError)
    if not 0 <= finite_number(silent_below, "Latency coding: `silent_below`", DataError) <= 1:
        raise DataError(f"Latency coding: `silent_below` must lie from 0 to 1, as values do, not {silent_below:g}.")
    trial, neuron = np.nonzero(values >= silent_below)
    step = np.round((1.0 - values[trial, neuron]) * span).astype(np.int32) + 1
    return _in_order(trial, step, neuron, target)


def _lengths(n_steps: int | Sequence[int], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the steps of each interval of a trial; none where they are not given."""
    if not isinstance(n_steps, Sequence):
        return ()
    lengths = tuple(
        whole_number(length, "Poisson coding: a length in `n_steps`", error=DataError) for length in n_steps
    )
    if len(shape) != 3 or shape[1] != len(lengths):
        raise DataError(
            f"Poisson coding: `n_steps` has the lengths of {len(lengths)} intervals, so that values must be of shape "
            f"(n_trials, {len(lengths)}, n_values), not {shape}."
        )
    return lengths


def _rates(n_steps: object, most: float, what: str) -> tuple[int, float]:
    """Return the steps of a trial and the spikes per step at a value of 1, where they are such."""
    n_steps = whole_number(n_steps, f"{what}: `n_steps`", error=DataError)
    if not 0 < finite_number(most, f"{what}: `most`", DataError) <= 1:
        raise DataError(f"{what}: `most` must lie above 0 and not above 1 spike per step, not {most:g}.")
    return n_steps, most


def _in_order(
    trial: NDArray[np.int64], step: NDArray[np.integer], neuron: NDArray[np.int64], target: NDArray[np.float64]
) -> Trials:
    """Return spikes as trials, those of a trial by step, and those of a step by neuron."""
    steps, neurons = int(step.max(initial=0)) + 1, int(neuron.max(initial=0)) + 1
    # One number says all of a spike: to sort such takes a third of the time of sorting by three.
    spikes = np.sort((trial * steps + step) * neurons + neuron)
    place, neuron = np.divmod(spikes, neurons)
    trial, step = np.divmod(place, steps)
    start = np.searchsorted(trial, np.arange(len(target) + 1)).astype(np.int64)
    return Trials(start, step.astype(np.int32), neuron.astype(np.int32), target)


def _shares(values: ArrayLike, bias: bool) -> NDArray[np.float64]:
    """Return what inputs code, with a last column of 1 for a bias."""
    if not isinstance(bias, bool | np.bool_):
        raise DataError(f"Coding: `bias` must be True or False, not {shown(bias)}.")
    given = plain(values, "Values to code")
    if given.ndim != 2 or given.dtype.kind not in "biuf":
        raise DataError(
            "Values to code must be numbers in an array of shape (n_trials, n_values), not "
            f"{given.dtype} of shape {given.shape}."
        )
    coded = given.astype(np.float64)
    if not np.isfinite(coded).all():
        row, column = np.argwhere(~np.isfinite(coded))[0]
        raise DataError(
            f"Values to code must be finite, and that of trial {row}, input {column} is {coded[row, column]}. "
            "Fill in what is missing, or drop the trial."
        )
    if coded.size and not 0 <= coded.min() <= coded.max() <= 1:
        raise DataError(
            f"Values to code must lie from 0 to 1, and go from {coded.min():g} to {coded.max():g}. "
            "Scale them: less the smallest, divided by the largest less the smallest."
        )
    return np.column_stack([coded, np.ones(len(coded))]) if bias else coded


def _one_hot(labels: ArrayLike, n_classes: int, n_trials: int) -> NDArray[np.float64]:
    """Return targets of classes."""
    given = plain(labels, "Labels to code")
    n_classes = whole_number(n_classes, "Coding: `n_classes`", error=DataError)
    if given.shape != (n_trials,):
        raise DataError(f"Coding: there are {n_trials} trials, but the labels have shape {given.shape}.")
    if given.size and (given.dtype.kind not in "iu" or not 0 <= given.min() <= given.max() < n_classes):
        raise DataError(
            f"Coding: labels must be whole numbers from 0 to {n_classes - 1} for {n_classes} classes, and are "
            f"{_told(given)}. Number the classes: np.unique(labels, return_inverse=True)[1]."
        )
    target = np.zeros((n_trials, n_classes))
    target[np.arange(n_trials), given.astype(np.int64)] = 1
    return target


def _told(labels: NDArray[np.generic]) -> str:
    """Return what labels are, on one line."""
    if labels.dtype.kind not in "iu":
        return f"{labels.dtype}, such as {labels[0]!s}"
    return f"from {labels.min()} to {labels.max()}"
