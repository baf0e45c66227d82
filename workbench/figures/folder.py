"""The folder that figures come to: those of another maker are never replaced."""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workbench.common.errors import DamageError, StorageError, StudyError
from workbench.common.files import read_whole, write_atomically

#: Names the files of a folder that were drawn here, so that they may be drawn anew.
DRAWN = "workbench-figures.json"

_PREFIX = ".workbench-drawing-"


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """Yield a folder whose files come to another when all of them are there, in the order in which they were written.

    Parameters
    ----------
    folder : Path
        Is made where it does not exist.

    Raises
    ------
    StudyError
        Where it cannot be written, or has a file of such a name that was not drawn here.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _clear(folder)
        with tempfile.TemporaryDirectory(dir=folder, prefix=_PREFIX) as place, _held(Path(place)):
            yield Path(place)
            drawn = sorted(Path(place).iterdir(), key=lambda path: path.stat().st_mtime_ns)
            _claim(folder, {path.name for path in drawn})
            for path in drawn:
                path.replace(folder / path.name)
    except OSError as error:
        raise StudyError(f"{folder}: cannot write the figures ({error.strerror or error}).") from error
    except StorageError as error:
        raise StudyError(f"{folder}: cannot write the figures. {error}") from error


def _claim(folder: Path, names: set[str]) -> None:
    """Note that files of a folder are drawn here, or refuse to replace one that was not."""
    known: set[str] = set()
    with suppress(FileNotFoundError, DamageError, ValueError, TypeError):
        known = set(map(str, json.loads(read_whole(folder / DRAWN))))
    foreign = sorted(name for name in names - known if os.path.lexists(folder / name))
    if foreign:
        raise StudyError(
            f"{folder / foreign[0]} would be replaced, and '{DRAWN}' does not say that it was drawn here. Move it "
            "away, or give another folder."
        )
    # Before they come: after a kill they are known.
    write_atomically(folder / DRAWN, json.dumps(sorted(known | names)).encode())


def _clear(folder: Path) -> None:
    """Remove the drawings of those who were killed: nobody holds them."""
    for left in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError), _held(left) as alone:
            if alone:
                shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _held(place: Path) -> Iterator[bool]:
    """Hold a folder against those who clear; yield whether it is held, which a file system may not know how to do."""
    handle = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone = True
        except OSError:
            alone = False
        yield alone
    finally:
        os.close(handle)
