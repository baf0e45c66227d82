"""What an entry of the build cache holds, by content: nothing is loaded that is not as it was built."""

import errno
import hashlib
import json
import os
import stat
from io import BufferedReader
from pathlib import Path

from workbench.common.errors import BuildError
from workbench.common.files import put_on_disk
from workbench.engine.compiled.cache_folder import is_private

#: The file that is loaded.
LIBRARY = "program.so"

#: What a program needs to run as it should; it takes an array that is not there for zeros.
NEEDED = (LIBRARY, "manifest.json", "static_arrays/*")

#: Written last: the entry's name, and a hash of each file that is needed.
SEAL = "seal.json"


def seal(entry: Path, name: str) -> None:
    """Note what an entry holds, close it to others, and let it reach the disk before it gets its name.

    Raises
    ------
    BuildError
        Where the build left no program.
    """
    for file in (LIBRARY, "manifest.json"):
        path = entry / file
        if not (path.is_file() and path.stat().st_size):
            raise BuildError(f"The build ended without an error, but left no '{file}'. Name another compiler in CXX.")
    files = _files(entry)
    folders = {path.parent for path in (*files, entry / SEAL)}
    for path in (*files, *folders):
        path.chmod(0o700 if path in folders else 0o600)
    write_privately(entry / SEAL, _content(entry, name))
    for path in (*files, entry / SEAL, *folders):
        put_on_disk(path)


def is_whole(entry: Path) -> bool:
    """Return whether an entry is as it was built, all files by content, and nobody else can have written to it."""
    try:
        for folder in (entry, *{path.parent for path in _files(entry)}):
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or not is_private(found):
                return False
        return holds(entry / SEAL, _content(entry, entry.name))
    except OSError:
        return False


def write_privately(path: Path, content: bytes) -> None:
    """Put a file in place of whatever has its name, not through a link, and for the user alone."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(content)


def holds(path: Path, content: bytes) -> bool:
    """Return whether a file is there, private and no link, and has this content."""
    try:
        return read_privately(path, len(content) + 1) == content
    except OSError:
        return False


def read_privately(path: Path, most: int) -> bytes:
    """Return the first bytes of a file that is private and no link.

    Raises
    ------
    OSError
        Where there is none.
    """
    with _opened(path) as file:
        return file.read(most)


def _files(entry: Path) -> list[Path]:
    """Return the files that are needed, as far as they are there."""
    return sorted(path for pattern in NEEDED for path in entry.glob(pattern))


def _content(entry: Path, name: str) -> bytes:
    """Return what the seal of an entry says, in the one way to say it."""
    hashes = {}
    for path in _files(entry):
        with _opened(path) as file:
            hashes[str(path.relative_to(entry))] = hashlib.file_digest(file, "sha256").hexdigest()
    return json.dumps({"entry": name, "sha256": hashes}, indent=1, sort_keys=True).encode()


def _opened(path: Path) -> BufferedReader:
    """Open a private file to read, and nothing else: no link is followed, and nobody waits for the end of a pipe."""
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    found = os.fstat(file.fileno())
    if stat.S_ISREG(found.st_mode) and is_private(found):
        return file
    file.close()
    raise OSError(errno.EPERM, "not a private file", str(path))
