"""The weights of a run, stored beside its result."""

import io
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import DamageError
from workbench.common.files import read_whole, write_atomically
from workbench.study.results.folder import file_of
from workbench.study.results.hashed_content import damaged, sha256

#: When a run had its weights.
MOMENTS = ("initial", "trained")

#: Weights by moment and name, each of shape (n_pre, n_post).
Moments = Mapping[str, Mapping[str, NDArray[np.float64]]]


def write_weights(folder: Path, run_id: str, weights: Moments) -> str:
    """Store the weights of a run, and return the hash of the file; nothing and an empty text where there are none.

    Parameters
    ----------
    folder : Path
        Of the study's results.
    run_id : str
        Of the run.
    weights : mapping of str to mapping of str to ndarray of shape (n_pre, n_post)
        By moment and name.
    """
    file = file_of(folder, "weights", run_id)
    if not weights:
        with suppress(OSError):
            file.unlink(missing_ok=True)
        return ""
    buffer = io.BytesIO()
    content = {
        f"{moment}/{name}": np.asarray(array, dtype=np.float64)
        for moment, arrays in weights.items()
        for name, array in arrays.items()
    }
    np.savez(buffer, **content)  # type: ignore[arg-type]
    data = buffer.getvalue()
    write_atomically(file, data)
    return sha256(data)


def read_weights(folder: Path, run_id: str, digest: str) -> Moments:
    """Return the weights of a run, by moment and name.

    Raises
    ------
    DamageError
        Where the file is missing, or has another hash than the one that `write_weights` returned.
    """
    data = _intact(folder, run_id, digest)
    found: dict[str, dict[str, NDArray[np.float64]]] = {moment: {} for moment in MOMENTS}
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as stored:
            for key in stored.files:
                moment, _, name = key.partition("/")
                found[moment][name] = np.asarray(stored[key], dtype=np.float64)
    # An archive that somebody else made can fail in a dozen ways.
    except Exception as error:
        raise damaged(file_of(folder, "weights", run_id), "it has no weights") from error
    return found


def refuse_damaged(folder: Path, run_id: str, digest: str) -> None:
    """Refuse weights that are not as they were written.

    Raises
    ------
    DamageError
        As `read_weights`.
    """
    if digest:
        _intact(folder, run_id, digest)


def _intact(folder: Path, run_id: str, digest: str) -> bytes:
    file = file_of(folder, "weights", run_id)
    try:
        data = read_whole(file)
    except FileNotFoundError as error:
        raise DamageError(f"{file} is missing.") from error
    if sha256(data) != digest:
        raise damaged(file)
    return data
