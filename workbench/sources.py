"""The code of the workbench, as part of the name of what it made: nothing made by other code passes for the same."""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

_PACKAGE = Path(__file__).parent

#: Parts that show results and make none.
SHOWING = ("figures", "tables", "testing", "cli.py", "commands.py", "output.py", "printing.py")

#: Parts that decide about a network's program.
BUILDING = (
    "feedback.py",
    "model",
    "engine",
    "equations.py",
    "expressions.py",
    "neuron.py",
    "rule.py",
    "network.py",
    "losses.py",
    "linear.py",
)


def checksum(paths: Iterable[Path]) -> str:
    """Return a hash of the names and contents of files."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(f"{path.name} {path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def code_that_builds() -> str:
    """Return a hash of the code that decides about a network's program."""
    return checksum(path for part in BUILDING for path in _files(part))


@lru_cache(maxsize=1)
def code_that_makes_results() -> str:
    """Return a hash of all code that decides about a result."""
    shown = {path for part in SHOWING for path in _files(part)}
    code = {path for kind in ("py", "cpp") for path in _PACKAGE.rglob(f"*.{kind}")}
    return checksum(code - shown)


def _files(part: str) -> list[Path]:
    path = _PACKAGE / part
    return [path] if path.suffix else [file for kind in ("py", "cpp") for file in path.rglob(f"*.{kind}")]
