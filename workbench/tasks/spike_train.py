"""A target spike train: the same input spikes again and again, and the steps at which each output is to spike."""

from collections.abc import Iterator

import numpy as np

from workbench import Parameter, Task, TaskData, Trials, WorkbenchError, hookimpl, whole_parameter

_DT = 1e-3


def load(
    inputs: float = 100, outputs: float = 1, rate: float = 10, spikes: float = 5, steps: float = 500, train: float = 20,
    pattern: float = 0,
) -> TaskData:  # fmt: skip
    """Return the trials, all of them the same.

    Parameters
    ----------
    inputs, outputs : int
        Neurons.
    rate : float
        Of each input, a Poisson process [Hz].
    spikes : int
        That each output is to emit, at equal distances.
    steps : int
        Of a trial, of 1 ms.
    train : int
        Presentations in an epoch; the other splits have one each.
    pattern : int
        The number of the frozen pattern.

    Raises
    ------
    WorkbenchError
        Where a number is not one, or too large.
    """
    given = {"inputs": inputs, "outputs": outputs, "spikes": spikes, "steps": steps, "train": train}
    n_inputs, n_outputs, n_spikes, n_steps, n_train = (
        whole_parameter(f"spike_train.{name}", value, 1) for name, value in given.items()
    )
    if not 0 < rate <= 1 / _DT:
        raise WorkbenchError(f"spike_train.rate: must lie above 0 and not above {1 / _DT:g} Hz, not {rate:g}.")
    number = whole_parameter("spike_train.pattern", pattern, 0)
    if spikes > steps / 2:
        raise WorkbenchError(f"spike_train.spikes: at most {steps / 2:g} fit into {steps:g} steps, not {spikes:g}.")
    generator = np.random.default_rng([number, n_inputs, n_steps])
    step, neuron = np.nonzero(generator.random((n_steps, n_inputs)) < rate * _DT)
    target = np.zeros((1, n_steps, n_outputs))
    for output in range(n_outputs):
        # Each output has its own phase.
        place = (np.arange(n_spikes) + (output + 1) / (n_outputs + 1)) * n_steps / n_spikes
        target[0, place.astype(np.int64), output] = 1.0
    start = np.array([0, len(step)], dtype=np.int64)
    once = Trials(start, step.astype(np.int32), neuron.astype(np.int32), target)
    again = once.take(np.zeros(n_train, dtype=np.int64))
    return TaskData(n_inputs, n_outputs, n_steps, _DT, again, once, once, targets="spikes")


SPIKE_TRAIN = Task(
    name="spike_train",
    title="Spike train",
    load=load,
    parameters=(
        Parameter(name="inputs", default=100, doc="Input neurons."),
        Parameter(name="outputs", default=1, doc="Outputs, each with a train of its own."),
        Parameter(name="rate", default=10, doc="Of each input [Hz]."),
        Parameter(name="spikes", default=5, doc="That each output is to emit."),
        Parameter(name="steps", default=500, doc="Of a trial, of 1 ms."),
        Parameter(name="train", default=20, doc="Presentations in an epoch."),
        Parameter(name="pattern", default=0, doc="Number of the frozen pattern."),
    ),
    targets="spikes",
    drawn=True,
    doi="10.1162/neco_a_01086",
)


@hookimpl
def workbench_tasks() -> Iterator[Task]:
    """Yield the task."""
    yield SPIKE_TRAIN
