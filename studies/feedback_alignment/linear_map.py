"""A random linear map of which inputs spike: what Lillicrap et al. (2016) had a linear network learn."""

from collections.abc import Iterator

import numpy as np

from workbench import Task, TaskData, Trials, hookimpl

INPUTS, OUTPUTS, STEPS = 30, 10, 60


def load() -> TaskData:
    """Return trials in which each of 30 inputs spikes once or not at all, and one more, the bias, always does."""
    generator = np.random.default_rng(16)
    matrix = generator.uniform(-1, 1, size=(INPUTS, OUTPUTS))

    def trials(count: int) -> Trials:
        present = np.column_stack([generator.random((count, INPUTS)) < 0.5, np.ones(count, dtype=bool)])
        trial, neuron = np.nonzero(present)
        start = np.searchsorted(trial, np.arange(count + 1)).astype(np.int64)
        wanted = (present[:, :INPUTS] - 0.5) @ matrix
        return Trials(start, np.ones(len(trial), dtype=np.int32), neuron.astype(np.int32), wanted)

    return TaskData(INPUTS + 1, OUTPUTS, STEPS, 1e-3, trials(1000), trials(200), trials(200), window=(20, STEPS))


@hookimpl
def workbench_tasks() -> Iterator[Task]:
    """Yield the map."""
    yield Task(name="linear_map", title="Linear map", load=load)
