"""Temporal exclusive-or: two inputs, each of which spikes early or late, and the question is whether they differ.

There are four trials, which each split has. The answer is a class, whose output is to spike first, or the time of a
spike of one output.

Mostafa (2018), doi:10.1109/TNNLS.2017.2726060; Bohte, Kok and La Poutré (2002), doi:10.1016/S0925-2312(01)00658-0.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from workbench import Parameter, Task, TaskData, Trials, WorkbenchError, hookimpl


def load(
    late: float = 2, bias: float = 0, answer: str = "class", same: float = 16, different: float = 10,
    duration: float = 10, step: float = 0.01,
) -> TaskData:  # fmt: skip
    """Return the four trials; all times count from when early spikes arrive, at the end of the first step.

    Parameters
    ----------
    late : float
        When late spikes arrive [ms].
    bias : {0, 1}
        Whether there is a third input, which always spikes early.
    answer : {"class", "time"}
        An output for each class, 0 where the inputs are the same and 1 where they differ; or one output, whose target
        is the time of its spike since the trial began, negative, in milliseconds.
    same, different : float
        That time, where inputs are the same and where they differ, since early spikes arrive [ms].
    duration, step : float
        Of a trial, at whose end the loss counts, and of the grid of times [ms].

    Raises
    ------
    WorkbenchError
        Where a number is not one, or times do not fit into a trial.
    """
    if bias not in (0, 1):
        raise WorkbenchError(f"temporal_xor.bias: must be 0 or 1, not {bias:g}.")
    if not 0.001 <= step <= 1:
        raise WorkbenchError(f"temporal_xor.step: must lie from 0.001 to 1 ms, not {step:g}.")
    if not step <= duration <= 1000:
        raise WorkbenchError(f"temporal_xor.duration: must lie from a step to 1000 ms, not {duration:g}.")
    last = duration - step
    for name, value in (("late", late), ("same", same), ("different", different)):
        if not 0 < value <= last and (name == "late" or answer == "time"):
            raise WorkbenchError(f"temporal_xor.{name}: must lie above 0 and not above {last:g} ms, not {value:g}.")
    if late < step:
        raise WorkbenchError(f"temporal_xor.late: must be at least a step of {step:g} ms, not {late:g}.")
    n_steps = round(duration / step)
    answers = -np.array([[same], [different]]) - step if answer == "time" else np.eye(2)
    trials = _trials(n_steps, round(late / step), int(bias), answers)
    return TaskData(
        2 + int(bias), trials.target.shape[1], n_steps, step * 1e-3, trials, trials, trials,
        window=(n_steps - 1, n_steps), by_heart=True,
    )  # fmt: skip


def _trials(n_steps: int, late: int, bias: int, answers: NDArray[np.float64]) -> Trials:
    """Return the trials; `answers` are the targets where inputs are the same and where they differ."""
    is_late = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    spikes = np.hstack([is_late, np.zeros((4, bias), dtype=is_late.dtype)])
    raster = np.zeros((4, n_steps, spikes.shape[1]), dtype=bool)
    trial, neuron = np.indices(spikes.shape)
    raster[trial, spikes * late, neuron] = True
    return Trials.from_raster(raster, answers[is_late[:, 0] ^ is_late[:, 1]])


TEMPORAL_XOR = Task(
    name="temporal_xor",
    title="Temporal XOR",
    load=load,
    parameters=(
        Parameter(name="late", default=2, doc="When late spikes arrive after early ones [ms]."),
        Parameter(name="bias", default=0, doc="1 for a third input, which always spikes early."),
        Parameter(
            name="answer",
            default="class",
            choices=("class", "time"),
            doc="An output for each class; or the time of one output's spike, negative, in milliseconds.",
        ),
        Parameter(name="same", default=16, doc="That time, where inputs are the same [ms]."),
        Parameter(name="different", default=10, doc="That time, where inputs differ [ms]."),
        Parameter(name="duration", default=10, doc="Of a trial [ms]."),
        Parameter(name="step", default=0.01, doc="Of the grid of times [ms]."),
    ),
    doi="10.1109/TNNLS.2017.2726060",
)


@hookimpl
def workbench_tasks() -> Iterator[Task]:
    """Yield the task."""
    yield TEMPORAL_XOR
