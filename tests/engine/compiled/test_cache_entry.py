"""An entry of the build cache that is not as it was built is never loaded: it is built again."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.networks import SETUPS, assert_alive, same_recording
from workbench.common.errors import BuildError
from workbench.declare.recording import Recording
from workbench.engine.compiled import cache
from workbench.engine.compiled import cache_entry as sealed
from workbench.engine.compiled import program as standalone
from workbench.engine.compiled.cache_entry import LIBRARY, NEEDED, SEAL, is_whole
from workbench.testing.case import random_case

CASE = random_case(SETUPS["eprop_1"], count=4)


def fill(place: Path) -> None:
    """Write what an entry needs."""
    (place / "static_arrays").mkdir()
    for name in (LIBRARY, "manifest.json", "static_arrays/first", "static_arrays/second"):
        (place / name).write_text(f"{name} of a network")


def fail(_: Path) -> None:
    raise BuildError("It is built again.")


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return an entry of a cache of its own, beside another one."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    cache.cached({"name": "other"}, fill)
    return cache.cached({"name": "one"}, fill)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def make_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def make_link(path: Path) -> None:
    path.rename(path.parents[2] / "elsewhere")
    path.symlink_to(path.parents[2] / "elsewhere")


def open_to_others(path: Path) -> None:
    path.chmod(0o620)


def give_away(path: Path) -> None:
    if os.geteuid():
        pytest.skip("Only the system's own user can give a file away.")
    os.chown(path, 12345, -1)


def replace_by_nonsense(path: Path) -> None:
    path.write_text('{"entry": [[], 1e400, null], "sha256": ' + "[" * 10_000)


#: What may become of a file.
DAMAGES = [
    Path.unlink, flip, shorten, lengthen, make_folder, make_pipe, make_link, open_to_others, give_away,
    replace_by_nonsense,
]  # fmt: skip


@pytest.mark.parametrize("name", [LIBRARY, "manifest.json", "static_arrays/first", SEAL])
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_file_that_is_not_as_it_was_is_built_again(entry: Path, name: str, damage: Callable[[Path], object]) -> None:
    before = (entry / name).read_bytes()
    assert is_whole(entry)
    damage(entry / name)
    assert not is_whole(entry)
    with pytest.raises(BuildError, match="It is built again"):
        cache.cached({"name": "one"}, fail)
    assert cache.cached({"name": "one"}, fill) == entry
    assert (entry / name).read_bytes() == before
    assert cache.cached({"name": "one"}, fail) == entry
    assert cache.cached({"name": "other"}, fail) != entry


def add_array(entry: Path) -> None:
    (entry / "static_arrays" / "third").touch()


def swap_entries(entry: Path) -> None:
    other = cache.entry_of({"name": "other"})
    entry.rename(entry.with_name("aside"))
    other.rename(entry)


def swap_arrays(entry: Path) -> None:
    first, second = entry / "static_arrays" / "first", entry / "static_arrays" / "second"
    data = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(data)


def swap_seals(entry: Path) -> None:
    shutil.copyfile(cache.entry_of({"name": "other"}) / SEAL, entry / SEAL)


def link_entry(entry: Path) -> None:
    entry.rename(entry.parents[1] / entry.name)
    entry.symlink_to(entry.parents[1] / entry.name)


def link_arrays(entry: Path) -> None:
    (entry / "static_arrays").rename(entry.parents[1] / "arrays")
    (entry / "static_arrays").symlink_to(entry.parents[1] / "arrays")


def be_a_file(entry: Path) -> None:
    shutil.rmtree(entry)
    entry.write_text("no folder")


def open_entry(entry: Path) -> None:
    entry.chmod(0o777)


def open_arrays(entry: Path) -> None:
    (entry / "static_arrays").chmod(0o770)


@pytest.mark.parametrize(
    "damage",
    [
        *(add_array, swap_entries, swap_arrays, swap_seals, link_entry, link_arrays, be_a_file, open_entry),
        *(open_arrays, give_away, shutil.rmtree),
    ],
    ids=lambda damage: damage.__name__,
)
def test_entry_that_is_not_as_it_was_is_built_again(entry: Path, damage: Callable[[Path], object]) -> None:
    damage(entry)
    with pytest.raises(BuildError, match="It is built again"):
        cache.cached({"name": "one"}, fail)
    assert cache.cached({"name": "one"}, fill) == entry
    assert entry.is_dir()
    assert not entry.is_symlink()
    assert sorted(path.name for path in (entry / "static_arrays").iterdir()) == ["first", "second"]
    assert cache.cached({"name": "one"}, fail) == entry


def test_what_a_link_led_to_is_left_alone(entry: Path) -> None:
    link_entry(entry)
    cache.cached({"name": "one"}, fill)
    assert is_whole(entry.parents[1] / entry.name)


@pytest.mark.parametrize("mask", [0o000, 0o002, 0o027])
def test_entry_is_private_whatever_the_mask(entry: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        made = cache.cached({"name": "another"}, fill)
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o077 for path in (made, *made.rglob("*"))} == {0}
    assert is_whole(made)


def test_an_entry_may_move_with_its_cache(entry: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    entry.parent.rename(tmp_path / "moved")
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "moved"))
    assert cache.cached({"name": "one"}, fail) == tmp_path / "moved" / entry.name


@pytest.mark.parametrize("content", ["", "true", "{}", "holds together"])
def test_mark_of_a_rehearsal_counts_by_its_content(entry: Path, content: str) -> None:
    tried: list[int] = []
    for _ in range(2):
        cache.rehearsed({"name": "one"}, lambda: tried.append(1))
    assert len(tried) == 1
    mark = entry.with_suffix(".rehearsed")
    assert mark.stat().st_mode & 0o077 == 0
    mark.write_text(content)
    for _ in range(2):
        cache.rehearsed({"name": "one"}, lambda: tried.append(1))
    assert len(tried) == 2
    shutil.copyfile(mark, cache.entry_of({"name": "other"}).with_suffix(".rehearsed"))
    cache.rehearsed({"name": "other"}, lambda: tried.append(1))
    assert len(tried) == 3


@pytest.fixture(scope="module")
def built() -> Iterator[Path]:
    """Return the entry of a real network, and let the process know no program for the time of these tests."""
    known = dict(standalone._LOADED)
    folder = standalone.program(CASE.setup).folder
    yield folder
    standalone._LOADED.clear()
    standalone._LOADED.update(known)


@pytest.fixture(scope="module")
def expected(built: Path) -> Recording:
    recording = CASE.record()
    assert_alive(recording, CASE.setup)
    return recording


class Copies:
    """Copies of a real entry, each in a cache of its own, and a build that takes its files from the real one."""

    def __init__(self, built: Path, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.built, self.folder, self.patch = built, folder, patch
        self.builds = 0
        patch.setattr(standalone, "make", self.make)

    def make(self, _: object, place: Path) -> None:
        self.builds += 1
        self.copy_files(place)

    def copy_files(self, place: Path, seal: str = "") -> None:
        for path in (path for pattern in (*NEEDED, seal) if pattern for path in self.built.glob(pattern)):
            (place / path.relative_to(self.built)).parent.mkdir(exist_ok=True, parents=True, mode=0o700)
            shutil.copy(path, place / path.relative_to(self.built))

    def fresh(self) -> Path:
        """Return a copy in a cache that no process has read from."""
        folder = self.folder / str(len(list(self.folder.iterdir())))
        self.patch.setenv("WORKBENCH_CACHE", str(folder))
        folder.mkdir(mode=0o700)
        entry = folder / self.built.name
        entry.mkdir(mode=0o700)
        self.copy_files(entry, SEAL)
        return entry


@pytest.fixture
def copies(built: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Copies:
    return Copies(built, tmp_path, monkeypatch)


def damaged(entry: Path, generator: np.random.Generator) -> str:
    """Damage a file of an entry in some way, and return which and how."""
    files = sorted(path for path in entry.rglob("*") if path.is_file())
    path, other = (files[index] for index in generator.permutation(len(files))[:2])
    data = bytearray(path.read_bytes())
    place = int(generator.integers(len(data))) if data else 0
    way = str(generator.choice(["bits", "cut", "removed", "bytes", "swapped", "copied", "nonsense", "zeros"]))
    match way:
        case "bits":
            for _ in range(int(generator.integers(1, 4))):
                data[int(generator.integers(len(data)))] ^= 1 << int(generator.integers(8))
        case "cut":
            del data[place:]
        case "bytes":
            data[place : place + 16] = generator.bytes(16)
        case "swapped" | "copied":
            data = bytearray(other.read_bytes())
        case "nonsense":
            data = bytearray(b'{"entry": 1, "variables": [' + generator.bytes(40))
        case "zeros":
            data[place:] = bytes(len(data) - place)
    if way == "swapped":
        other.write_bytes(path.read_bytes())
    path.unlink() if way == "removed" else path.write_bytes(data)
    return f"{path.name}: {way}"


@pytest.mark.parametrize("seed", range(4))
def test_damaged_network_gives_the_same_numbers_or_none(copies: Copies, expected: Recording, seed: int) -> None:
    generator = np.random.default_rng(seed)
    for _ in range(10):
        entry = copies.fresh()
        reference = {path.relative_to(entry): path.read_bytes() for path in entry.rglob("*") if path.is_file()}
        what = damaged(entry, generator)
        after = {path.relative_to(entry): path.read_bytes() for path in entry.rglob("*") if path.is_file()}
        before = copies.builds
        assert same_recording(CASE.record(), expected), what
        assert copies.builds - before == (reference != after), what
        assert is_whole(entry)


def test_a_network_is_compared_once_in_a_process(copies: Copies, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[Path] = []

    def noted(entry: Path) -> bool:
        compared.append(entry)
        return sealed.is_whole(entry)

    monkeypatch.setattr(cache, "is_whole", noted)
    entry = copies.fresh()
    for _ in range(3):
        CASE.record()
    assert compared == [entry]
    assert copies.builds == 0


def test_a_changed_array_would_change_the_numbers(
    copies: Copies, expected: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    def confuse(entry: Path) -> None:
        (indices,) = entry.glob("static_arrays/*_array_readout_record__indices")
        numbers = np.fromfile(indices, dtype=np.int32)
        numbers[:2] = numbers[1::-1]
        numbers.tofile(indices)

    confuse(copies.fresh())
    assert same_recording(CASE.record(), expected)
    assert copies.builds == 1
    # Unless anybody looks, they come from a network with two outputs in each other's place.
    monkeypatch.setattr(cache, "is_whole", Path.is_dir)
    confuse(copies.fresh())
    assert not same_recording(CASE.record(), expected)
    assert copies.builds == 1


def test_arrays_are_read_when_the_network_is_loaded(copies: Copies, expected: Recording) -> None:
    entry = copies.fresh()
    standalone.program(CASE.setup)
    shutil.rmtree(entry)
    assert same_recording(CASE.record(), expected)
    assert copies.builds == 0
