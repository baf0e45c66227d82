"""Whether another machine sees a results folder: found out with a token that is written into it, never assumed."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.common.errors import DamageError
from workbench.common.files import read_whole, write_atomically
from workbench.study.results.folder import MARKER


@dataclass(frozen=True)
class SharedFolder:
    """A results folder that others may see.

    Attributes
    ----------
    path : Path
        From the root of the machine that holds it.
    token : str
        What stands in a file of it while it is held; its name has the same token.
    """

    path: Path
    token: str

    @property
    def file(self) -> Path:
        """The file with the token, named as those that are being written, which are cleared after a kill."""
        return self.path / f".workbench-{MARKER}.{int(self.token[:8], 16)}-{self.token[8:16]}.tmp"

    def is_here(self) -> bool:
        """Return whether this machine sees the same folder under the same path, and can write to it."""
        with suppress(OSError, DamageError):
            if read_whole(self.file) == self.token.encode():
                tempfile.TemporaryFile(dir=self.path / "runs").close()
                return True
        return False


@contextmanager
def announced(folder: Path) -> Iterator[SharedFolder]:
    """Put a token into a folder that is held, for those to find who see it.

    Raises
    ------
    StorageError
        Where it cannot be written.
    """
    shared = SharedFolder(folder.resolve(), secrets.token_hex(16))
    write_atomically(shared.file, shared.token.encode())
    try:
        yield shared
    finally:
        with suppress(OSError):
            shared.file.unlink(missing_ok=True)
