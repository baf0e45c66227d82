"""What is shipped is what is there."""

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import workbench

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ENTRY_POINTS: dict[str, str] = PROJECT["project"]["entry-points"]["workbench"]


def modules(folder: str) -> set[str]:
    """Return the names of the files of a folder that hold a plugin."""
    return {path.stem for path in (ROOT / folder).glob("*.py")} - {"__init__"}


def python_folders() -> set[str]:
    """Return the packages that there are, by the names under which they are imported."""
    folders = {path.parent for top in ("workbench", "plugins") for path in (ROOT / top).rglob("*.py")}
    names = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    return {re.sub(r"^plugins\b", "workbench_plugins", name) for name in names}


def test_package_list_is_the_folders() -> None:
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == python_folders()


def test_every_package_has_an_init() -> None:
    for name in python_folders():
        folder = ROOT / name.replace("workbench_plugins", "plugins").replace(".", "/")
        assert (folder / "__init__.py").exists(), f"{folder} would be a namespace package"


@pytest.mark.parametrize(
    ("folder", "package"), [("plugins", "workbench_plugins"), ("workbench/tasks", "workbench.tasks")]
)
def test_plugin_files_are_the_entry_points(folder: str, package: str) -> None:
    named = {name: module for name, module in ENTRY_POINTS.items() if module.startswith(f"{package}.")}
    assert named == {name: f"{package}.{name}" for name in modules(folder)}


def test_installed_entry_points_are_those_of_the_project() -> None:
    distribution = importlib.metadata.distribution("learning-rule-workbench")
    installed = {point.name: point.value for point in distribution.entry_points if point.group == "workbench"}
    assert installed == ENTRY_POINTS


def test_plugins_are_short() -> None:
    paths = list((ROOT / "plugins").glob("*.py"))
    assert len(paths) > 10
    for path in paths:
        # Two phases and error neurons in both kinds of layers are more than one concept; so are neurons brought along.
        most = {"stdp_backprop.py": 90, "microcircuit.py": 105}.get(path.name, 60)
        assert len(path.read_text().splitlines()) < most, f"{path} is too long for one concept"


def test_version_is_the_same_everywhere() -> None:
    assert importlib.metadata.version("learning-rule-workbench") == workbench.__version__
    assert f"version: {workbench.__version__}\n" in (ROOT / "CITATION.cff").read_text()


def test_wheel_holds_the_packages_and_claims_no_other_name(tmp_path: Path) -> None:
    # A copy, because setuptools leaves its work beside the sources.
    source = tmp_path / "source"
    source.mkdir()
    for name in ("workbench", "plugins"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "LICENSE", "README.md"):
        shutil.copy(ROOT / name, source / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(source)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        shipped = set(archive.namelist())
    expected = {
        str(path.relative_to(source)).replace("plugins/", "workbench_plugins/", 1)
        if path.is_relative_to(source / "plugins")
        else str(path.relative_to(source))
        for top in ("workbench", "plugins")
        for path in (source / top).rglob("*")
        if path.is_file()
    }
    code = {name for name in shipped if ".dist-info/" not in name}
    assert code >= expected
    assert {name.split("/")[0] for name in code} == {"workbench", "workbench_plugins"}
    assert any(name.endswith("licenses/LICENSE") for name in shipped)
    assert any(name.endswith("entry_points.txt") for name in shipped)


def test_processes_are_told_which_tests_stay_together(request: pytest.FixtureRequest) -> None:
    groups = [mark.args for mark in request.node.iter_markers("xdist_group")]
    assert groups == [("tests/test_packaging.py",)]
    if "PYTEST_XDIST_WORKER" in os.environ:
        assert request.node.nodeid.endswith("@tests/test_packaging.py")
