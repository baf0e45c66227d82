"""Pattern generation: outputs that follow sums of sines, from the same input spikes again and again.

Bellec, Scherr, Subramoney, Hajek, Salaj, Legenstein and Maass (2020), doi:10.1038/s41467-020-17236-y; periods, ranges
and rates are those of the authors' program.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from workbench import Parameter, Task, TaskData, Trials, WorkbenchError, hookimpl, whole_parameter

_DT = 1e-3

#: As shares of a trial: of a trial of 1 s they are 1 s, 0.5 s, 1/3 s and 0.2 s.
_CYCLES = (1, 2, 3, 5)


def load(
    inputs: float = 100, outputs: float = 1, rate: float = 50, steps: float = 1000, train: float = 1,
    pattern: float = 0,
) -> TaskData:  # fmt: skip
    """Return the trials, all of them the same.

    Parameters
    ----------
    inputs, outputs : int
        Neurons.
    rate : float
        Of each input, a Poisson process [Hz].
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
    given = {
        "inputs": (inputs, 1),
        "outputs": (outputs, 1),
        "steps": (steps, 10),
        "train": (train, 1),
        "pattern": (pattern, 0),
    }
    n_inputs, n_outputs, n_steps, n_train, number = (
        whole_parameter(f"pattern_generation.{name}", value, least) for name, (value, least) in given.items()
    )
    if not 0 < rate <= 1 / _DT:
        raise WorkbenchError(f"pattern_generation.rate: must lie above 0 and not above {1 / _DT:g} Hz, not {rate:g}.")
    generator = np.random.default_rng([number, n_inputs, n_steps])
    step, neuron = np.nonzero(generator.random((n_steps, n_inputs)) < rate * _DT)
    target = np.stack([_sines(generator, n_steps) for _ in range(n_outputs)], axis=1)[None]
    start = np.array([0, len(step)], dtype=np.int64)
    once = Trials(start, step.astype(np.int32), neuron.astype(np.int32), target)
    again = once.take(np.zeros(n_train, dtype=np.int64))
    return TaskData(n_inputs, n_outputs, n_steps, _DT, again, once, once, targets="step")


def _sines(generator: np.random.Generator, n_steps: int) -> NDArray[np.float64]:
    """Return a sum of sines of random amplitudes and phases, which begins at 0 and whose largest value is 1."""
    amplitudes, phases = generator.uniform(0.5, 2.0, len(_CYCLES)), generator.uniform(0, 2 * np.pi, len(_CYCLES))
    angles = np.linspace(0, 2 * np.pi, n_steps)[:, None] * _CYCLES
    total: NDArray[np.float64] = (amplitudes * np.sin(angles + phases)).sum(axis=1)
    total -= total[0]
    return np.asarray(total / np.abs(total).max())


PATTERN_GENERATION = Task(
    name="pattern_generation",
    title="Pattern generation",
    load=load,
    parameters=(
        Parameter(name="inputs", default=100, doc="Input neurons."),
        Parameter(name="outputs", default=1, doc="Outputs, each with a pattern of its own."),
        Parameter(name="rate", default=50, doc="Of each input [Hz]."),
        Parameter(name="steps", default=1000, doc="Of a trial, of 1 ms."),
        Parameter(name="train", default=1, doc="Presentations in an epoch."),
        Parameter(name="pattern", default=0, doc="Number of the frozen pattern."),
    ),
    targets="step",
    drawn=True,
    doi="10.1038/s41467-020-17236-y",
)


@hookimpl
def workbench_tasks() -> Iterator[Task]:
    """Yield the task."""
    yield PATTERN_GENERATION
