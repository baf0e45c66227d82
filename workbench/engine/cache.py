"""A folder of compiled networks, named by what is in them; safe for processes that use it at once."""

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from workbench.errors import BuildError

#: Brian2's own choice for gcc.
FLAGS = ("-w", "-O3", "-ffast-math", "-fno-finite-math-only", "-march=native", "-std=c++11")


def cache_folder() -> Path:
    """Return the folder of compiled networks: ``$WORKBENCH_CACHE``, or one in the user's cache."""
    named = os.environ.get("WORKBENCH_CACHE")
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))) / "learning-rule-workbench"


@lru_cache(maxsize=1)
def compiler() -> tuple[str, str]:
    """Return the path and version of the C++ compiler.

    Raises
    ------
    BuildError
        Where there is none.
    """
    name = os.environ.get("CXX") or "g++"
    path = shutil.which(name)
    if path is None:
        raise BuildError(
            f"No C++ compiler: '{name}' is not on the PATH. Install g++, name another in the variable CXX, "
            "or choose the target 'numpy', which needs none and is slow."
        )
    found = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return path, found.stdout.splitlines()[0] if found.stdout else ""


@lru_cache(maxsize=1)
def _environment() -> dict[str, Any]:
    """Return what besides the structure decides about a binary: versions, compiler, flags, processor, our code."""
    processor = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next((line for line in lines if line.startswith("flags")), processor)
    except OSError:
        pass
    code = hashlib.sha256()
    package = Path(__file__).parent.parent
    for path in sorted(
        [*(package / "model").glob("*.py"), *(package / "engine").glob("*.py"), package / "equations.py"]
    ):
        code.update(path.read_bytes())
    return {
        "brian2": version("brian2"),
        "numpy": version("numpy"),
        "compiler": compiler(),
        "flags": FLAGS,
        "processor": processor,
        "code": code.hexdigest(),
    }


def key_of(structure: dict[str, Any]) -> str:
    """Return the name of a structure's binary: a hash of its canonical text and of what compiles it."""
    text = json.dumps({"structure": structure, "environment": _environment()}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that the system releases when the process ends, however it ends."""
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def cached(structure: dict[str, Any], make: Callable[[Path], None]) -> Path:
    """Return the folder of a structure's binary, made by `make` if it is not there yet.

    Parameters
    ----------
    structure : dict
        What decides about the code; JSON.
    make : callable
        Is given an empty folder to fill.

    Returns
    -------
    Path
        A folder that nobody changes any more.

    Raises
    ------
    BuildError
        Where the cache cannot be written, or `make` fails.
    """
    folder = cache_folder()
    final = folder / key_of(structure)
    if final.exists():
        return final
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder / f"{final.name}.lock"):
            if not final.exists():
                # Nobody else builds this one now: what is there was left by a process that was killed.
                for left in folder.glob(f"building-{final.name}-*"):
                    shutil.rmtree(left, ignore_errors=True)
                with tempfile.TemporaryDirectory(dir=folder, prefix=f"building-{final.name}-") as place:
                    made = Path(place) / "made"
                    made.mkdir()
                    make(made)
                    made.rename(final)
    except OSError as error:
        raise BuildError(f"{folder}: the build cache cannot be written ({error}). Set WORKBENCH_CACHE.") from error
    return final
