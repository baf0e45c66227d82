"""Hashes of the code are derived once, and a note of one is believed only where it is the code's own."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from workbench.common import fingerprint as sources
from workbench.engine.compiled import code_hash as remembered

BUILDS = remembered.code_that_builds.__wrapped__
MAKES = remembered.code_that_makes_results.__wrapped__


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty build cache."""
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("WORKBENCH_CACHE", str(folder))
    return folder


@pytest.fixture
def derived(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Return a list of what hashes are derived of; those are made up, and differ."""
    asked: list[tuple[str, ...]] = []

    def checksum(roots: Iterable[str]) -> str:
        asked.append(tuple(roots))
        return f"{len(asked):064x}"

    monkeypatch.setattr(remembered, "checksum", checksum)
    return asked


def test_hashes_are_those_of_the_code(folder: Path) -> None:
    expected = [sources.checksum(sources.BUILDING), sources.checksum(sources.MAKING_RESULTS)]
    assert [BUILDS(), MAKES()] == expected
    assert [BUILDS(), MAKES()] == expected
    assert len(list(folder.iterdir())) == 2


def test_hashes_are_derived_once(folder: Path, derived: list[tuple[str, ...]]) -> None:
    first = BUILDS(), MAKES()
    assert first[0] != first[1]
    assert (BUILDS(), MAKES()) == first
    assert derived == [sources.BUILDING, sources.MAKING_RESULTS]


def test_hash_of_other_code_is_derived_anew(
    folder: Path, derived: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = MAKES()
    for name in ("as_written", "platform.python_version"):
        with monkeypatch.context() as patch:
            patch.setattr(f"workbench.engine.compiled.code_hash.{name}", lambda: "other")
            assert MAKES() != before
    assert MAKES() == before
    assert len(derived) == 3


def test_hash_of_code_that_is_edited_meanwhile_is_not_remembered(
    folder: Path, derived: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = iter(["old", "new", "new", "new"])
    monkeypatch.setattr(remembered, "as_written", lambda: next(texts))
    BUILDS()
    assert not list(folder.iterdir())
    BUILDS()
    assert len(list(folder.iterdir())) == 1


def flip(note: Path) -> None:
    content = bytearray(note.read_bytes())
    content[10] ^= 1
    note.write_bytes(bytes(content))


def take_another(note: Path) -> None:
    """Put the note of another hash in its place, which is whole in itself."""
    MAKES()
    (other,) = {*note.parent.iterdir()} - {note}
    other.replace(note)


def link(note: Path) -> None:
    note.rename(note.with_name("elsewhere"))
    note.symlink_to("elsewhere")


@pytest.mark.parametrize(
    "damage",
    [
        flip,
        take_another,
        link,
        lambda note: note.write_bytes(b""),
        lambda note: note.write_bytes(note.read_bytes()[:64]),
        lambda note: note.write_bytes(note.read_bytes() + b"0"),
        lambda note: note.write_bytes(b"\xff" * 130),
        lambda note: note.chmod(0o620),
        lambda note: (note.unlink(), note.mkdir()),
    ],
    ids=["flipped", "another", "link", "empty", "cut", "longer", "no text", "not private", "folder"],
)
def test_note_that_is_not_as_it_was_written_is_not_believed(
    folder: Path, derived: list[tuple[str, ...]], damage: Callable[[Path], object]
) -> None:
    BUILDS()
    (note,) = folder.iterdir()
    damage(note)
    known = len(derived)
    assert BUILDS() == f"{known + 1:064x}"
    if not note.is_dir():
        assert BUILDS() == f"{known + 1:064x}"


@pytest.mark.parametrize("named", ["relative", "missing", "file"])
def test_code_has_its_hashes_where_there_is_no_cache(
    tmp_path: Path, derived: list[tuple[str, ...]], named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORKBENCH_CACHE", named if named == "relative" else str(tmp_path / named))
    assert [BUILDS(), BUILDS()] == [f"{1:064x}", f"{2:064x}"]
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
