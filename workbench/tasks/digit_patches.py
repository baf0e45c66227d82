"""Patches of digits: squares of 4 x 4 pixels of real handwritten digits, rate coded, to be told again."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workbench import Parameter, Task, TaskData, Trials, hookimpl, rate_coded, whole_parameter
from workbench.tasks.digits import split

#: Pixels of a side, and the least standard deviation of a patch that shows something.
SIDE, LEAST = 4, 0.1

_DT, _MOST = 1e-3, 0.25


def patches(images: NDArray[np.float64], count: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Return patches at random places of random images.

    Parameters
    ----------
    images : ndarray of shape (n_images, height, width)
        With values from 0 to 1.
    count : int
        How many patches.
    generator : numpy.random.Generator
        Of the draws; patches whose standard deviation is below `LEAST` are drawn again.

    Returns
    -------
    ndarray of shape (count, SIDE * SIDE)
        Row by row.
    """
    corners = [(y, x) for y in range(images.shape[1] - SIDE + 1) for x in range(images.shape[2] - SIDE + 1)]
    every = np.concatenate([images[:, y : y + SIDE, x : x + SIDE].reshape(-1, SIDE**2) for y, x in corners])
    shown = every[every.std(axis=1) > LEAST]
    chosen: NDArray[np.float64] = shown[generator.choice(len(shown), size=count, replace=False)]
    return chosen


def load(steps: float = 500, train: float = 1000, validation: float = 300, test: float = 300) -> TaskData:
    """Return the trials: 16 inputs, one per pixel, that spike the more the darker the ink; targets are the pixels.

    Parameters
    ----------
    steps : int
        Of a trial, of 1 ms; outputs count in its second half.
    train, validation, test : int
        Patches of each split, each from the images of that split of the digits.

    Raises
    ------
    WorkbenchError
        Where one is no whole number, or too small or large.
    """
    from sklearn.datasets import load_digits

    given = {"steps": steps, "train": train, "validation": validation, "test": test}
    n_steps, *counts = (whole_parameter(f"digit_patches.{name}", value, 2, 5000) for name, value in given.items())
    digits = load_digits()
    generator = np.random.default_rng(0)

    def trials(part: NDArray[np.int64], count: int) -> Trials:
        values = patches(digits.images[part] / 16, count, generator)
        coded = rate_coded(values, np.zeros(len(values), dtype=np.int64), 1, n_steps, _MOST, False)
        return replace(coded, target=values)

    first, second, third = (trials(part, count) for part, count in zip(split(digits.target), counts, strict=True))
    return TaskData(SIDE**2, SIDE**2, n_steps, _DT, first, second, third, window=(n_steps // 2, n_steps))


DIGIT_PATCHES = Task(
    name="digit_patches",
    title="Digit patches",
    load=load,
    parameters=(
        Parameter(name="steps", default=500, doc="Of a trial, of 1 ms."),
        Parameter(name="train", default=1000, doc="Patches of the training split."),
        Parameter(name="validation", default=300, doc="Patches of the validation split."),
        Parameter(name="test", default=300, doc="Patches of the test split."),
    ),
    doi="10.24432/C50P49",
)


@hookimpl
def workbench_tasks() -> Iterator[Task]:
    """Yield the task."""
    yield DIGIT_PATCHES
