"""MNIST: the 10,000 handwritten digits of its test files, of 28 x 28 pixels, latency coded."""

import gzip
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench import Parameter, Task, TaskData, WorkbenchError, hookimpl, latency_coded

#: By index, in this order.
N_TRAIN, N_VALIDATION, N_TEST = 7000, 1000, 2000

_N_STEPS, _SPAN, _SILENT_BELOW = 100, 60, 0.05


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


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Return the array of an IDX file of bytes, compressed or not.

    Parameters
    ----------
    path : Path
        Of the file; without its ``.gz`` where only the uncompressed one is there.

    Raises
    ------
    WorkbenchError
        Where it cannot be read, or is no such file.
    """
    plain = path.with_suffix("")
    try:
        data = plain.read_bytes() if plain.exists() else gzip.decompress(path.read_bytes())
        zero, kind, rank = struct.unpack(">HBB", data[:4])
        shape = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
        if (zero, kind) != (0, 8):
            raise ValueError("it does not hold bytes")
        return np.frombuffer(data, dtype=np.uint8, offset=4 + 4 * rank).reshape(shape)
    except (OSError, EOFError, ValueError, struct.error) as error:
        raise WorkbenchError(f"{path}: an IDX file of bytes must be there, and is not ({error}).") from error


def load(folder: str = "", train: float = N_TRAIN, validation: float = N_VALIDATION, test: float = N_TEST) -> TaskData:
    """Return the trials: 784 inputs, one per pixel, that spike the earlier the darker the ink.

    Parameters
    ----------
    folder : str
        Of the two files; ``$WORKBENCH_DATA`` where it is empty.
    train, validation, test : int
        Numbers of images: the first of those from index 0, 7000 and 8000.

    Raises
    ------
    WorkbenchError
        Where the files are not there, or there are fewer images.
    """
    place = data_folder(folder)
    images = read_idx(place / "t10k-images-idx3-ubyte.gz")
    labels = read_idx(place / "t10k-labels-idx1-ubyte.gz")
    if images.shape != (len(labels), 28, 28) or len(labels) < N_TRAIN + N_VALIDATION + N_TEST:
        raise WorkbenchError(
            f"{place}: 10,000 images of 28 x 28 pixels and as many labels must be there, not arrays of shape "
            f"{images.shape} and {labels.shape}."
        )
    splits = []
    first = 0
    for name, count, size in (
        ("train", train, N_TRAIN),
        ("validation", validation, N_VALIDATION),
        ("test", test, N_TEST),
    ):
        if not (count == int(count) and 1 <= count <= size):
            raise WorkbenchError(f"mnist.{name}: must be a whole number from 1 to {size}, not {count:g}.")
        part = slice(first, first + int(count))
        pixels = images[part].reshape(-1, 784) / 255
        splits.append(latency_coded(pixels, labels[part].astype(np.int64), 10, _SPAN, _SILENT_BELOW, bias=False))
        first += size
    return TaskData(784, 10, _N_STEPS, 1e-3, splits[0], splits[1], splits[2])


MNIST = Task(
    name="mnist",
    title="MNIST",
    load=load,
    parameters=(
        Parameter(name="folder", default="", doc="Folder of the two IDX files; $WORKBENCH_DATA where it is empty."),
        Parameter(name="train", default=N_TRAIN, doc=f"Training images, at most {N_TRAIN}."),
        Parameter(name="validation", default=N_VALIDATION, doc=f"Validation images, at most {N_VALIDATION}."),
        Parameter(name="test", default=N_TEST, doc=f"Test images, at most {N_TEST}."),
    ),
    doi="10.1109/5.726791",
)


@hookimpl
def workbench_tasks() -> Iterator[Task]:
    """Yield the task."""
    yield MNIST
