"""One build for all who ask at once, with locks or without, and nothing left of processes that were killed."""

import errno
import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from workbench.common.errors import BuildError
from workbench.engine.compiled import cache
from workbench.engine.compiled.cache_entry import LIBRARY
from workbench.engine.compiled.process_locks import locked, sweep

NAME = "0" * 32

#: Holds a lock, forks a process that outlives it, and says before and after whether others would find it held.
FORKED = """
import fcntl, os, sys
from pathlib import Path
from workbench.engine.compiled.process_locks import locked
def say():
    try:
        fcntl.flock(seen, fcntl.LOCK_EX | fcntl.LOCK_NB)
        print("free")
    except BlockingIOError:
        print("held")
path, (reads, writes) = Path(sys.argv[1]), os.pipe()
with locked(path):
    seen = path.open()
    if os.fork() == 0:
        os.close(writes)
        os.read(reads, 1)
        os._exit(0)
    say()
say()
"""

#: Holds a lock until its input ends.
HOLDER = """
import sys
from pathlib import Path
from workbench.engine.compiled.process_locks import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def fill(place: Path) -> None:
    (place / "static_arrays").mkdir()
    for name in (LIBRARY, "manifest.json", "static_arrays/first"):
        (place / name).write_text("whole")


def fail(_: Path) -> None:
    raise BuildError("It is built again.")


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the folder of an empty cache."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").mkdir(mode=0o700)
    return tmp_path / "cache"


@pytest.fixture(params=[errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def without_locks(folder: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """Return the folder of an empty cache on a file system that has no locks."""

    def refuse(*_: int) -> None:
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(fcntl, "flock", refuse)
    return folder


def leave(folder: Path, name: str) -> list[Path]:
    """Leave in a cache what a process does that is killed while it builds a network."""
    left = [folder / f"building-{name}-{random}" for random in ("abc", "x_y")]
    for place in left:
        (place / "made" / "sources").mkdir(parents=True)
        (place / "made" / "sources" / "merged.cpp").touch()
    (folder / f"{name}.lock").touch()
    return [*left, folder / f"{name}.lock"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_nothing_is_left_of_what_was_killed(folder: Path) -> None:
    own = cache.entry_of({"name": "one"}).name
    leave(folder, own)
    leave(folder, NAME)
    (folder / f"building-{'1' * 32}-no_lock").mkdir()
    (folder / f"building-{'2' * 32}-no_folder").touch()
    (folder / f"building-{'3' * 32}-link").symlink_to(folder.parent)
    cache.cached({"name": "one"}, fill)
    assert names(folder) == [own]
    assert folder.parent.exists()


def test_what_another_process_builds_is_left_to_it(folder: Path) -> None:
    left = leave(folder, NAME)
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder / f"{NAME}.lock")],
        cwd=Path(__file__).parents[3],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        cache.cached({"name": "one"}, fill)
        assert all(path.exists() for path in left)
        holder.kill()
    cache.cached({"name": "two"}, fill)
    assert not any(path.exists() for path in left)


def test_lock_is_for_one_at_a_time_though_its_file_is_removed(folder: Path) -> None:
    inside: list[int] = []
    most: list[int] = []

    def take(number: int) -> None:
        for _ in range(50):
            with locked(folder / "one.lock") as is_held:
                assert is_held
                inside.append(number)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=take, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 200
    assert names(folder) == []


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_what_is_no_lock_is_not_followed(folder: Path, kind: str) -> None:
    (folder.parent / "thesis.tex").write_text("years of work")
    lock = cache.entry_of({"name": "one"}).with_suffix(".lock")
    lock.symlink_to(folder.parent / "thesis.tex") if kind == "link" else lock.mkdir()
    with pytest.raises(BuildError, match=r"the build cache cannot be written .*\.lock.* Set WORKBENCH_CACHE."):
        cache.cached({"name": "one"}, fill)
    cache.cached({"name": "two"}, fill)
    assert (folder.parent / "thesis.tex").read_text() == "years of work"


def test_network_is_built_without_locks(without_locks: Path) -> None:
    made = cache.cached({"name": "one"}, fill)
    assert cache.cached({"name": "one"}, fail) == made
    assert names(without_locks) == [made.name]


def test_two_that_build_without_locks_do_not_fight(without_locks: Path) -> None:
    made: list[tuple[Path, int]] = []

    def fill_after_another(place: Path) -> None:
        other = cache.cached({"name": "one"}, fill)
        made.append((other, other.stat().st_ino))
        fill(place)

    entry = cache.cached({"name": "one"}, fill_after_another)
    assert [(entry, entry.stat().st_ino)] == made
    assert names(without_locks) == [entry.name]


def test_only_what_is_old_goes_without_locks(without_locks: Path) -> None:
    old, new = leave(without_locks, NAME), leave(without_locks, "1" * 32)
    for path in old[:-1]:
        os.utime(path, (0, 0))
    sweep(without_locks, None)
    assert [path.exists() for path in (*old[:-1], *new[:-1])] == [False, False, True, True]


def test_other_errors_of_a_lock_are_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(BuildError, match=r"the build cache cannot be written .*Input/output error.*"):
        cache.cached({"name": "one"}, fill)


def test_a_thread_that_builds_does_not_wait_for_itself(folder: Path) -> None:
    structure = {"network": 1}

    def build_again(place: Path) -> None:
        with pytest.raises(BuildError, match="in the middle of a call for the same one"):
            cache.cached(structure, fill)
        # Another network has another lock.
        assert cache.cached({"network": 2}, fill).exists()
        fill(place)

    built = cache.cached(structure, build_again)
    assert cache.cached(structure, fail) == built
    assert not list(folder.glob("*.lock"))


def test_a_forked_process_keeps_no_lock(folder: Path) -> None:
    command = [sys.executable, "-c", FORKED, str(folder / f"{NAME}.lock")]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["held", "free"]
