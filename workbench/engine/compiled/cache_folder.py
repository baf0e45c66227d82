"""Where compiled networks are kept, and that nobody else puts any there: what is loaded runs as the user."""

import os
import pwd
import re
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from workbench.common.errors import BuildError

#: What the cache gives its folders and files: a hash, and what becomes of it.
_OURS = re.compile(r"(?:building-|\.)?[0-9a-f]{32}(?:[-.].*)?")
ENTRY = re.compile(r"[0-9a-f]{32}")


def cache_folder() -> Path:
    """Return the folder of compiled networks: ``$WORKBENCH_CACHE``, or one in the user's cache.

    Raises
    ------
    BuildError
        Where the variable holds no absolute path, or is not set and the user has no home.
    """
    named = os.environ.get("WORKBENCH_CACHE")
    if named:
        # The processes of a study may have begun in another working directory.
        if not Path(named).is_absolute():
            raise BuildError(f"WORKBENCH_CACHE must be an absolute path, but is '{named}'. Write it from '/' on.")
        return Path(named)
    # The standard of that variable says to ignore what is not absolute.
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (given if given.is_absolute() else _home() / ".cache") / "learning-rule-workbench"


def _home() -> Path:
    named = os.environ.get("HOME")
    if not named:
        with suppress(KeyError):
            named = pwd.getpwuid(os.geteuid()).pw_dir
    if not named or not Path(named).is_absolute():
        raise BuildError(
            f"There is no home folder to keep compiled networks in (HOME is '{named or ''}'). "
            "Set WORKBENCH_CACHE to a folder of your own."
        )
    return Path(named)


def is_private(found: os.stat_result) -> bool:
    """Return whether a file or folder is the user's or the system's, and nobody else can write to it."""
    return found.st_uid in {os.geteuid(), 0} and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def unwritable(folder: Path, error: OSError) -> BuildError:
    """Return the error that says that the cache cannot be written."""
    return BuildError(f"{folder}: the build cache cannot be written ({error}). Set WORKBENCH_CACHE.")


def refuse_unfit(folder: Path) -> None:
    """Refuse a folder that is there and from which no program should, or can, be loaded.

    Raises
    ------
    BuildError
        Where it belongs to somebody else, others can write to it, or its file system runs no programs.
    """
    try:
        found = folder.stat()
    except OSError:
        # Whoever writes to it is told why that is impossible.
        return
    if found.st_uid not in {os.geteuid(), 0}:
        raise BuildError(
            f"{folder}: the build cache belongs to '{_name_of(found.st_uid)}', whose programs would run as you. "
            "Set WORKBENCH_CACHE to a folder of your own."
        )
    if not is_private(found) and not _closed(folder, found):
        raise BuildError(
            f"{folder}: others can write to the build cache, and their programs would run as you. "
            f"Enter: chmod go-w '{folder}', or set WORKBENCH_CACHE to a folder of your own."
        )
    if os.statvfs(folder).f_flag & os.ST_NOEXEC:
        raise BuildError(
            f"{folder}: the build cache is on a file system that is mounted noexec, so that no network can run. "
            "Set WORKBENCH_CACHE to a folder on another one."
        )


def _closed(folder: Path, found: os.stat_result) -> bool:
    """Return whether a folder that others can write to is the user's, holds only what a cache does, and is closed now.

    Whoever shares a folder with others for another reason has it as it was.
    """
    if found.st_uid != os.geteuid() or found.st_mode & stat.S_ISVTX:
        return False
    with suppress(OSError):
        if all(_OURS.fullmatch(path.name) for path in folder.iterdir()):
            folder.chmod(stat.S_IMODE(found.st_mode) & ~(stat.S_IWGRP | stat.S_IWOTH))
            return is_private(folder.stat())
    return False


def _name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def make_folder(folder: Path) -> None:
    """Make the folder of compiled networks, for the user alone, unless it is there.

    Raises
    ------
    BuildError
        Where no program should, or can, be loaded from it.
    OSError
        Where it cannot be made.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    refuse_unfit(folder)


def refuse_unwritable() -> None:
    """Raise a BuildError where the folder of compiled networks cannot be used, or is empty and cannot be written.

    One that cannot be written may hold all that is needed.
    """
    folder = cache_folder()
    try:
        make_folder(folder)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        if not _holds_entries(folder):
            raise unwritable(folder, error) from error


def _holds_entries(folder: Path) -> bool:
    with suppress(OSError):
        return any(ENTRY.fullmatch(path.name) for path in folder.iterdir())
    return False
