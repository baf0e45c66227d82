"""Plugins for tests, written to a file or installed as a distribution; a place for compiled networks."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import hypothesis
import pytest

ROOT = Path(__file__).parents[1]

# How long an example takes says nothing on a machine that compiles at the same time.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

#: A plugin file that is in order; tests break one thing of it.
GOOD_PLUGIN = """\
from workbench import Rule, hookimpl


@hookimpl
def workbench_rules():
    yield Rule(name="mine", title="Mine", synapse="dg/dt = v_post : second")
"""


@pytest.fixture(scope="session", autouse=True)
def compiled_networks() -> Iterator[None]:
    """Keep compiled networks from one session to the next, apart from the user's own, and compile them fast."""
    place = Path(os.environ.get("WORKBENCH_CACHE") or ROOT / ".cache" / "tests")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORKBENCH_CACHE", str(place))
        patch.setenv("WORKBENCH_TEST_HEADERS", str(place.with_name(f"{place.name}-headers")))
        if "CXX" not in os.environ:
            patch.setenv("CXX", str(ROOT / "tests" / "compiler"))
        yield


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
