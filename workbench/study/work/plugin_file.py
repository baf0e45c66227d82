"""A plugin file that is not installed, as it was when a study began: it reaches those who do not see it by content."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.common.errors import BuildError, DamageError, PluginError
from workbench.common.files import read_whole, write_atomically
from workbench.engine.compiled.cache_folder import cache_folder, is_private, make_folder
from workbench.study.results.hashed_content import sha256


@dataclass(frozen=True)
class PluginFile:
    """A plugin file.

    Attributes
    ----------
    path : Path
        Where it is, on the machine that began the study.
    content : bytes
        What it says.
    """

    path: Path
    content: bytes

    def here(self) -> Path:
        """Return where it is on this machine: at its place, or else a copy beside the compiled networks.

        Raises
        ------
        BuildError
            Where there can be no copy.
        """
        with suppress(OSError, DamageError):
            if read_whole(self.path) == self.content:
                return self.path
        place = cache_folder() / f"{sha256(self.content)[:32]}-plugin"
        try:
            make_folder(place.parent)
            place.mkdir(mode=0o700, exist_ok=True)
            if place.is_symlink() or not is_private(place.stat()):
                raise BuildError(f"{place}: others can write there, and their programs would run as you. Remove it.")
        except OSError as error:
            raise BuildError(f"{place}: a plugin file cannot be kept there ({error}). Set WORKBENCH_CACHE.") from error
        write_atomically(place / self.path.name, self.content)
        return place / self.path.name


def read_plugins(paths: Iterable[Path]) -> tuple[PluginFile, ...]:
    """Return plugin files with what they say.

    Raises
    ------
    PluginError
        Where one cannot be read.
    """
    try:
        return tuple(PluginFile(path, path.read_bytes()) for path in paths)
    except OSError as error:
        raise PluginError(f"'{error.filename}' cannot be read ({error.strerror}), a plugin of the study.") from error
