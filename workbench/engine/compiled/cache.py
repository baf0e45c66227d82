"""A folder of compiled networks, named by what is in them; safe for processes that use it at once."""

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from workbench.common.errors import BuildError
from workbench.common.files import put_on_disk
from workbench.common.stopwatch import COMPILATION
from workbench.engine.compiled.cache_entry import SEAL, holds, is_whole, seal, write_privately
from workbench.engine.compiled.cache_folder import ENTRY, cache_folder, make_folder, refuse_unfit, unwritable
from workbench.engine.compiled.cache_key import key_of
from workbench.engine.compiled.process_locks import BUILDING, locked, sweep

#: Bytes beyond which the networks that were not used for longest are dropped, and how long nobody drops one [second].
LIMIT = 1 << 30
IN_USE = 3600.0


def entry_of(structure: dict[str, Any]) -> Path:
    """Return the folder in which a structure's binary is, or would be."""
    return cache_folder() / key_of(structure)


def cached(structure: dict[str, Any], make: Callable[[Path], None]) -> Path:
    """Return the folder of a structure's binary, made by `make` if it is not there yet or is not as it was made.

    Parameters
    ----------
    structure : dict
        What decides about the code; JSON.
    make : callable
        Is given an empty folder to fill with what is `NEEDED`.

    Returns
    -------
    Path
        A folder that nobody changes any more, and whose files were just compared with what was made.

    Raises
    ------
    BuildError
        Where the cache cannot be written or others can write to it, or `make` fails.
    """
    final = entry_of(structure)
    folder = final.parent
    refuse_unfit(folder)
    if is_whole(final):
        # A cache that others have made may be one that cannot be written.
        with suppress(OSError):
            os.utime(final / SEAL)
        return final
    try:
        make_folder(folder)
        with locked(folder / f"{final.name}.lock") as is_held:
            if not is_whole(final):
                sweep(folder, final.name if is_held else None)
                _build(final, make)
                _make_room(folder)
    except OSError as error:
        # Where there are no locks, another process may have been faster.
        if not is_whole(final):
            raise unwritable(folder, error) from error
    return final


def rehearsed(structure: dict[str, Any], rehearse: Callable[[], None]) -> None:
    """Try whether a structure holds together, unless it was found to do so before; whatever `rehearse` raises is told.

    Parameters
    ----------
    structure : dict
        What decides about it; JSON.
    rehearse : callable
        Raises an error where it does not.
    """
    entry = entry_of(structure)
    refuse_unfit(entry.parent)
    mark, said = entry.with_suffix(".rehearsed"), f"{entry.name} holds together.\n".encode()
    if holds(mark, said):
        return
    rehearse()
    # Without a mark it is tried again, which takes a second.
    with suppress(OSError):
        make_folder(mark.parent)
        write_privately(mark, said)


def _build(final: Path, make: Callable[[Path], None]) -> None:
    with tempfile.TemporaryDirectory(dir=final.parent, prefix=f"{BUILDING}{final.name}-") as place:
        made = Path(place) / "made"
        made.mkdir()
        _made(made, make)
        seal(made, final.name)
        # Where there are no locks, another process may have built it meanwhile.
        if not is_whole(final):
            _move_away(final, Path(place))
            made.rename(final)
    put_on_disk(final.parent)


def _made(folder: Path, make: Callable[[Path], None]) -> None:
    """Let a folder be filled, and tell a failure outside of it from one of the cache."""
    try:
        with COMPILATION.running():
            make(folder)
    except OSError as error:
        if error.filename is None or Path(os.fsdecode(error.filename)).is_relative_to(folder):
            raise
        raise BuildError(f"{error.filename}: {error.strerror}, which kept a network from being built.") from error


def _move_away(entry: Path, place: Path) -> None:
    """Move whatever has an entry's name to a folder that is about to be removed."""
    with suppress(FileNotFoundError):
        entry.rename(place / "before")


def _make_room(folder: Path) -> None:
    """Drop the networks that were not used for longest, until the others take no more than `LIMIT`."""
    used = []
    for entry in folder.iterdir():
        # Another process may drop it at the same moment.
        with suppress(OSError):
            if ENTRY.fullmatch(entry.name):
                used.append((*_use_of(entry), entry))
    total = sum(size for _, size, _ in used)
    for last, size, entry in sorted(used):
        if total <= LIMIT or time.time() - last < IN_USE:
            return
        # Nobody finds half of an entry.
        with suppress(OSError), tempfile.TemporaryDirectory(dir=folder, prefix=f"{BUILDING}{entry.name}-") as place:
            _move_away(entry, Path(place))
        total -= size


def _use_of(entry: Path) -> tuple[float, int]:
    """Return when an entry was used last [second], and how large it is [byte], whichever version has made it."""
    found = {path: path.lstat() for path in (entry, *entry.rglob("*"))}
    last = found.get(entry / SEAL)
    used = last.st_mtime if last else max(each.st_mtime for each in found.values())
    return used, sum(each.st_size for each in found.values())
