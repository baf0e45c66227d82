"""What names a binary: a hash of all that decides about it."""

import hashlib
import json
import os
import platform
import shutil
import subprocess
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from workbench.common.errors import BuildError
from workbench.engine.compiled.code_hash import code_that_builds

#: What decides about numbers: each operation is rounded by itself and in the order in which it is written, so that a
#: program gives the same bits however it is cut and on whatever processor; nobody asks for errors or traps.
ARITHMETIC = ("-O3", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math", "-include", "arithmetic.h")

#: Besides, whatever the processor offers, and where Brian2's headers are.
FLAGS = (
    *("-w", *ARITHMETIC, "-march=native", "-std=c++17", "-I.", "-Ibrianlib"),
    # Several networks live in one process, and none may see the others' arrays.
    *("-fPIC", "-fvisibility=hidden", "-fno-gnu-unique"),
)


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
        "python": platform.python_version(),
        "brian2": version("brian2"),
        "jinja2": version("jinja2"),
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
