"""Plugins for tests, written to a file or installed as a distribution; places for what is compiled."""

import os
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path
from textwrap import dedent

import hypothesis
import pytest

ROOT = Path(__file__).parents[1]

# How long an example takes says nothing on a machine that compiles at the same time.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

#: What `make quick` has as its compiler.
NO_COMPILER = "no-compiler-for-quick-tests"

#: What takes longest comes first, so that no process is left with it when the others are done.
SLOWEST = (
    *("tests/test_readme.py", "tests/end_to_end/", "tests/testing/", "tests/engine/compiled/test_merge.py"),
    *("tests/engine/test_event_driven.py", "tests/reference/", "tests/rules/", "tests/engine/", "tests/study/work/"),
    *("tests/audit/", "tests/figures/", "tests/model/", "tests/study/"),
)

#: Files of which each test may run in another process than the next.
SPREAD = (
    *("tests/testing/test_suite.py", "tests/testing/test_subjects.py", "tests/engine/test_event_driven.py"),
    *("tests/reference/test_rasters.py", "tests/reference/test_precision.py", "tests/rules/test_exact_for.py"),
    "tests/engine/compiled/test_optimization.py",
)

#: A plugin file that is in order; tests break one thing of it.
GOOD_PLUGIN = """\
from workbench import Rule, hookimpl


@hookimpl
def workbench_rules():
    yield Rule(name="mine", title="Mine", synapse="dg/dt = v_post : second")
"""


def _say_where_to_keep_what_is_compiled() -> None:
    """Keep what is compiled from one session to the next, apart from the user's own, and compile it fast.

    Before anything imports JAX, which reads this once; tests of a folder may do so in a `conftest.py` of their own.
    """
    place = Path(os.environ.get("WORKBENCH_CACHE") or ROOT / ".cache" / "tests")
    os.environ["WORKBENCH_CACHE"] = str(place)
    os.environ.setdefault("CXX", str(ROOT / "tests" / "compiler"))
    os.environ["WORKBENCH_TEST_HEADERS"] = str(place.with_name(f"{place.name}-headers"))
    os.environ["JAX_COMPILATION_CACHE_DIR"] = str(place.with_name(f"{place.name}-jax"))
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    os.environ["JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES"] = "-1"
    # What another process is writing at the moment cannot be read, and is compiled anew.
    os.environ["PYTHONWARNINGS"] = "ignore:Error reading persistent compilation cache"


_say_where_to_keep_what_is_compiled()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests stay together where several processes share them, and let the slowest begin.

    Before pytest-xdist reads it.
    """
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=_place)


def _group(item: pytest.Item) -> str:
    """Return what a test belongs to: its file, whose costly fixtures are made once, unless there are none."""
    path = item.path.relative_to(ROOT).as_posix()
    if "whole" in getattr(item, "fixturenames", ()):
        return "whole"
    callspec = getattr(item, "callspec", None)
    if path in SPREAD:
        # The same parameters in one process, where one test looks at what another has counted.
        return f"{path} {callspec.id if callspec else item.name}"
    return path


def _place(item: pytest.Item) -> int:
    path = item.path.relative_to(ROOT).as_posix()
    found = [number for number, start in enumerate(SLOWEST) if path.startswith(start)]
    return found[0] if found else len(SLOWEST)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Skip what needs a compiler where `make quick` takes it away."""
    report = yield
    if os.environ.get("CXX") == NO_COMPILER and call.excinfo is not None and NO_COMPILER in str(call.excinfo.value):
        report.outcome = "skipped"
        report.longrepr = (str(Path(__file__)), 0, "Skipped: needs a compiler")
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell how long the whole command has taken, where it was more than the tests."""
    if "WORKBENCH_TEST_BEGAN" in os.environ:
        seconds = time.time() - float(os.environ["WORKBENCH_TEST_BEGAN"])
        terminalreporter.write_line(f"All checks and tests took {seconds:.0f} s.")


@pytest.fixture
def networks_of_its_own() -> Generator[None]:
    """Let a test be given no network that was built before, nor another one that is built meanwhile."""
    _forget_networks()
    yield
    _forget_networks()


@pytest.fixture(autouse=True)
def _none_but_its_own(request: pytest.FixtureRequest) -> None:
    """Do so for every test that may put something else in place of what builds networks."""
    if "monkeypatch" in request.fixturenames:
        request.getfixturevalue("networks_of_its_own")


def _forget_networks() -> None:
    interpreted = sys.modules.get("workbench.engine.interpreted.program")
    if interpreted is not None:
        interpreted._IDLE.clear()
    models = sys.modules.get("workbench.model.by_structure")
    if models is not None:
        for function in models.REMEMBERED:
            function.forget()


@pytest.fixture
def plugin_file(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a plugin file and returns its path."""

    def write(text: str = GOOD_PLUGIN, name: str = "mine.py") -> Path:
        path = tmp_path / name
        path.write_text(dedent(text))
        return path

    return write


@pytest.fixture
def install_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return a function that installs a distribution with one plugin for the time of the test."""

    def install(
        text: str = GOOD_PLUGIN, module: str = "stranger", entry: str = "", distribution: str = "strangers-rules"
    ) -> Path:
        site = tmp_path / distribution
        info = site / f"{distribution.replace('-', '_')}-1.5.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.5\n")
        (info / "entry_points.txt").write_text(entry or f"[workbench]\n{module} = {module}\n")
        path = site / f"{module}.py"
        path.write_text(dedent(text))
        monkeypatch.syspath_prepend(str(site))
        # Enter the name now, so that what the test imports is forgotten afterwards.
        monkeypatch.setitem(sys.modules, module, sys)
        monkeypatch.delitem(sys.modules, module)
        return path

    return install
