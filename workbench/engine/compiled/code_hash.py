"""Hashes of the code, remembered from one process to the next: to derive them takes half a second."""

import hashlib
import platform
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from workbench.common.errors import BuildError
from workbench.common.fingerprint import BUILDING, MAKING_RESULTS, as_written, checksum
from workbench.engine.compiled.cache_entry import read_privately, write_privately
from workbench.engine.compiled.cache_folder import cache_folder


@lru_cache(maxsize=1)
def code_that_builds() -> str:
    """Return a hash of the code that decides about a network's program."""
    return _remembered(BUILDING)


@lru_cache(maxsize=1)
def code_that_makes_results() -> str:
    """Return a hash of the code that decides about a result."""
    return _remembered(MAKING_RESULTS)


def _remembered(roots: Iterable[str]) -> str:
    """Return the hash of the code that decides about some modules: the one found before, where no file has changed."""
    written = as_written()
    # What Python makes of the files is its own version's affair.
    said = f"{written} {' '.join(roots)} {platform.python_version()}"
    note = _note(said)
    found = note and _told(note, said)
    if not found:
        found = checksum(roots)
        # Not of files that were edited meanwhile; where there is no cache yet, or none can be written, it goes unsaid.
        if note and as_written() == written:
            with suppress(OSError):
                write_privately(note, _sealed(said, found))
    return found


def _note(said: str) -> Path | None:
    """Return the file in which a hash is remembered; None where the cache has no place."""
    with suppress(BuildError):
        return cache_folder() / f"{hashlib.sha256(said.encode()).hexdigest()[:32]}.code"
    return None


def _told(note: Path, said: str) -> str:
    """Return the hash that a note has; an empty text where there is none, or it is not as it was written."""
    with suppress(OSError, ValueError):
        content = read_privately(note, len(_sealed(said, "0" * 64)) + 1)
        found = content[:64].decode("ascii")
        if content == _sealed(said, found):
            return found
    return ""


def _sealed(said: str, found: str) -> bytes:
    """Return a hash of code with a hash of all that belongs to it."""
    return f"{found} {hashlib.sha256(f'{said} {found}'.encode()).hexdigest()}\n".encode()
