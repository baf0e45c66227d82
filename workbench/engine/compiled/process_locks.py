"""Locks between processes that the system releases however they end, and what killed processes left."""

import errno
import fcntl
import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workbench.common.errors import BuildError
from workbench.common.thread_locks import WITHIN_ITSELF

#: How a file system without locks answers.
_NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS}

#: Where there are no locks, nobody builds a network for longer [second].
_LONG_GONE = 86400.0

#: Begins the name of a folder in which a network is built; the network's own name follows, and something random.
BUILDING = "building-"

#: Which lock files are held, by which threads of this process.
_HELD: set[tuple[Path, int]] = set()


@contextmanager
def locked(path: Path) -> Iterator[bool]:
    """Hold a lock that the system releases when the process ends, leave no file behind, and yield whether it is held.

    On a file system without locks nobody waits: two then build one network, and the first to end gives it its name.

    Raises
    ------
    BuildError
        Where this thread holds it already, and would wait for itself.
    """
    held = path, threading.get_ident()
    if held in _HELD:
        raise BuildError(WITHIN_ITSELF)
    try:
        handle = _acquired(path, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        path.unlink(missing_ok=True)
        yield False
        return
    try:
        _HELD.add(held)
        yield True
    finally:
        _HELD.discard(held)
        path.unlink(missing_ok=True)
        # To close it leaves the lock with processes that were forked off meanwhile.
        fcntl.flock(handle, fcntl.LOCK_UN)
        os.close(handle)


def _acquired(path: Path, how: int) -> int:
    """Return the handle of a lock file that is held, and that others find under its name."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, how)
            # Whoever held it before has removed it, and another may have made a new one since.
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(handle), path.lstat()):
                    return handle
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def sweep(folder: Path, held: str | None) -> None:
    """Remove what processes that were killed while they built a network have left.

    Parameters
    ----------
    folder : Path
        Of compiled networks.
    held : str or None
        Name of the network whose lock this process holds, if any.
    """
    left: dict[str, list[Path]] = {path.stem: [] for path in folder.glob("*.lock")}
    for path in folder.glob(f"{BUILDING}*"):
        left.setdefault(path.name.removeprefix(BUILDING).partition("-")[0], []).append(path)
    for name, places in left.items():
        # What another process holds, or one may not remove, stays.
        with suppress(OSError):
            if name == held:
                _remove(places)
            else:
                _remove_unheld(folder / f"{name}.lock", places)


def _remove_unheld(lock: Path, places: list[Path]) -> None:
    try:
        handle = _acquired(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _NO_LOCKS:
            lock.unlink(missing_ok=True)
            _remove(path for path in places if time.time() - path.lstat().st_mtime > _LONG_GONE)
        return
    try:
        _remove(places)
    finally:
        lock.unlink(missing_ok=True)
        os.close(handle)


def _remove(places: Iterable[Path]) -> None:
    for path in places:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink()
