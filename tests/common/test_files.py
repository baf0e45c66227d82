"""Files that are whole at any moment, and that a loss of power does not take back."""

import errno
import os
from pathlib import Path

import pytest

from workbench.common.errors import DamageError, StorageError
from workbench.common.files import read_whole, write_atomically


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


def test_what_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "table").mkdir()
    with pytest.raises(StorageError, match=rf"^{tmp_path}/table cannot be written \(Is a directory\)\.$"):
        write_atomically(tmp_path / "table", b"one")

    def fails(number: int) -> None:
        def fsync(handle: int) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "fsync", fsync)

    told = {
        errno.ENOSPC: r"No space left on device\)\. Make room there",
        errno.EDQUOT: r"Disk quota exceeded\)\. Make room there",
        errno.EIO: r"Input/output error\)",
        errno.EROFS: r"Read-only file system\)",
        errno.EACCES: r"Permission denied\)",
    }
    for number, words in told.items():
        fails(number)
        with pytest.raises(StorageError, match=rf"^{tmp_path} cannot be written \({words}\.$"):
            write_atomically(tmp_path / "other", b"one")
    assert [path.name for path in tmp_path.iterdir()] == ["table"]


def test_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "thesis").write_text("one")
    (tmp_path / "table").symlink_to(tmp_path / "thesis")
    with pytest.raises(DamageError, match=r"table cannot be read: it is a link\.$"):
        read_whole(tmp_path / "table")
    for content in (b"one", b"two"):
        write_atomically(tmp_path / "table", content)
        assert not (tmp_path / "table").is_symlink()
        assert (tmp_path / "thesis").read_text() == "one"
