"""Figures come to a folder together, and take no place there but their own."""

import errno
import fcntl
import os
from pathlib import Path

import pytest

from workbench.common.errors import StudyError
from workbench.figures.folder import DRAWN, whole


def draw(folder: Path, text: str = "drawn", names: tuple[str, ...] = ("accuracy.csv", "summary.txt")) -> None:
    with whole(folder) as place:
        for name in names:
            (place / name).write_text(text)


def test_files_that_were_drawn_here_are_drawn_anew(tmp_path: Path) -> None:
    draw(tmp_path)
    draw(tmp_path, "anew", ("summary.txt", "learning.csv"))
    assert {path.name: path.read_text() for path in tmp_path.iterdir() if path.name != DRAWN} == {
        "accuracy.csv": "drawn",
        "summary.txt": "anew",
        "learning.csv": "anew",
    }
    draw(tmp_path)
    assert (tmp_path / "summary.txt").read_text() == "drawn"


@pytest.mark.parametrize("listed", [None, "", "7", '{"a": 1', "[[]]", '["accuracy.csv"]'])
def test_file_of_somebody_else_is_not_replaced(tmp_path: Path, listed: str | None) -> None:
    (tmp_path / "summary.txt").write_text("What I found")
    (tmp_path / "mine.pdf").write_text("a figure")
    if listed is not None:
        (tmp_path / DRAWN).write_text(listed)
    with pytest.raises(StudyError, match=rf"^{tmp_path}/summary.txt would be replaced, and '{DRAWN}' .* Move it away"):
        draw(tmp_path)
    assert (tmp_path / "summary.txt").read_text() == "What I found"
    assert not (tmp_path / "accuracy.csv").exists()
    # A folder with other figures will do.
    (tmp_path / "summary.txt").unlink()
    draw(tmp_path)
    assert (tmp_path / "mine.pdf").read_text() == "a figure"


@pytest.mark.parametrize("name", ["summary.txt", DRAWN])
def test_link_is_not_followed(tmp_path: Path, name: str) -> None:
    thesis = tmp_path / "thesis.tex"
    thesis.write_text('["summary.txt", "accuracy.csv"]')
    folder = tmp_path / "figures"
    draw(folder)
    (folder / name).unlink()
    (folder / name).symlink_to(thesis)
    if name == DRAWN:
        with pytest.raises(StudyError, match=r"accuracy.csv would be replaced"):
            draw(folder)
    else:
        draw(folder)
        assert not (folder / name).is_symlink()
    assert thesis.read_text() == '["summary.txt", "accuracy.csv"]'


def test_what_a_kill_leaves_is_cleared_and_what_is_being_drawn_is_not(tmp_path: Path) -> None:
    left = tmp_path / ".workbench-drawing-abc"
    left.mkdir()
    (left / "accuracy.csv").touch()
    with whole(tmp_path) as place:
        assert not left.exists()
        draw(tmp_path, "another")
        assert place.exists()
        (place / "summary.txt").write_text("mine")
    assert (tmp_path / "summary.txt").read_text() == "mine"
    assert not list(tmp_path.glob(".workbench-drawing-*"))


def test_file_system_without_locks_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", none)
    (tmp_path / ".workbench-drawing-abc").mkdir()
    draw(tmp_path)
    assert (tmp_path / ".workbench-drawing-abc").exists()


def test_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        StudyError, match=r"cannot write the figures\. .* cannot be written \(No space left on device\)"
    ):
        draw(tmp_path)
