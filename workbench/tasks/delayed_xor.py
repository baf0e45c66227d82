"""Delayed exclusive-or: two cues, one after the other, and the question is whether they differ.

Either cue excites one of the same two groups of inputs, so that neither cue alone tells the answer. Nor does any sum
over spikes that is linear in the counts, which are 10 and 10 of the groups where the cues differ and 20 and 0, or 0
and 20, where they are the same. A function of the counts that is not linear does: the task needs that they are added up
over the gap, and no order.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from workbench import Parameter, Task, TaskData, Trials, WorkbenchError, hookimpl, whole_parameter

_DT, _GROUP, _CUE, _RESPONSE = 1e-3, 10, 10, 30

#: Seed of each split, which is part of the task.
_SEEDS = {"train": 0, "validation": 1, "test": 2}


def load(
    gap: float = 20, noise: float = 5, train: float = 1000, validation: float = 500, test: float = 500
) -> TaskData:
    """Return the trials: two groups of 10 inputs and a bias, two classes.

    Each cue lasts 10 steps, in which each neuron of its group spikes once. The loss counts in the last 30 steps, of
    which the first is the one after the second cue.

    Parameters
    ----------
    gap : int
        Steps between the end of the first cue and the start of the second.
    noise : float
        Rate of the further spikes of each input, a Poisson process [Hz].
    train, validation, test : int
        Trials of each split.

    Raises
    ------
    WorkbenchError
        Where a number is not one, or too large.
    """
    between = whole_parameter("delayed_xor.gap", gap, 0)
    counts = {"train": train, "validation": validation, "test": test}
    sizes = {name: whole_parameter(f"delayed_xor.{name}", count, 4) for name, count in counts.items()}
    if not 0 <= noise <= 100:
        raise WorkbenchError(f"delayed_xor.noise: must lie from 0 to 100 Hz, not {noise:g}.")
    n_steps = 1 + 2 * _CUE + between + _RESPONSE
    first, second, third = (_trials(name, count, between, noise, n_steps) for name, count in sizes.items())
    return TaskData(2 * _GROUP + 1, 2, n_steps, _DT, first, second, third, window=(n_steps - _RESPONSE, n_steps))


def _trials(name: str, count: int, gap: int, noise: float, n_steps: int) -> Trials:
    generator = np.random.default_rng([_SEEDS[name], gap])
    # All four pairs of cues, as often.
    pair = generator.permutation(np.arange(count) % 4)
    raster = generator.random((count, n_steps, 2 * _GROUP + 1)) < noise * _DT
    raster[:, :, -1] = False
    for place, cue in enumerate((pair // 2, pair % 2)):
        step = 1 + place * (_CUE + gap) + generator.integers(_CUE, size=(count, _GROUP))
        neuron = cue[:, None] * _GROUP + np.arange(_GROUP)
        raster[np.arange(count)[:, None], step, neuron] = True
    # The bias, which has no noise.
    raster[:, 1, -1] = True
    return _listed(raster, np.eye(2)[pair // 2 ^ pair % 2])


def _listed(raster: NDArray[np.bool_], target: NDArray[np.float64]) -> Trials:
    trial, step, neuron = np.nonzero(raster)
    start = np.concatenate([[0], np.cumsum(np.bincount(trial, minlength=len(raster)))])
    return Trials(start.astype(np.int64), step.astype(np.int32), neuron.astype(np.int32), target)


DELAYED_XOR = Task(
    name="delayed_xor",
    title="Delayed XOR",
    load=load,
    drawn=True,
    parameters=(
        Parameter(name="gap", default=20, doc="Steps of 1 ms between the two cues."),
        Parameter(name="noise", default=5, doc="Rate of further spikes of each input [Hz]."),
        Parameter(name="train", default=1000, doc="Trials of the training split."),
        Parameter(name="validation", default=500, doc="Trials of the validation split."),
        Parameter(name="test", default=500, doc="Trials of the test split."),
    ),
)


@hookimpl
def workbench_tasks() -> Iterator[Task]:
    """Yield the task."""
    yield DELAYED_XOR
