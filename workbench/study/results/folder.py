"""A results folder: marked as one, held by one study at a time, and nothing in it touched but names of its own."""

import errno
import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.common.errors import StudyError
from workbench.common.files import TEMPORARY

#: Marks a folder as results of the workbench, and says of which study and which runs.
MARKER = "workbench-results.json"

TABLES = ("curves.parquet", "runs.parquet")

#: The draws of a study's search, and the folder of their runs: a results folder in this one.
DRAWS = "draws.json"
SEARCH = "search"

#: The study as it was carried out last.
STUDY = "study.json"

#: The page about the results.
PAGE = "report.html"

_LOCK = ".lock"

#: Folders of files ``<run id>.<suffix>``, and their suffix.
_SUFFIXES = {"runs": "json", "weights": "npz", "checkpoints": "checkpoint", "progress": "json", "logs": "txt"}

#: All names that the workbench gives in a results folder, but for those of files that are being written.
_NAMES = (MARKER, _LOCK, *TABLES, DRAWS, SEARCH, STUDY, PAGE, *_SUFFIXES, "figures")

_RUN_ID = re.compile(r"[0-9a-f]{16}")


def file_of(folder: Path, kind: str, run_id: str) -> Path:
    """Return where a run's file of some kind is: `runs`, `weights`, `checkpoints`, `progress` or `logs`.

    Raises
    ------
    ValueError
        Where it is no id of a run, which could lead anywhere.
    """
    if not _RUN_ID.fullmatch(run_id):
        raise ValueError(f"'{run_id}' is not the id of a run: 16 hexadecimal digits.")
    return folder / kind / f"{run_id}.{_SUFFIXES[kind]}"


def ids_of(folder: Path, kind: str) -> list[str]:
    """Return the ids of the runs that have a file of some kind, in their order."""
    try:
        return sorted(path.stem for path in (folder / kind).iterdir() if _is_of(path.name, kind))
    except (FileNotFoundError, NotADirectoryError):
        return []


def refuse_links(folder: Path) -> None:
    """Refuse a results folder in which a link has one of the workbench's names: it could lead anywhere.

    Raises
    ------
    StudyError
        Which one.
    """
    for name in _NAMES:
        if (folder / name).is_symlink():
            raise StudyError(
                f"{folder / name} is a link, and none is followed in a results folder. Remove it, or give another "
                "folder."
            )


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a results folder for one process at a time.

    Parameters
    ----------
    folder : Path
        Is made where it does not exist.

    Raises
    ------
    StudyError
        Where it cannot be written, has something in it and no marker, or is held by another process.
    """
    with _usable(folder):
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_foreign(folder)
        # Neither emptied nor followed, whatever it is.
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    try:
        _take(lock, folder)
        with _usable(folder):
            _refuse_foreign(folder)
        yield
    finally:
        os.close(lock)


def prepare(folder: Path) -> None:
    """Make the folders of a results folder that is held, and clear what a kill left behind.

    Raises
    ------
    StudyError
        Where one cannot be written.
    """
    for kind in _SUFFIXES:
        with _usable(folder / kind):
            (folder / kind).mkdir(exist_ok=True)
            if not os.access(folder / kind, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    with _usable(folder):
        reports = [file_of(folder, "progress", run_id) for run_id in ids_of(folder, "progress")]
        for path in [*_temporaries(folder), *reports]:
            path.unlink(missing_ok=True)


def _refuse_foreign(folder: Path) -> None:
    """Refuse a folder whose files are not the workbench's, or lead elsewhere."""
    refuse_links(folder)
    foreign = any(path.name != _LOCK and not _is_temporary(path.name) for path in folder.iterdir())
    # In this order: another process may be about to mark it.
    if foreign and not (folder / MARKER).is_file():
        # An empty marker is a damaged one, and written anew.
        again = f" To go on with its runs, make an empty '{MARKER}'." if ids_of(folder, "runs") else ""
        raise StudyError(
            f"{folder} is not empty, and no '{MARKER}' marks it as results of this version of the workbench. "
            f"Give a new folder or an empty one.{again}"
        )


def _take(lock: int, folder: Path) -> None:
    """Lock a file, or say why not."""
    if not stat.S_ISREG(os.fstat(lock).st_mode):
        raise StudyError(f"{folder / _LOCK} is no regular file. Remove it, or give another folder.")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise StudyError(f"{folder} is in use by another run of the study. Wait until it has ended.") from error
    except OSError as error:
        raise StudyError(
            f"{folder} is on a file system that cannot lock files ({error.strerror or error}), so that nothing would "
            "keep a second run of the study out. Give a folder on another one."
        ) from error


def _temporaries(folder: Path) -> Iterator[Path]:
    """Yield the files that were being written when somebody was killed."""
    yield from (path for path in folder.iterdir() if _is_temporary(path.name))
    for kind in _SUFFIXES:
        yield from (path for path in (folder / kind).iterdir() if _is_temporary(path.name, kind))


def _is_temporary(name: str, kind: str = "") -> bool:
    """Return whether a name is that of a file being written, in the folder of a kind or in the one above."""
    found = TEMPORARY.fullmatch(name)
    if found is None:
        return False
    return _is_of(found["name"], kind) if kind else found["name"] in _NAMES


def _is_of(name: str, kind: str) -> bool:
    """Return whether a name is that of a run's file of some kind."""
    stem, _, suffix = name.partition(".")
    return suffix == _SUFFIXES[kind] and _RUN_ID.fullmatch(stem) is not None


@contextmanager
def _usable(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise StudyError(f"{folder}: results cannot be written there ({reason}). Give another folder.") from error
