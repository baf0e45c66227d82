"""The code of the workbench, as part of the name of what it made: nothing made by other code passes for the same.

Which modules decide about something follows from who imports whom, so that a new one cannot be forgotten. What Python
does not run, such as a comment or a docstring, decides about nothing.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

_PACKAGE = Path(__file__).parent

#: Where a network's program is made: what these import decides about it.
BUILDING = ("engine/standalone.py",)

#: Where a study's results are made: what these import decides about them, and what only shows them is not among it.
MAKING_RESULTS = ("study/worker.py", "study/processes.py")


@lru_cache(maxsize=1)
def code_that_builds() -> str:
    """Return a hash of the code that decides about a network's program."""
    return _checksum(BUILDING)


@lru_cache(maxsize=1)
def code_that_makes_results() -> str:
    """Return a hash of the code that decides about a result."""
    return _checksum(MAKING_RESULTS)


def deciding(roots: Iterable[str]) -> set[Path]:
    """Return some modules of the workbench and all that they import, directly or not, and their templates.

    Parameters
    ----------
    roots : iterable of str
        Paths in the package.
    """
    found: set[Path] = set()
    missing = {_PACKAGE / root for root in roots}
    while missing:
        found |= missing
        missing = {path for module in missing for path in _read(module).imports} - found
    return found | {path for folder in {path.parent for path in found} for path in folder.glob("templates/*")}


@dataclass(frozen=True)
class _Module:
    """The modules of the workbench that a module imports when it runs, and a text of what it does."""

    imports: frozenset[Path]
    code: str


def _checksum(roots: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for path in sorted(deciding(roots)):
        content = _read(path).code.encode() if path.suffix == ".py" else path.read_bytes()
        digest.update(f"{path.relative_to(_PACKAGE)} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


@cache
def _read(path: Path) -> _Module:
    tree = ast.parse(path.read_bytes(), path)
    imported = {file for name in _imported(tree) for file in _files(name)}
    return _Module(frozenset(imported), _written(tree))


def _imported(node: ast.AST) -> Iterator[str]:
    """Yield the names of all that a piece of code imports, wherever it does, but for those of types alone."""
    for part in ast.iter_child_nodes(node):
        if isinstance(part, ast.Import):
            yield from (alias.name for alias in part.names)
        elif isinstance(part, ast.ImportFrom):
            # An empty name begins what is imported relatively, which no module does.
            yield from (f"{part.module or ''}.{alias.name}" for alias in part.names)
        elif isinstance(part, ast.If) and isinstance(part.test, ast.Name) and part.test.id == "TYPE_CHECKING":
            yield from _imported(ast.Module(part.orelse, []))
        elif isinstance(part, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from _imported(part)


def _files(name: str) -> Iterator[Path]:
    """Yield the files of the workbench that Python runs to import something: a module, and the packages it is in.

    The outermost package, which only gathers public names, counts where it is itself what is imported.
    """
    package, *parts = name.split(".")
    if package != "workbench":
        return
    if not parts or (len(parts) == 1 and not _module(parts).exists()):
        yield _PACKAGE / "__init__.py"
    for length in range(1, len(parts) + 1):
        path = _module(parts[:length])
        if path.exists():
            yield path


def _module(parts: list[str]) -> Path:
    path = _PACKAGE.joinpath(*parts)
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _written(value: object) -> str:
    """Return a text of some code that is the same for the same code, in every version of Python that has its syntax."""
    told: list[str] = []
    _write(value, told)
    return "".join(told)


def _write(value: object, told: list[str]) -> None:
    if isinstance(value, ast.AST):
        told.append(f"{type(value).__name__}(")
        for name in value._fields:
            field = getattr(value, name, None)
            # Whether a name is read or set follows from where it stands, and versions differ in whether they have the
            # fields in which nothing is.
            if name != "ctx" and field is not None and field != []:
                told.append(f"{name}=")
                _write(field, told)
        told.append(")")
    elif isinstance(value, list):
        told.append("[")
        for item in value:
            if not _is_said_only(item):
                _write(item, told)
        told.append("]")
    else:
        told.append(f"{value!r},")


def _is_said_only(item: object) -> bool:
    """Return whether a statement is nothing but a text, such as a docstring."""
    return isinstance(item, ast.Expr) and isinstance(item.value, ast.Constant) and isinstance(item.value.value, str)
