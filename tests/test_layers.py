"""Imports go one way, and what is light stays light."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import workbench

ROOT = Path(__file__).parents[1]

#: Data and text, which every part may read.
COMMON = {
    "common",
    "text",
    "declare",
}

#: Part of `workbench` -> the parts that it may import, besides itself and what is common.
MAY_IMPORT = {
    **{name: set[str]() for name in COMMON},
    "catalogue": {"measures"},
    "tasks": {"workbench"},
    "model": set(),
    "engine": {"model"},
    "adjoint": {"engine", "model"},
    "exact_time": {"engine", "model"},
    "reference": {"adjoint", "engine", "exact_time", "model"},
    "measures": set(),
    "audit": {"engine", "reference", "measures", "model"},
    "study": {"audit", "engine", "reference", "measures", "tasks", "catalogue", "model", "tables"},
    "testing": {"adjoint", "audit", "engine", "exact_time", "reference", "measures", "tasks", "catalogue", "model"},
    "tables": {"measures"},
    "figures": {"tables", "measures", "catalogue"},
    "report": {"study", "audit", "engine", "model", "tables", "figures", "catalogue", "measures"},
    "command": {"report", "study", "audit", "tables", "figures", "catalogue", "testing"},
    "built_in_figures": {"catalogue", "figures", "tables"},
    "__main__": {"command"},
    "workbench": {"catalogue", "audit", "study", "figures", "report"},
}

#: Heavy package -> the only parts that may import it.
HEAVY = {
    "brian2": {"common", "text", "model", "engine", "reference", "audit"},
    "jax": {"reference"},
    "sklearn": {"tasks"},
    "joblib": {"study"},
    "dask": {"study"},
    "distributed": {"study"},
    "optuna": {"study"},
    "pydantic": {"study"},
    "typer": {"command"},
    "seaborn": {"figures"},
    "jinja2": {"report"},
    "markupsafe": {"report"},
    "matplotlib": {"figures", "tables"},
}


def part_of(path: Path) -> str:
    """Return the name of the part that a file of `workbench` belongs to."""
    relative = path.relative_to(ROOT / "workbench").with_suffix("")
    return "workbench" if relative.name == "__init__" and len(relative.parts) == 1 else relative.parts[0]


def imports(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each module that a file imports, wherever in the file, and the names taken from it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield node.module or "", [alias.name for alias in node.names]


def parts_read(path: Path) -> Iterator[str]:
    """Yield the parts of `workbench` that a file imports."""
    for module, names in imports(path):
        if module == "workbench":
            modules = {name for name in names if (ROOT / "workbench" / f"{name}.py").exists()}
            modules |= {name for name in names if (ROOT / "workbench" / name).is_dir()}
            yield from modules
            if set(names) - modules:
                yield "workbench"
        elif module.startswith("workbench."):
            yield module.split(".")[1]


FILES = sorted((ROOT / "workbench").rglob("*.py"))
PLUGINS = sorted((ROOT / "plugins").glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    part = part_of(path)
    assert part in MAY_IMPORT, f"'{part}' is a new part: say here what it may import"
    assert set(parts_read(path)) <= MAY_IMPORT[part] | COMMON | {part}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_heavy_packages_stay_where_they_belong(path: Path) -> None:
    for module, _ in imports(path):
        package = module.split(".")[0]
        assert part_of(path) in HEAVY.get(package, {part_of(path)}), f"'{package}' does not belong in '{part_of(path)}'"


def test_the_reader_of_imports_sees_them() -> None:
    assert {"catalogue", "study"} <= set(parts_read(ROOT / "workbench" / "__init__.py"))
    assert "workbench" in set(parts_read(ROOT / "workbench" / "tasks" / "digits.py"))


@pytest.mark.parametrize("path", PLUGINS, ids=lambda path: path.name)
def test_plugins_use_public_names_alone(path: Path) -> None:
    for module, names in imports(path):
        if module.split(".")[0] not in sys.stdlib_module_names:
            assert module == "workbench"
            assert set(names) <= set(workbench.__all__)


def test_public_names_exist() -> None:
    assert sorted(workbench.__all__) == workbench.__all__
    for name in workbench.__all__:
        assert hasattr(workbench, name)


def test_no_submodule_takes_the_place_of_a_public_name() -> None:
    public = {name: getattr(workbench, name) for name in workbench.__all__}
    modules = [found.name for found in pkgutil.walk_packages(workbench.__path__, "workbench.")]
    for name in modules:
        importlib.import_module(name)
    for name, value in public.items():
        assert getattr(workbench, name) is value
        assert not isinstance(value, ModuleType)
    assert workbench.tasks().keys() == workbench.tasks().keys() != set()
    # There is something to be told apart, which takes the place of a name that is not public.
    assert {"workbench.tasks", "workbench.common"} <= set(modules)
    assert isinstance(vars(workbench)["common"], ModuleType)


def test_public_names_are_listed() -> None:
    assert dir(workbench) == workbench.__all__


@pytest.mark.parametrize(
    "statement",
    [
        "import workbench",
        "import workbench.command.commands",
        "import workbench; workbench.rules()",
        # Whoever runs what is compiled builds nothing, and a second is a share of a short run.
        "import workbench.study.run.training",
    ],
)
def test_import_is_light(statement: str) -> None:
    heavy = {*HEAVY, "pandas", "scipy", "pyarrow"} - {"typer", "pydantic" if "study" in statement else ""}
    code = f"{statement}\nimport sys\nprint(*sorted(sys.modules))"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not heavy & set(finished.stdout.split())
