"""Files that are whole at any moment, whoever is killed."""

import os
from pathlib import Path

import numpy as np


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file so that a reader, at any moment and after any kill, finds the old content or the new one.

    A file that has this content already keeps its time, so that nothing made from it is made again.
    """
    if path.exists() and path.read_bytes() == data:
        return
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        put_on_disk(path.parent)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def put_on_disk(path: Path) -> None:
    """Wait until a loss of power cannot take back a file's content, or the names of the files in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def plain(value: object) -> object:
    """Return what `json` writes for one of NumPy's numbers; it calls this for what it does not know."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"'{type(value).__name__}' cannot be stored as JSON.")
