"""Yin-Yang: points of the plane in three classes that no linear readout of the inputs separates.

Kriener, Goeltz and Petrovici (2022), doi:10.1145/3517343.3517380; the published splits, point for point.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workbench import Parameter, Task, TaskData, Trials, hookimpl, latency_coded, rate_coded, whole_parameter

R_BIG, R_SMALL = 0.5, 0.1

#: Seed and size of each published split.
SPLITS = {"train": (42, 5000), "validation": (41, 1000), "test": (40, 1000)}

_N_STEPS, _SPAN, _MOST = 100, 60, 0.25

#: Of inputs by their times: steps, their length, and the times of 0, of 1 and of the bias [second], as Wunderlich and
#: Pehle (2021) have them, doi:10.1038/s41598-021-91786-z.
_OF_TIMES, _DT, _AT_0, _AT_1, _AT_BIAS = 600, 1e-4, 10e-3, 40e-3, 20e-3


def class_of(x: float, y: float) -> int:
    """Return the class of a point within the disc: 0 and 1 are the halves, 2 the two dots."""
    to_left = math.sqrt((x - 0.5 * R_BIG) ** 2 + (y - R_BIG) ** 2)
    to_right = math.sqrt((x - 1.5 * R_BIG) ** 2 + (y - R_BIG) ** 2)
    if min(to_left, to_right) < R_SMALL:
        return 2
    in_left_half_circle = to_left <= 0.5 * R_BIG
    above_right_half_circle = y > R_BIG and to_right > 0.5 * R_BIG
    return int(in_left_half_circle or above_right_half_circle)


def points(seed: int, size: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return points of the disc and their classes.

    Parameters
    ----------
    seed : int
        Of the generator.
    size : int
        Number of points; those of a smaller size are the first of a larger one.

    Returns
    -------
    coordinates : ndarray of shape (size, 2)
        Between 0 and 1.
    classes : ndarray of shape (size,)
        0, 1 or 2, in equal shares on average: the class is drawn first, then points until one has it.
    """
    # The published data come from NumPy's legacy generator.
    random = np.random.RandomState(seed)
    coordinates = np.empty((size, 2))
    classes = np.empty(size, dtype=np.int64)
    for k in range(size):
        classes[k] = random.randint(3)
        while True:
            x, y = (2 * R_BIG * random.rand(2)).tolist()
            within = math.sqrt((x - R_BIG) ** 2 + (y - R_BIG) ** 2) <= R_BIG
            if within and class_of(x, y) == classes[k]:
                break
        coordinates[k] = x, y
    return coordinates, classes


def load(
    train: float = 5000, validation: float = 1000, test: float = 1000, coding: str = "latency", finer: float = 1
) -> TaskData:
    """Return the trials: inputs x, y, 1 - x, 1 - y and a bias.

    Parameters
    ----------
    train, validation, test : int
        How many trials of each published split, from its first.
    coding : {"latency", "rate", "times"}
        One spike each, the earlier the larger the value; up to 25 at equal distances; or one spike each, the later the
        larger, in steps of 0.1 ms, where the loss counts at the end alone.
    finer : int
        How many steps there are in place of one; input spikes arrive when they would without.

    Raises
    ------
    WorkbenchError
        Where a split has not as many, or steps would not be whole.
    """
    times = whole_parameter("yin_yang.finer", finer, 1, 1000)
    splits = (
        _finer(_trials("train", train, coding), times),
        _finer(_trials("validation", validation, coding), times),
        _finer(_trials("test", test, coding), times),
    )
    if coding == "times":
        count = _OF_TIMES * times
        return TaskData(5, 3, count, _DT / times, *splits, window=(count - times, count))
    return TaskData(5, 3, _N_STEPS * times, 1e-3 / times, *splits)


def _finer(trials: Trials, times: int) -> Trials:
    """Return trials in as many steps in place of one; what arrives does so at the end of a step."""
    return replace(trials, step=((trials.step + 1) * times - 1).astype(np.int32))


def _trials(name: str, size: float, coding: str) -> Trials:
    seed, published = SPLITS[name]
    coordinates, classes = points(seed, whole_parameter(f"yin_yang.{name}", size, 1, published))
    values = np.hstack([coordinates, 1 - coordinates])
    if coding == "times":
        return _timed(values, classes)
    if coding == "rate":
        return rate_coded(values, classes, 3, _N_STEPS, _MOST, bias=True)
    return latency_coded(values, classes, 3, _SPAN, silent_below=0.0, bias=True)


def _timed(values: NDArray[np.float64], classes: NDArray[np.int64]) -> Trials:
    """Return trials in which each input spikes once, the later the larger its value, and the bias at its own time."""
    times = np.hstack([_AT_0 + (_AT_1 - _AT_0) * values, np.full((len(values), 1), _AT_BIAS)])
    # What arrives at a time does so at the end of a step.
    steps = np.round(times / _DT).astype(np.int32) - 1
    count = steps.shape[1]
    return Trials(
        np.arange(len(values) + 1) * count,
        steps.ravel(),
        np.tile(np.arange(count, dtype=np.int32), len(values)),
        np.eye(3)[classes],
    )


YIN_YANG = Task(
    name="yin_yang",
    title="Yin-Yang",
    load=load,
    parameters=(
        *(
            Parameter(name=name, default=published, doc=f"Trials of the {name} split, from its first.")
            for name, (_, published) in SPLITS.items()
        ),
        Parameter(
            name="coding",
            default="latency",
            choices=("latency", "rate", "times"),
            doc="A spike each, the earlier the larger; the more spikes the larger; a spike each, the later the larger.",
        ),
        Parameter(
            name="finer", default=1, doc="Steps in place of one, as many times shorter; inputs arrive when they did."
        ),
    ),
    doi="10.1145/3517343.3517380",
)


@hookimpl
def workbench_tasks() -> Iterator[Task]:
    """Yield the task."""
    yield YIN_YANG
