"""A task: trials of input spikes with targets, split into train, validation and test."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.blame import described
from workbench.errors import StudyError, WorkbenchError, nearest
from workbench.rule import Parameter
from workbench.target import Targets


@dataclass(frozen=True, eq=False)
class Trials:
    """Input spikes and targets of some trials.

    Attributes
    ----------
    start : ndarray of shape (n_trials + 1,), int64
        Events of trial k are those from ``start[k]`` until before ``start[k + 1]``.
    step : ndarray of shape (n_events,), int32
        Time step of each event within its trial, not decreasing within a trial.
    neuron : ndarray of shape (n_events,), int32
        Input neuron of each event; at most one event per neuron and step.
    target : ndarray of shape (n_trials, n_outputs) or (n_trials, n_steps, n_outputs), float64
        What the loss compares the readout with, constant over the trial or for each step; one-hot for classes, 1 where
        there is a spike.
    """

    start: NDArray[np.int64]
    step: NDArray[np.int32]
    neuron: NDArray[np.int32]
    target: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.target)

    @property
    def classified(self) -> bool:
        """Whether the targets are classes."""
        return self.target.ndim == 2

    @property
    def label(self) -> NDArray[np.int64]:
        """The class of each trial, shape (n_trials,); has no meaning where targets change within a trial."""
        return np.asarray(np.argmax(self.target, axis=1))

    def take(self, index: NDArray[np.int64]) -> "Trials":
        """Return the trials of the given numbers, in that order."""
        counts = np.diff(self.start)[index]
        start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        events = np.repeat(self.start[:-1][index] - start[:-1], counts) + np.arange(start[-1])
        return Trials(start, self.step[events], self.neuron[events], self.target[index])

    def raster(self, n_steps: int, n_inputs: int) -> NDArray[np.float64]:
        """Return the input spikes as an array of shape (n_trials, n_steps, n_inputs) of 0 and 1."""
        dense = np.zeros((len(self), n_steps, n_inputs))
        dense[np.repeat(np.arange(len(self)), np.diff(self.start)), self.step, self.neuron] = 1.0
        return dense


@dataclass(frozen=True, eq=False)
class TaskData:
    """What a task gives a study.

    Attributes
    ----------
    n_inputs, n_outputs : int
        Numbers of input neurons and of outputs (classes).
    n_steps : int
        Steps of a trial.
    dt : float
        Length of a step [second].
    train, validation, test : Trials
        The three splits.
    window : tuple of int
        The loss counts from the first of these steps until before the second; (0, 0) stands for the whole trial.
    targets : {"trial", "step", "spikes"}
        What is wanted: the class of a trial (a value for each output), values for each step, or spikes.
    """

    n_inputs: int
    n_outputs: int
    n_steps: int
    dt: float
    train: Trials
    validation: Trials
    test: Trials
    window: tuple[int, int] = (0, 0)
    targets: Targets = "trial"

    def __post_init__(self) -> None:
        for name in ("train", "validation", "test"):
            split: Trials = getattr(self, name)
            if len(split) == 0:
                raise StudyError(f"Split '{name}' of the task has no trials; each split needs at least one.")
            _refuse_misfit(f"Split '{name}' of the task", split, self)


def _refuse_misfit(what: str, split: Trials, data: TaskData) -> None:
    """Refuse trials that the engine and the reference would read differently, or not at all."""
    needed = (data.n_outputs,) if data.targets == "trial" else (data.n_steps, data.n_outputs)
    if split.target.shape[1:] != needed:
        raise StudyError(
            f"{what} has targets of shape {split.target.shape[1:]} for each trial, which must be {needed}."
        )
    if data.targets == "spikes" and not np.isin(split.target, (0, 1)).all():
        raise StudyError(f"{what} has targets other than 0 (no spike) and 1 (a spike).")
    for events, size, kind in ((split.step, data.n_steps, "steps"), (split.neuron, data.n_inputs, "inputs")):
        if len(events) and not 0 <= events.min() <= events.max() < size:
            raise StudyError(
                f"{what} has spikes beyond its {kind}: there are 0 to {size - 1}, and spikes from {events.min()} to "
                f"{events.max()}."
            )
    trial = np.repeat(np.arange(len(split)), np.diff(split.start))
    places = (trial * data.n_steps + split.step) * data.n_inputs + split.neuron
    # In order as a rule, which is seen ten times as fast as it is made.
    if not (places[1:] > places[:-1]).all() and len(np.unique(places)) < len(places):
        raise StudyError(f"{what} has an input neuron that spikes twice in a step. Give each step one spike at most.")


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task as a plugin offers it.

    Attributes
    ----------
    name, title : str
        What study files call it; as in figures.
    load : callable
        Returns a `TaskData`; is called with the parameters by name.
    parameters : tuple of Parameter
        What a study may set.
    targets : {"trial", "step", "spikes"}
        What the data want of the outputs.
    doi : str
        Of the data set.
    """

    name: str
    title: str
    load: Callable[..., TaskData]
    parameters: tuple[Parameter, ...] = field(default=())
    targets: Targets = "trial"
    doi: str = ""

    def data(self, **values: Any) -> TaskData:
        """Return the data for some parameters; the others keep their defaults.

        Raises
        ------
        StudyError
            Where a parameter is unknown or none of its choices, the data cannot be loaded, or their targets are others
            than the task declares.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name, value in values.items():
            if name not in known:
                raise StudyError(f"Task '{self.name}' has no parameter '{name}'. {nearest(name, known)}")
            choices = known[name].choices
            if choices and value not in choices:
                raise StudyError(
                    f"{self.name}.{name}: '{value}' is none of its choices. {nearest(str(value), choices)}"
                )
        defaults = {parameter.name: parameter.default for parameter in self.parameters}
        data = self._loaded(defaults | values)
        if data.targets != self.targets:
            raise StudyError(
                f"Task '{self.name}' declares targets '{self.targets}', but its data have '{data.targets}'."
            )
        return data

    def _loaded(self, values: dict[str, Any]) -> TaskData:
        try:
            data: object = self.load(**values)
        # Ctrl-C is the user's, and what is refused has its sentence.
        except (KeyboardInterrupt, WorkbenchError):
            raise
        # A task is anybody's code, which may raise anything, or leave: that must not pass for an end.
        except BaseException as error:
            raise StudyError(f"Task '{self.name}' cannot be loaded: {described(error)}.") from error
        if not isinstance(data, TaskData):
            raise StudyError(f"Task '{self.name}' gives an object of type '{type(data).__name__}', not a TaskData.")
        return data


def rate_coded(
    values: NDArray[np.float64], labels: NDArray[np.int64], n_classes: int, n_steps: int, most: float, bias: bool
) -> Trials:
    """Return trials in which each input spikes at equal distances, the more often the larger its value.

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
    StudyError
        Where a value or `most` lies elsewhere.
    """
    if bias:
        values = np.column_stack([values, np.ones(len(values))])
    if not (values.min(initial=0) >= 0 and values.max(initial=0) <= 1 and 0 < most <= 1):
        raise StudyError("Rate coding takes values from 0 to 1, and at most one spike in a step.")
    # Each input has a phase of its own, so that they do not all spike at once.
    phase = np.modf(np.arange(values.shape[1]) * 0.6180339887498949)[0]
    reached = np.floor(phase + np.arange(n_steps + 1)[:, None, None] * most * values)
    step, trial, neuron = np.nonzero(np.diff(reached, axis=0))
    order = np.argsort(trial * n_steps + step, kind="stable")
    start = np.searchsorted(trial[order], np.arange(len(values) + 1)).astype(np.int64)
    return Trials(start, step[order].astype(np.int32), neuron[order].astype(np.int32), np.eye(n_classes)[labels])


def latency_coded(
    values: NDArray[np.float64], labels: NDArray[np.int64], n_classes: int, span: int, silent_below: float, bias: bool
) -> Trials:
    """Return trials in which each input spikes once, the earlier the larger its value.

    Parameters
    ----------
    values : ndarray of shape (n_trials, n_values)
        Between 0 and 1.
    labels : ndarray of shape (n_trials,)
        Classes from 0.
    n_classes : int
        Number of classes.
    span : int
        A value x spikes at step round((1 - x) * span) + 1.
    silent_below : float
        Smaller values do not spike.
    bias : bool
        Add an input neuron, the last, that always spikes at step 1.

    Returns
    -------
    Trials
        With one-hot targets.
    """
    if bias:
        values = np.column_stack([values, np.ones(len(values))])
    trial, neuron = np.nonzero(values >= silent_below)
    step = np.round((1.0 - values[trial, neuron]) * span).astype(np.int32) + 1
    # Neurons are in order already.
    order = np.argsort(trial * (span + 2) + step, kind="stable")
    start = np.searchsorted(trial[order], np.arange(len(values) + 1)).astype(np.int64)
    return Trials(start, step[order], neuron[order].astype(np.int32), np.eye(n_classes)[labels])
