"""The build cache: one build for all who ask at once, nothing broken by a kill, and errors that say what to do."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.networks import SETUPS, make_case
from workbench.engine import cache
from workbench.engine.simulate import simulator
from workbench.errors import BuildError

ROOT = Path(__file__).parents[2]

#: Builds a network and says what it does.
PROGRAM = """
import json
from tests.networks import SETUPS, make_case
print(json.dumps(make_case(SETUPS["frozen_3"], count=3).record().loss.tolist()))
"""

#: Takes notes, and is quick or endless as wished. Brian2 has questions of its own to a compiler.
COMPILER = """#!/bin/sh
case "$*" in *merged.cpp*) ;; *) exec g++ "$@" ;; esac
echo build >> "$NOTES"
if [ -n "$ENDLESS" ]; then touch main; sleep 600; fi
sleep 1
exec g++ "$@" -O0
"""


class Workshop:
    """A cache of its own with a compiler that takes notes."""

    def __init__(self, folder: Path) -> None:
        self.cache = folder / "cache"
        self.notes = folder / "notes"
        self.compiler = folder / "compiler"
        self.compiler.write_text(COMPILER)
        self.compiler.chmod(0o755)

    def start(self, endless: str = "") -> "subprocess.Popen[str]":
        """Start a process that builds a network, in a group of processes of its own."""
        added = {"WORKBENCH_CACHE": self.cache, "CXX": self.compiler, "NOTES": self.notes, "ENDLESS": endless}
        return subprocess.Popen(
            [sys.executable, "-c", PROGRAM],
            cwd=ROOT,
            env=os.environ | {name: str(value) for name, value in added.items()},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def builds(self) -> int:
        """Return how often the compiler was called."""
        return len(self.notes.read_text().splitlines()) if self.notes.exists() else 0

    def folders(self) -> list[str]:
        """Return the folders in the cache."""
        return sorted(path.name for path in self.cache.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Return a cache in which a build was killed half-way."""
    shop = Workshop(tmp_path_factory.mktemp("workshop"))
    killed = shop.start(endless="yes")
    deadline = time.monotonic() + 60
    while shop.builds() == 0 and time.monotonic() < deadline and killed.poll() is None:
        time.sleep(0.1)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert shop.builds() == 1, "nothing was killed while it was being built"
    return shop


def test_a_kill_leaves_no_finished_network(workshop: Workshop) -> None:
    assert [name for name in workshop.folders() if not name.startswith("building-")] == []
    assert len(workshop.folders()) == 1


def test_after_a_kill_two_processes_build_once(workshop: Workshop) -> None:
    both = [workshop.start(), workshop.start()]
    told = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert workshop.builds() == 2, "one was killed, one should have been enough for both"
    assert told[0][0] == told[1][0]
    expected = make_case(SETUPS["frozen_3"], count=3).record().loss
    assert json.loads(told[0][0]) == pytest.approx(expected.tolist(), rel=1e-9)
    assert len(workshop.folders()) == 1, "what the killed process left is still there"


@pytest.fixture
def fresh_environment() -> Iterator[None]:
    """Let the compiler be looked for anew."""
    cache.compiler.cache_clear()
    cache._environment.cache_clear()
    yield
    cache.compiler.cache_clear()
    cache._environment.cache_clear()


@pytest.mark.usefixtures("fresh_environment")
def test_missing_compiler_is_told_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(
        BuildError, match=r"'no-such-compiler' is not on the PATH. Install g\+\+, name another in the variable CXX, or"
    ):
        simulator(SETUPS["eprop_1"])


@pytest.mark.usefixtures("fresh_environment")
def test_numpy_needs_no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    assert shutil.which("g++") is None
    case = make_case(SETUPS["eprop_1"], count=2)
    recording = case.record("numpy")
    assert len(recording.spikes["hidden1"].trial) > 0
    with pytest.raises(BuildError, match=r"No C\+\+ compiler"):
        case.record("cpp")


@pytest.mark.usefixtures("fresh_environment")
def test_compiler_that_fails_is_quoted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho 'merged.cpp:1: error: no memory left' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CXX", str(broken))
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    with pytest.raises(BuildError, match=r"The compiler failed: merged.cpp:1: error: no memory left"):
        simulator(SETUPS["frozen_3"])
    assert [path for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


def test_unwritable_cache_is_told_with_a_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(BuildError, match=r"file/cache: the build cache cannot be written .* Set WORKBENCH_CACHE."):
        simulator(SETUPS["eprop_1"])


def test_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    assert cache.cache_folder() == tmp_path
    monkeypatch.delenv("WORKBENCH_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache.cache_folder() == tmp_path / "xdg" / "learning-rule-workbench"


def test_a_failed_build_is_not_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    structure = {"name": "anything"}

    def fail(place: Path) -> None:
        (place / "half").touch()
        raise BuildError("half-way")

    with pytest.raises(BuildError, match="half-way"):
        cache.cached(structure, fail)
    made = cache.cached(structure, lambda place: (place / "whole").touch())
    assert [path.name for path in made.iterdir()] == ["whole"]
    assert cache.cached(structure, fail) == made
