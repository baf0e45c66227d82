"""Files that are whole at any moment, and that a loss of power does not take back."""

import os
from pathlib import Path

import pytest

from workbench.files import write_atomically


def test_content_and_then_name_are_put_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "table"
    path.write_text("old")
    on_disk: list[tuple[int, str]] = []
    monkeypatch.setattr(os, "fsync", lambda handle: on_disk.append((os.fstat(handle).st_ino, path.read_text())))
    write_atomically(path, b"new")
    assert on_disk == [(path.stat().st_ino, "old"), (tmp_path.stat().st_ino, "new")]
    assert list(tmp_path.iterdir()) == [path]


def test_same_content_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "table"
    write_atomically(path, b"one")
    before = path.stat().st_ino
    write_atomically(path, b"one")
    assert path.stat().st_ino == before
    write_atomically(path, b"two")
    assert (path.stat().st_ino == before, path.read_bytes()) == (False, b"two")
