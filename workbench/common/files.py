"""Files that are whole at any moment, whoever is killed; no link is followed, and no file emptied."""

import errno
import os
import re
import secrets
import stat
from contextlib import suppress
from pathlib import Path

import numpy as np

from workbench.common.errors import DamageError, StorageError

#: Names of files that are being written; what a kill leaves behind is known by it.
TEMPORARY = re.compile(r"\.workbench-(?P<name>.+)\.\d+-[0-9a-f]{8}\.tmp")

#: A larger file is none that the workbench wrote, and reading it could take all memory [bytes].
_LARGEST = 2**31

_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write_atomically(path: Path, data: bytes, lasting: bool = True) -> None:
    """Write a file so that a reader, at any moment and after any kill, finds the old content or the new one.

    A file that has this content already keeps its time, so that nothing made from it is made again. A link in its place
    is replaced, and what it points to is left alone.

    Parameters
    ----------
    path : Path
        Of the file.
    data : bytes
        Its content.
    lasting : bool
        Whether to wait until a loss of power cannot take it back.

    Raises
    ------
    StorageError
        Where it cannot be written.
    """
    with suppress(OSError, DamageError):
        if read_whole(path) == data:
            return
    temporary = path.with_name(f".workbench-{path.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        try:
            # A link in its place is refused, as is a file.
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                if lasting:
                    os.fsync(file.fileno())
            temporary.replace(path)
            if lasting:
                put_on_disk(path.parent)
        except BaseException:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        place = path if error.errno == errno.EISDIR else path.parent
        advice = " Make room there." if error.errno in _ROOM else ""
        raise StorageError(f"{place} cannot be written ({error.strerror or error}).{advice}") from error


def read_whole(path: Path) -> bytes:
    """Return the content of a file, following no link.

    Parameters
    ----------
    path : Path
        Of the file.

    Raises
    ------
    FileNotFoundError
        Where it is missing.
    DamageError
        Where it cannot be read, or is no regular file of a size that can be.
    """
    try:
        # A pipe would be waited for.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise DamageError(f"{path} is damaged: it is no regular file.")
            if found.st_size > _LARGEST:
                raise DamageError(f"{path} is damaged: it has {found.st_size} bytes.")
            return file.read()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from error
    except OSError as error:
        reason = "it is a link" if error.errno == errno.ELOOP else error.strerror or error
        raise DamageError(f"{path} cannot be read: {reason}.") from error


def put_on_disk(path: Path) -> None:
    """Wait until a loss of power cannot take back a file's content, or the names of the files in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some file systems do so for files alone.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP} or not path.is_dir():
            raise
    finally:
        os.close(handle)


def plain(value: object) -> object:
    """Return what `json` writes for one of NumPy's numbers; it calls this for what it does not know."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"'{type(value).__name__}' cannot be stored as JSON.")
