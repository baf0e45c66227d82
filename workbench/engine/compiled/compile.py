"""From a setup to a compiled library, in a folder of its own."""

import os
import shutil
import subprocess
from pathlib import Path

from workbench.common.errors import BuildError
from workbench.common.importing import import_brian2
from workbench.engine.compiled.cache_entry import LIBRARY, NEEDED
from workbench.engine.compiled.cache_key import FLAGS, compiler
from workbench.model.setup import Setup

#: Functions in place of those of the C library.
_ARITHMETIC = [Path(__file__).parent / "templates" / name for name in ("arithmetic.cpp", "noise.cpp")]


def make(setup: Setup, folder: Path) -> None:
    """Fill a folder with a setup's library and the arrays that it reads.

    Raises
    ------
    BuildError
        Where there is no compiler, or Brian2 or the compiler fails.
    WorkbenchError
        Where the setup's equations do not hold together.
    """
    # Brian2 is imported by who builds a network, and by nobody who runs one.
    import_brian2()
    from workbench.engine.compiled.generate import generate
    from workbench.text.equations import root_cause

    compiler()
    sources = folder / "sources"
    sources.mkdir()
    try:
        source = generate(setup, sources)
    except (TypeError, ValueError, KeyError, SyntaxError, NotImplementedError) as error:
        raise BuildError(f"Brian2 could not generate code for the network: {root_cause(error)}") from error
    compile_library(sources, source)
    for name in NEEDED:
        for path in sources.glob(name):
            (folder / name).parent.mkdir(exist_ok=True)
            path.rename(folder / path.relative_to(sources))
    shutil.rmtree(sources)


def compile_library(folder: Path, source: str, name: str = LIBRARY) -> None:
    """Compile a source file in a folder into a library.

    Raises
    ------
    BuildError
        With what the compiler said.
    """
    path, _ = compiler()
    (folder / "arithmetic.h").write_bytes(b"".join(path.read_bytes() for path in _ARITHMETIC))
    command = [path, *FLAGS, "-shared", source, "-o", name]
    # What the compiler leaves when it is killed is removed with the folder.
    environment = os.environ | {"TMPDIR": str(folder.absolute())}
    built = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if built.returncode:
        lines = [line for line in built.stderr.splitlines() if "error" in line] or built.stderr.splitlines()
        told = " ".join(lines[:2]) or "nothing"
        raise BuildError(f"The compiler ended with code {built.returncode} and said: {told}")
