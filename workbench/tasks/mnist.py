"""MNIST: the 10,000 handwritten digits of its test files, of 28 x 28 pixels, latency coded."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from workbench import Parameter, Task, TaskData, WorkbenchError, hookimpl, latency_coded, poisson_coded, whole_parameter
from workbench.common.idx import read_idx

#: By index, in this order.
N_TRAIN, N_VALIDATION, N_TEST = 7000, 1000, 2000

_SIZES = {"train": N_TRAIN, "validation": N_VALIDATION, "test": N_TEST}

_N_STEPS, _SPAN, _SILENT_BELOW, _MOST = 100, 60, 0.05, 0.1

#: Fewer steps would cut the times of spikes off.
_FEWEST = _SPAN + 2


def data_folder(folder: str) -> Path:
    """Return where the files are: the folder that is given, or the one that ``$WORKBENCH_DATA`` names.

    Raises
    ------
    WorkbenchError
        Where neither is given.
    """
    named = folder or os.environ.get("WORKBENCH_DATA", "")
    if not named:
        raise WorkbenchError(
            "mnist.folder: names the folder of 't10k-images-idx3-ubyte.gz' and 't10k-labels-idx1-ubyte.gz', and is not "
            "given. Set it, or the variable WORKBENCH_DATA."
        )
    return Path(named)


def load(
    folder: str = "", coding: str = "latency", steps: float = _N_STEPS, step: float = 1, most: float = _MOST,
    **sizes: float,
) -> TaskData:  # fmt: skip
    """Return the trials: 784 inputs, one per pixel, that spike the earlier, or the more, the darker the ink.

    Parameters
    ----------
    folder : str
        Of the two files; ``$WORKBENCH_DATA`` where it is empty.
    coding : {"latency", "poisson"}
        One spike each, the earlier the larger the value, or by chance, anew in each epoch.
    steps : int
        Of a trial.
    step : float
        Length of each [ms].
    most : float
        Spikes of full ink in a step, where they are by chance.
    **sizes : int
        `train`, `validation`, `test`: numbers of images, the first of those from index 0, 7000 and 8000.

    Raises
    ------
    WorkbenchError
        Where the files are not there, damaged, or others, or a number is out of its bounds.
    """
    n_steps = whole_parameter("mnist.steps", steps, _FEWEST)
    for name, value, largest in (("step", step, 10), ("most", most, 1)):
        if not 0.001 <= value <= largest:
            raise WorkbenchError(f"mnist.{name}: must lie from 0.001 to {largest}, not {value:g}.")
    place, n_images = data_folder(folder), sum(_SIZES.values())
    images = read_idx(place / "t10k-images-idx3-ubyte.gz", (n_images, 28, 28), "image")
    labels = read_idx(place / "t10k-labels-idx1-ubyte.gz", (n_images,), "label", largest=9)
    splits = []
    first = 0
    for name, size in _SIZES.items():
        part = slice(first, first + whole_parameter(f"mnist.{name}", sizes.get(name, size), 1, size))
        pixels = images[part].reshape(-1, 784) / 255
        own = labels[part].astype(np.int64)
        if coding == "poisson":
            # Splits draw by numbers of their own.
            splits.append(poisson_coded(pixels, own, 10, n_steps, most, bias=False, seed=first))
        else:
            splits.append(latency_coded(pixels, own, 10, _SPAN, _SILENT_BELOW, bias=False))
        first += size
    return TaskData(784, 10, n_steps, 1e-3 * step, splits[0], splits[1], splits[2])


MNIST = Task(
    name="mnist",
    title="MNIST",
    load=load,
    parameters=(
        Parameter(name="folder", default="", doc="Folder of the two IDX files; $WORKBENCH_DATA where it is empty."),
        Parameter(
            name="coding",
            default="latency",
            choices=("latency", "poisson"),
            doc="One spike each, the earlier the larger, or the more the larger, by chance and anew in each epoch.",
        ),
        Parameter(name="train", default=N_TRAIN, doc=f"Training images, at most {N_TRAIN}."),
        Parameter(name="validation", default=N_VALIDATION, doc=f"Validation images, at most {N_VALIDATION}."),
        Parameter(name="test", default=N_TEST, doc=f"Test images, at most {N_TEST}."),
        Parameter(name="steps", default=_N_STEPS, doc=f"Of a trial, at least {_FEWEST}."),
        Parameter(name="step", default=1.0, doc="Length of each [ms]."),
        Parameter(name="most", default=_MOST, doc="Spikes of full ink in a step, where they are by chance."),
    ),
    doi="10.1109/5.726791",
)


@hookimpl
def workbench_tasks() -> Iterator[Task]:
    """Yield the task."""
    yield MNIST
