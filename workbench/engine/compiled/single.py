"""Libraries of one source file, which need nothing of Brian2's."""

import ctypes
import json
from pathlib import Path

from workbench.engine.compiled.cache import cached
from workbench.engine.compiled.cache_entry import LIBRARY
from workbench.engine.compiled.compile import compile_library


def library_of(kind: str, source: str) -> ctypes.CDLL:
    """Return the library of a source file, from the cache or newly built.

    Parameters
    ----------
    kind : str
        What it is called in the cache.
    source : str
        Its text, in C++.

    Raises
    ------
    BuildError
        Where there is no compiler, the build fails, or the cache is none to load programs from.
    """

    def make(folder: Path) -> None:
        (folder / f"{kind}.cpp").write_text(source)
        compile_library(folder, f"{kind}.cpp")
        (folder / "manifest.json").write_text(json.dumps({kind: True}))

    return ctypes.CDLL(str(cached({kind: source}, make) / LIBRARY))
