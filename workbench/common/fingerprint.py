"""The code of the workbench, as part of the name of what it made: nothing made by other code passes for the same.

Which modules decide about something follows from who imports whom, so that a new one cannot be forgotten. What Python
does not run, such as a comment or a docstring, decides about nothing.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]

#: Where a network's program is made: what these import decides about it.
BUILDING = ("engine/compiled/program.py", "model/read_program.py")

#: Where a study's results are made: what these import decides about them, and what only shows them is not among it.
MAKING_RESULTS = ("study/work/worker.py", "study/work/own_process.py")


def as_written() -> str:
    """Return a hash of all files of the workbench, to the letter: where none has changed, it is the same code."""
    files = (path for path in _PACKAGE.rglob("*") if path.parent.name != "__pycache__" and path.is_file())
    return _hashed({path: path.read_bytes() for path in files})


def checksum(roots: Iterable[str]) -> str:
    """Return a hash of what decides about some modules of the workbench, as `deciding` finds it."""
    return _hashed(deciding(roots))


def deciding(roots: Iterable[str]) -> dict[Path, bytes]:
    """Return some modules of the workbench and all that they import, directly or not, and their templates.

    Parameters
    ----------
    roots : iterable of str
        Paths in the package.

    Returns
    -------
    dict of Path to bytes
        What each of them says that Python runs.
    """
    found: dict[Path, _Module] = {}
    missing = {_PACKAGE / root for root in roots}
    while missing:
        found |= {path: _read(path) for path in missing}
        missing = {imported for path in missing for imported in found[path].imports} - found.keys()
    templates = {path for folder in {path.parent for path in found} for path in folder.glob("templates/*")}
    code = {path: module.code.encode() for path, module in found.items()}
    return code | {path: path.read_bytes() for path in templates}


@dataclass(frozen=True)
class _Module:
    """The modules of the workbench that a module imports when it runs, and a text of what it does."""

    imports: frozenset[Path]
    code: str


def _hashed(contents: Mapping[Path, bytes]) -> str:
    digest = hashlib.sha256()
    for path in sorted(contents):
        digest.update(f"{path.relative_to(_PACKAGE)} {len(contents[path])}\n".encode())
        digest.update(contents[path])
    return digest.hexdigest()


def _read(path: Path) -> _Module:
    tree = ast.parse(path.read_bytes(), path)
    imported = {file for name in set(_imported(tree)) for file in _files(name)}
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
    package = path / "__init__.py"
    # A folder alone may be left over, and Python prefers a module to it.
    return package if package.exists() else path.with_suffix(".py")


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
