"""The build cache: one build for all who ask at once, nothing broken by a kill, and errors that say what to do."""

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.networks import SETUPS
from tests.patience import HANGS
from workbench.common.errors import BuildError
from workbench.engine.compiled import cache, cache_key
from workbench.engine.compiled.cache_entry import LIBRARY, SEAL
from workbench.engine.compiled.cache_folder import refuse_unwritable
from workbench.engine.simulate import simulator
from workbench.testing.case import random_case

ROOT = Path(__file__).parents[3]

#: Builds a network and says what it does.
PROGRAM = """
import json
from tests.networks import SETUPS
from workbench.testing.case import random_case
print(json.dumps(random_case(SETUPS["frozen_3"], count=3).record().loss.tolist()))
"""

#: Takes notes, and is quick or endless as wished. Brian2 has questions of its own to a compiler; linking comes after.
COMPILER = """#!/bin/sh
case "$*" in *merged.cpp*) ;; *) exec g++ "$@" ;; esac
echo build >> "$NOTES"
if [ -n "$ENDLESS" ]; then touch program.so; sleep 600; fi
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
        """Return how often a network was compiled."""
        return len(self.notes.read_text().splitlines()) if self.notes.exists() else 0

    def folders(self) -> list[str]:
        """Return the folders in the cache."""
        return sorted(path.name for path in self.cache.iterdir() if path.is_dir())


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Return a cache in which a build was killed half-way."""
    shop = Workshop(tmp_path_factory.mktemp("workshop"))
    killed = shop.start(endless="yes")
    deadline = time.monotonic() + HANGS
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
    told = [process.communicate(timeout=HANGS) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert workshop.builds() == 2, "one was killed, one should have been enough for both"
    assert told[0][0] == told[1][0]
    expected = random_case(SETUPS["frozen_3"], count=3).record().loss
    assert json.loads(told[0][0]) == pytest.approx(expected.tolist(), rel=1e-9)
    assert len(workshop.folders()) == 1, "what the killed process left is still there"


@pytest.fixture
def fresh_environment() -> Iterator[None]:
    """Let the compiler be looked for anew."""
    cache_key.compiler.cache_clear()
    cache_key._environment.cache_clear()
    yield
    cache_key.compiler.cache_clear()
    cache_key._environment.cache_clear()


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
    case = random_case(SETUPS["eprop_1"], count=2)
    recording = case.record("numpy")
    assert len(recording.spikes["hidden1"].trial) > 0
    with pytest.raises(BuildError, match=r"No C\+\+ compiler"):
        case.record("cpp")


#: A compiler that does all but one thing.
BROKEN = """#!/bin/sh
case "$*" in *"{refused}"*) echo '{told}' >&2; exit 1 ;; esac
exec g++ "$@" -O0
"""


@pytest.mark.usefixtures("fresh_environment")
@pytest.mark.parametrize(
    ("refused", "told"),
    [("merged.cpp", "merged.cpp:1: error: no memory left"), ("-shared", "collect2: error: no space left")],
    ids=["compiling", "linking"],
)
def test_compiler_that_fails_is_quoted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, refused: str, told: str
) -> None:
    broken = tmp_path / "broken"
    broken.write_text(BROKEN.format(refused=refused, told=told))
    broken.chmod(0o755)
    monkeypatch.setenv("CXX", str(broken))
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    with pytest.raises(BuildError, match=rf"The compiler ended with code 1 and said: {told}"):
        simulator(SETUPS["frozen_3"])
    assert [path for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


@pytest.mark.usefixtures("fresh_environment")
def test_compiler_that_makes_nothing_is_told_with_a_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    idle = tmp_path / "idle"
    idle.write_text("#!/bin/sh\necho 'fine 1.0'\n")
    idle.chmod(0o755)
    monkeypatch.setenv("CXX", str(idle))
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    with pytest.raises(BuildError, match=r"left no 'program.so'. Name another compiler in CXX."):
        simulator(SETUPS["frozen_3"])
    assert [path for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


def test_unwritable_cache_is_told_with_a_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(BuildError, match=r"file/cache: the build cache cannot be written .* Set WORKBENCH_CACHE."):
        simulator(SETUPS["eprop_1"])


@pytest.mark.usefixtures("fresh_environment")
@pytest.mark.parametrize("script", ["#!/bin/sh\nexit 1\n", "#!/no/such/interpreter\n", "\0"])
def test_compiler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str) -> None:
    silent = tmp_path / "silent"
    silent.write_text(script)
    silent.chmod(0o755)
    monkeypatch.setenv("CXX", str(silent))
    with pytest.raises(
        BuildError, match=r"The C\+\+ compiler '.*/silent' does not answer to '--version'. Name another in the variable"
    ):
        cache_key.compiler()
    silent.write_text("#!/bin/sh\necho 'fine 1.0'\n")
    assert cache_key.compiler() == (str(silent), "fine 1.0")


def test_unwritable_cache_is_refused_before_a_build(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "new" / "cache"))
    refuse_unwritable()
    assert list((tmp_path / "new" / "cache").iterdir()) == []
    (tmp_path / "file").touch()
    for folder in ("file", "file/cache"):
        monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / folder))
        with pytest.raises(BuildError, match=f"{folder}: the build cache cannot be written .* Set WORKBENCH_CACHE."):
            refuse_unwritable()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("flags\t: fpu avx2\nvmx flags\t: vnmi\n\nflags\t: fpu avx2\nvmx flags\t: vnmi\n", ["flags\t: fpu avx2"]),
        ("Features\t: sve\nCPU part\t: 0xd0c\nCPU revision\t: 1\n", ["CPU part\t: 0xd0c", "Features\t: sve"]),
    ],
)
def test_processors_are_told_apart_by_what_they_can_do(tmp_path: Path, text: str, told: list[str]) -> None:
    (tmp_path / "cpuinfo").write_text(text)
    assert cache_key._processor(tmp_path / "cpuinfo") == told
    assert cache_key._processor(tmp_path / "nothing") == [platform.processor() or platform.machine()]


def fill(place: Path) -> None:
    """Write what an entry needs, and what it does not."""
    (place / "static_arrays").mkdir()
    for name in (LIBRARY, "manifest.json", "static_arrays/indices", "source.cpp"):
        (place / name).write_text("whole")


def fail(place: Path) -> None:
    (place / "half").touch()
    raise BuildError("half-way")


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return an entry of a cache of its own."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    return cache.cached({"name": "anything"}, fill)


def test_a_failed_build_is_not_kept(entry: Path) -> None:
    with pytest.raises(BuildError, match="half-way"):
        cache.cached({"name": "another"}, fail)
    assert [path.name for path in entry.parent.iterdir() if path.is_dir()] == [entry.name]
    made = cache.cached({"name": "another"}, fill)
    assert cache.cached({"name": "another"}, fail) == made != entry


@pytest.mark.parametrize("name", [LIBRARY, "manifest.json", "static_arrays/indices", SEAL])
@pytest.mark.parametrize("damage", [Path.unlink, lambda path: path.write_text("")], ids=["removed", "emptied"])
def test_damaged_entry_is_built_again(entry: Path, name: str, damage: Callable[[Path], object]) -> None:
    before = (entry / name).read_bytes()
    damage(entry / name)
    with pytest.raises(BuildError, match="half-way"):
        cache.cached({"name": "anything"}, fail)
    assert cache.cached({"name": "anything"}, fill) == entry
    assert (entry / name).read_bytes() == before
    assert cache.cached({"name": "anything"}, fail) == entry


def test_sources_are_not_missed(entry: Path) -> None:
    (entry / "source.cpp").unlink()
    assert cache.cached({"name": "anything"}, fail) == entry


@pytest.mark.parametrize("name", [LIBRARY, "manifest.json"])
def test_a_build_without_a_program_is_not_kept(entry: Path, name: str) -> None:
    def leave_out(place: Path) -> None:
        fill(place)
        (place / name).unlink()

    with pytest.raises(BuildError, match=f"left no '{name}'. Name another compiler in CXX."):
        cache.cached({"name": "another"}, leave_out)
    assert [path.name for path in entry.parent.iterdir() if path.is_dir()] == [entry.name]


def test_an_entry_is_on_the_disk_before_it_has_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path))
    on_disk: list[tuple[int, bool]] = []
    final = tmp_path / cache_key.key_of({"name": "anything"})
    monkeypatch.setattr(os, "fsync", lambda handle: on_disk.append((os.fstat(handle).st_ino, final.exists())))
    made = cache.cached({"name": "anything"}, fill)
    needed = (LIBRARY, "manifest.json", "static_arrays/indices", SEAL, "static_arrays", ".")
    assert {((made / name).stat().st_ino, False) for name in needed} == set(on_disk[:-1])
    assert on_disk[-1] == (tmp_path.stat().st_ino, True)


def test_the_networks_not_used_for_longest_make_room(entry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = sum(path.lstat().st_size for path in (entry, *entry.rglob("*")))
    made = [entry, *(cache.cached({"name": name}, fill) for name in ("second", "third"))]
    for age, path in enumerate(made):
        os.utime(path / SEAL, (time.time() - (9 - age) * cache.IN_USE,) * 2)
    # The first is used again, which makes it the youngest.
    assert cache.cached({"name": "anything"}, fail) == entry
    monkeypatch.setattr(cache, "LIMIT", 3 * size)
    fourth = cache.cached({"name": "fourth"}, fill)
    assert [path.exists() for path in (*made, fourth)] == [True, False, True, True]
    # What was used within the hour stays, however little room there is.
    monkeypatch.setattr(cache, "LIMIT", 0)
    fifth = cache.cached({"name": "fifth"}, fill)
    assert [path.exists() for path in (*made, fourth, fifth)] == [True, False, False, True, True]


def test_entries_of_other_versions_make_room_and_nothing_else_does(
    entry: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, notes = entry.with_name("0" * 32), entry.with_name("notes")
    for folder in (other, notes):
        (folder / "arrays").mkdir(parents=True)
        for name in (LIBRARY, "sizes.json", "arrays/indices"):
            (folder / name).write_text("of another version")
    recent = entry.with_name("1" * 32)
    shutil.copytree(other, recent)
    for path in (entry, other, notes):
        for part in (path, *path.rglob("*")):
            os.utime(part, (0, 0))
    monkeypatch.setattr(cache, "LIMIT", 0)
    second = cache.cached({"name": "second"}, fill)
    assert [path.exists() for path in (entry, other, notes, recent, second)] == [False, False, True, True, True]
