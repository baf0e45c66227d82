"""Digits: 1,797 real handwritten digits of 8 x 8 pixels, latency coded."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from workbench import (
    Parameter,
    Task,
    TaskData,
    WorkbenchError,
    hookimpl,
    latency_coded,
    poisson_coded,
    rate_coded,
    whole_parameter,
)

N_VALIDATION, N_TEST = 299, 300

#: The split is part of the task, so it does not depend on a study's seed.
_SPLIT = 0

_N_STEPS, _SPAN, _SILENT_BELOW, _MOST = 100, 60, 0.05, 0.25

#: Fewer steps would cut the times of spikes off.
_FEWEST = _SPAN + 2


def split(labels: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return the numbers of the images in train, validation and test split, with equal shares of each class."""
    from sklearn.model_selection import train_test_split

    index = np.arange(len(labels))
    rest, test = train_test_split(index, test_size=N_TEST, stratify=labels, random_state=_SPLIT)
    train, validation = train_test_split(rest, test_size=N_VALIDATION, stratify=labels[rest], random_state=_SPLIT)
    return train, validation, test


def load(
    bias: float = 0, coding: str = "latency", steps: float = _N_STEPS, step: float = 1, most: float = _MOST
) -> TaskData:
    """Return the trials: 64 inputs, one per pixel, that spike the earlier, or the more, the darker the ink.

    Parameters
    ----------
    bias : {0, 1}
        1 adds an input neuron, the last, that spikes as one of full ink.
    coding : {"latency", "rate", "poisson"}
        One spike each, the earlier the larger the value; at equal distances, up to one in four steps; or as many on
        average, by chance and anew in each epoch.
    steps : int
        Of a trial.
    step : float
        Length of each [ms].
    most : float
        Spikes of full ink in a step, where they are more than one.

    Raises
    ------
    WorkbenchError
        Where `bias` is neither, or a number is out of its bounds.
    """
    from sklearn.datasets import load_digits

    if bias not in (0, 1):
        raise WorkbenchError(f"digits.bias: must be 0 or 1, not {bias}.")
    n_steps = whole_parameter("digits.steps", steps, _FEWEST)
    for name, value, largest in (("step", step, 10), ("most", most, 1)):
        if not 0.001 <= value <= largest:
            raise WorkbenchError(f"digits.{name}: must lie from 0.001 to {largest}, not {value:g}.")
    images = load_digits()
    values, labels, has_bias = images.data / 16, images.target, bool(bias)
    if coding == "rate":
        trials = rate_coded(values, labels, 10, n_steps, most, has_bias)
    elif coding == "poisson":
        trials = poisson_coded(values, labels, 10, n_steps, most, has_bias)
    else:
        trials = latency_coded(values, labels, 10, _SPAN, _SILENT_BELOW, has_bias)
    train, validation, test = (trials.take(part) for part in split(images.target))
    return TaskData(64 + int(bias), 10, n_steps, 1e-3 * step, train, validation, test)


DIGITS = Task(
    name="digits",
    title="Digits",
    load=load,
    parameters=(
        Parameter(name="bias", default=0, doc="1 adds an input neuron that spikes in each trial."),
        Parameter(
            name="coding",
            default="latency",
            choices=("latency", "rate", "poisson"),
            doc="One spike each, the earlier the larger; the more spikes the larger; or these by chance.",
        ),
        Parameter(name="steps", default=_N_STEPS, doc=f"Of a trial, at least {_FEWEST}."),
        Parameter(name="step", default=1.0, doc="Length of each [ms]."),
        Parameter(name="most", default=_MOST, doc="Spikes of full ink in a step, where they are more than one."),
    ),
    doi="10.24432/C50P49",
)


@hookimpl
def workbench_tasks() -> Iterator[Task]:
    """Yield the task."""
    yield DIGITS
