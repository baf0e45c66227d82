"""Nothing is told and nothing is wanted: what a network does by itself, while its weights learn from that."""

from collections.abc import Iterator

import numpy as np

from workbench import Parameter, Task, TaskData, Trials, WorkbenchError, hookimpl, whole_parameter


def load(steps: float = 1000, step: float = 1.0, train: float = 1) -> TaskData:
    """Return trials with an input that spikes once, as they begin, and an output that is to stay at 0.

    Parameters
    ----------
    steps : int
        Of a trial.
    step : float
        Length of each [ms].
    train : int
        Trials in an epoch; the other splits have one each.

    Raises
    ------
    WorkbenchError
        Where a number is out of its bounds.
    """
    n_steps = whole_parameter("spontaneous.steps", steps, 2)
    n_train = whole_parameter("spontaneous.train", train, 1)
    if not 0.001 <= step <= 10:
        raise WorkbenchError(f"spontaneous.step: must lie from 0.001 to 10 ms, not {step:g}.")
    once = Trials(np.array([0, 1]), np.zeros(1, np.int32), np.zeros(1, np.int32), np.zeros((1, 1)))
    again = once.take(np.zeros(n_train, dtype=np.int64))
    return TaskData(1, 1, n_steps, 1e-3 * step, again, once, once, by_heart=True)


SPONTANEOUS = Task(
    name="spontaneous",
    title="Spontaneous activity",
    load=load,
    parameters=(
        Parameter(name="steps", default=1000, doc="Of a trial."),
        Parameter(name="step", default=1.0, doc="Length of each [ms]."),
        Parameter(name="train", default=1, doc="Trials in an epoch; the other splits have one each."),
    ),
)


@hookimpl
def workbench_tasks() -> Iterator[Task]:
    """Yield the task."""
    yield SPONTANEOUS
