"""A pattern to be generated: an output is to follow a sum of sines from the start of a trial on, after one spike."""

from collections.abc import Iterator

import numpy as np

from workbench import Parameter, Task, TaskData, Trials, WorkbenchError, hookimpl, whole_parameter

_DT = 5e-4


def load(sines: float = 1, frequency: float = 5, steps: float = 2000, train: float = 10, draw: float = 0) -> TaskData:
    """Return the trials, all of them the same.

    Parameters
    ----------
    sines : int
        How many are added up, of 1, 2, ... times the frequency, with random phases where there are several.
    frequency : float
        Of the first [Hz].
    steps : int
        Of a trial, of 0.5 ms.
    train : int
        Presentations in an epoch; the other splits have one each.
    draw : int
        The number of the draw of phases.

    Raises
    ------
    WorkbenchError
        Where a number is not one, or above what the steps resolve.
    """
    given = {"sines": (sines, 1), "steps": (steps, 1), "train": (train, 1), "draw": (draw, 0)}
    n_sines, n_steps, n_train, drawn = (
        whole_parameter(f"sum_of_sines.{name}", value, least) for name, (value, least) in given.items()
    )
    if not 0 < frequency * sines <= 0.5 / _DT:
        raise WorkbenchError(
            f"sum_of_sines.frequency: {sines:g} times it must lie above 0 and not above {0.5 / _DT:g} Hz, "
            f"not {frequency * sines:g}."
        )
    number = np.arange(1, n_sines + 1)
    phase = np.random.default_rng(drawn).uniform(0, 2 * np.pi, len(number)) * (len(number) > 1)
    time = np.arange(n_steps) * _DT
    course = np.sin(2 * np.pi * frequency * number[:, None] * time + phase[:, None]).sum(axis=0)
    cue = np.zeros((1, n_steps, 1))
    cue[0, 0, 0] = 1.0
    once = Trials.from_raster(cue, course[None, :, None] / np.sqrt(len(number)))
    again = once.take(np.zeros(n_train, dtype=np.int64))
    return TaskData(1, 1, n_steps, _DT, again, once, once, targets="step")


SUM_OF_SINES = Task(
    name="sum_of_sines",
    title="Sum of sines",
    load=load,
    parameters=(
        Parameter(name="sines", default=1, doc="How many are added up."),
        Parameter(name="frequency", default=5, doc="Of the first [Hz]; the others are its multiples."),
        Parameter(name="steps", default=2000, doc="Of a trial, of 0.5 ms."),
        Parameter(name="train", default=10, doc="Presentations in an epoch."),
        Parameter(name="draw", default=0, doc="Number of the draw of phases."),
    ),
    targets="step",
)


@hookimpl
def workbench_tasks() -> Iterator[Task]:
    """Yield the task."""
    yield SUM_OF_SINES
