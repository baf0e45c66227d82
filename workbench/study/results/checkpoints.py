"""The states that unfinished runs resume from. Nothing is ever a pickle."""

import io
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import DamageError
from workbench.common.files import plain, read_whole, write_atomically
from workbench.study.results.folder import file_of
from workbench.study.results.hashed_content import sha256


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """The state of an unfinished run.

    Attributes
    ----------
    arrays : dict of str to ndarray
        Weights, optimizer state and the like.
    meta : dict
        Whatever else JSON can hold.
    """

    arrays: dict[str, NDArray[Any]]
    meta: dict[str, Any]


def write_checkpoint(folder: Path, run_id: str, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
    """Store the state of an unfinished run, in the place of an earlier one.

    Raises
    ------
    ValueError
        Where an array holds Python objects: these would need a pickle.
    """
    for name, array in arrays.items():
        if array.dtype.hasobject:
            raise ValueError(f"Array '{name}' of a checkpoint holds Python objects; store numbers.")
    buffer = io.BytesIO()
    # The prefix keeps any name apart from `meta` and from the parameters of `savez`.
    content: dict[str, Any] = {f"array.{name}": array for name, array in arrays.items()}
    content["meta"] = np.frombuffer(json.dumps(meta, default=plain).encode(), dtype=np.uint8)
    np.savez(buffer, **content)
    data = buffer.getvalue()
    write_atomically(file_of(folder, "checkpoints", run_id), b"%s\n%s" % (sha256(data).encode(), data))


def read_checkpoint(folder: Path, run_id: str) -> Checkpoint | None:
    """Return the state of an unfinished run, or None where there is none that is as it was written."""
    try:
        found, _, data = read_whole(file_of(folder, "checkpoints", run_id)).partition(b"\n")
    except (FileNotFoundError, DamageError):
        return None
    if found != sha256(data).encode():
        return None
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            content = {name: stored[name] for name in stored.files}
        meta = json.loads(content.pop("meta").tobytes())
    # An archive that somebody else made can fail in a dozen ways, and each means the same: begin the run anew.
    except Exception:
        return None
    return Checkpoint({name.removeprefix("array."): array for name, array in content.items()}, meta)


def drop_checkpoint(folder: Path, run_id: str) -> None:
    """Remove the state of a run that needs none any more."""
    # Where it stays, nobody reads it, and the next start tries again.
    with suppress(OSError):
        file_of(folder, "checkpoints", run_id).unlink(missing_ok=True)
