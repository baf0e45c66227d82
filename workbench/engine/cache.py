"""A folder of compiled networks, named by what is in them; safe for processes that use it at once."""

import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from workbench.errors import BuildError
from workbench.files import put_on_disk
from workbench.sources import code_that_builds

#: What decides about numbers: each operation is rounded by itself and in the order in which it is written, so that a
#: program gives the same bits however it is cut and on whatever processor; nobody asks for errors or traps.
ARITHMETIC = ("-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-include", "arithmetic.h")

#: Besides, whatever the processor offers, and where Brian2's headers are.
FLAGS = (
    *("-w", *ARITHMETIC, "-march=native", "-std=c++17", "-I.", "-Ibrianlib"),
    # Several networks live in one process, and none may see the others' arrays.
    *("-fPIC", "-fvisibility=hidden", "-fno-gnu-unique"),
)

#: The file that is loaded.
LIBRARY = "program.so"

#: What a program needs to run as it should; it takes an array that is not there for zeros.
NEEDED = (LIBRARY, "manifest.json", "static_arrays/*")

#: Bytes beyond which the networks that were not used for longest are dropped, and how long nobody drops one [second].
LIMIT = 1 << 30
IN_USE = 3600.0

#: Written last: what is needed, and how large each file is.
SIZES = "sizes.json"


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
        Where there is none, or what there is does not answer.
    """
    name = os.environ.get("CXX") or "g++"
    path = shutil.which(name)
    if path is None:
        raise BuildError(
            f"No C++ compiler: '{name}' is not on the PATH. Install g++, name another in the variable CXX, "
            "or choose the target 'numpy', which needs none and is slow."
        )
    try:
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise BuildError(
            f"The C++ compiler '{path}' does not answer to '--version'. Name another in the variable CXX, "
            "or choose the target 'numpy', which needs none and is slow."
        ) from error
    return path, told.splitlines()[0] if told else ""


def _processor(described: Path = Path("/proc/cpuinfo")) -> list[str]:
    """Return what the compiler fits a binary to, in the words of x86 or else of ARM."""
    lines = described.read_text().splitlines() if described.exists() else []
    told = {line for line in lines if line.startswith("flags")}
    told = told or {line for line in lines if line.startswith(("Features", "CPU part"))}
    return sorted(told) or [platform.processor() or platform.machine()]


@lru_cache(maxsize=1)
def _environment() -> dict[str, Any]:
    """Return what besides the structure decides about a binary: versions, compiler, flags, processor, our code."""
    return {
        "brian2": version("brian2"),
        "numpy": version("numpy"),
        "sympy": version("sympy"),
        "compiler": compiler(),
        "flags": FLAGS,
        "processor": _processor(),
        "code": code_that_builds(),
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


def _unwritable(folder: Path, error: OSError) -> BuildError:
    return BuildError(f"{folder}: the build cache cannot be written ({error}). Set WORKBENCH_CACHE.")


def refuse_unwritable() -> None:
    """Raise a BuildError where the folder of compiled networks cannot be made or written."""
    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise _unwritable(folder, error) from error


def cached(structure: dict[str, Any], make: Callable[[Path], None]) -> Path:
    """Return the folder of a structure's binary, made by `make` if it is not there yet or has lost a file.

    Parameters
    ----------
    structure : dict
        What decides about the code; JSON.
    make : callable
        Is given an empty folder to fill with what is `NEEDED`.

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
    if _is_whole(final):
        # A cache that others have made may be one that cannot be written.
        with suppress(OSError):
            os.utime(final / SIZES)
        return final
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder / f"{final.name}.lock"):
            if not _is_whole(final):
                _build(final, make)
    except OSError as error:
        raise _unwritable(folder, error) from error
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
    mark = cache_folder() / f"{key_of(structure)}.rehearsed"
    if mark.exists():
        return
    rehearse()
    # Without a mark it is tried again, which takes a second.
    with suppress(OSError):
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()


def _build(final: Path, make: Callable[[Path], None]) -> None:
    folder = final.parent
    # Nobody else builds this one now: what is there was left by a process that was killed, or has lost a file since.
    for left in (final, *folder.glob(f"building-{final.name}-*")):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=f"building-{final.name}-") as place:
        made = Path(place) / "made"
        made.mkdir()
        make(made)
        _seal(made)
        made.rename(final)
    put_on_disk(folder)
    _make_room(folder)


def _make_room(folder: Path) -> None:
    """Drop the networks that were not used for longest, until the others take no more than `LIMIT`."""
    used = []
    for path in folder.glob(f"*/{SIZES}"):
        # Another process may drop it at the same moment.
        with suppress(OSError, ValueError):
            used.append((path.stat().st_mtime, sum(json.loads(path.read_bytes()).values()), path.parent))
    total = sum(size for _, size, _ in used)
    for last, size, entry in sorted(used):
        if total <= LIMIT or time.time() - last < IN_USE:
            return
        shutil.rmtree(entry, ignore_errors=True)
        total -= size


def _seal(entry: Path) -> None:
    """Note what an entry has, and let it reach the disk before the entry gets its name."""
    sizes = _sizes(entry)
    for name in (LIBRARY, "manifest.json"):
        if not sizes.get(name):
            raise BuildError(f"The build ended without an error, but left no '{name}'. Name another compiler in CXX.")
    (entry / SIZES).write_text(json.dumps(sizes))
    files = [entry / name for name in (*sizes, SIZES)]
    for path in (*files, *{file.parent for file in files}):
        put_on_disk(path)


def _is_whole(entry: Path) -> bool:
    """Return whether an entry has all that is needed; cleaners of old files and losses of power take single files."""
    try:
        return bool(json.loads((entry / SIZES).read_bytes()) == _sizes(entry))
    except (OSError, ValueError):
        return False


def _sizes(entry: Path) -> dict[str, int]:
    """Return the sizes of the files that are needed, as far as they are there."""
    files = [path for pattern in NEEDED for path in entry.glob(pattern)]
    return {str(path.relative_to(entry)): path.stat().st_size for path in files}
