"""A contextual bandit: each context has an answer that is worth most, and nobody says which, but what answers bring.

A context is a pattern of input spikes, each input with one spike at a latency of its own, which varies a little from
trial to trial. What the answers are worth in it are the numbers from `best` down to 1 - `best` at equal distances, in
an order of its own: as a chance of 1, or for certain. Answers that are drawn bring 0.5. The target is the answer that
is worth most, which only those rules see that are told a target; accuracy is the share of trials with that answer.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from workbench import Parameter, Rewards, Task, TaskData, Trials, WorkbenchError, hookimpl, whole_parameter

_DT, _INPUTS, _LATEST, _STEPS, _JITTER = 1e-3, 20, 40, 60, 1.0

#: The last steps of a trial, in which the loss and the answer count.
_WINDOW = (20, _STEPS)

#: Seed of each split, which is part of the task.
_SEEDS = {"train": 0, "validation": 1, "test": 2}


def load(
    rewards: str = "probabilistic", contexts: float = 8, answers: float = 4, best: float = 0.8,
    train: float = 1000, validation: float = 400, test: float = 400,
) -> TaskData:  # fmt: skip
    """Return the trials: 20 inputs, and an output for each answer.

    Parameters
    ----------
    rewards : {"probabilistic", "graded"}
        Whether an answer brings 1 with the chance that it is worth, else 0; or what it is worth, for certain.
    contexts, answers : int
        Their numbers.
    best : float
        What the best answer of each context is worth on average, above 0.5 and at most 1.
    train, validation, test : int
        Trials of each split, of all contexts as often but for one.

    Raises
    ------
    WorkbenchError
        Where a number is not one, or too large.
    """
    n_contexts, n_answers = (
        whole_parameter(f"bandit.{name}", value, 2) for name, value in (("contexts", contexts), ("answers", answers))
    )
    counts = {"train": train, "validation": validation, "test": test}
    sizes = {name: whole_parameter(f"bandit.{name}", count, n_contexts) for name, count in counts.items()}
    if not 0.5 < best <= 1:
        raise WorkbenchError(f"bandit.best: must lie above 0.5 and not above 1, not {best:g}.")
    generator = np.random.default_rng([n_contexts, n_answers])
    latency = generator.integers(1, _LATEST, size=(n_contexts, _INPUTS))
    order = generator.permutation(n_contexts)
    value = np.linspace(best, 1 - best, n_answers)
    worth = np.empty((n_contexts, n_answers))
    for context in range(n_contexts):
        # Each answer is the best of as many contexts, but for one.
        first = order[context] % n_answers
        others = generator.permutation(np.delete(np.arange(n_answers), first))
        worth[context, [first, *others]] = value
    first, second, third = (_trials(name, count, latency, worth, rewards) for name, count in sizes.items())
    return TaskData(_INPUTS, n_answers, _STEPS, _DT, first, second, third, window=_WINDOW)


def _trials(split: str, count: int, latency: NDArray[np.int64], worth: NDArray[np.float64], rewards: str) -> Trials:
    generator = np.random.default_rng([_SEEDS[split], *worth.shape])
    context = generator.permutation(np.arange(count) % len(worth))
    moved = latency[context] + np.rint(_JITTER * generator.standard_normal((count, _INPUTS))).astype(np.int64)
    raster = np.zeros((count, _STEPS, _INPUTS), dtype=bool)
    raster[np.arange(count)[:, None], np.clip(moved, 1, _STEPS - 1), np.arange(_INPUTS)] = True
    expected = worth[context]
    told = Rewards(expected) if rewards == "graded" else Rewards(np.ones_like(expected), expected)
    plain = Trials.from_raster(raster, told.target)
    return Trials(plain.start, plain.step, plain.neuron, plain.target, rewards=told)


BANDIT = Task(
    name="bandit",
    title="Contextual bandit",
    load=load,
    drawn=True,
    rewarded=True,
    parameters=(
        Parameter(
            name="rewards", default="probabilistic", choices=("probabilistic", "graded"),
            doc="Whether an answer brings 1 by chance, or what it is worth for certain.",
        ),
        Parameter(name="contexts", default=8, doc="Patterns of input spikes."),
        Parameter(name="answers", default=4, doc="Outputs."),
        Parameter(name="best", default=0.8, doc="What the best answer of a context is worth on average."),
        Parameter(name="train", default=1000, doc="Trials of the training split."),
        Parameter(name="validation", default=400, doc="Trials of the validation split."),
        Parameter(name="test", default=400, doc="Trials of the test split."),
    ),
)  # fmt: skip


@hookimpl
def workbench_tasks() -> Iterator[Task]:
    """Yield the task."""
    yield BANDIT
