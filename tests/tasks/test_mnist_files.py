"""Files of MNIST that are broken end in a sentence that names the file and the place, and unpack to nothing huge."""

import gzip
import os
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.end_to_end.command import STUDY
from workbench import WorkbenchError
from workbench.command import main as cli
from workbench.common.idx import read_idx
from workbench.tasks import mnist
from workbench.tasks.mnist import MNIST

IMAGES, LABELS = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"

DIGITS = np.arange(10_000) % 10


def head(*sizes: int) -> bytes:
    return bytes((0, 0, 8, len(sizes))) + b"".join(size.to_bytes(4, "big") for size in sizes)


def ink() -> bytes:
    """Return images none of which is like another."""
    generator = np.random.default_rng(0)
    return (16 * generator.integers(16, size=10_000 * 784, dtype=np.uint8)).tobytes()


def packed(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=1, mtime=0)


#: Both files as they should be, not packed.
GOOD = {IMAGES: head(10_000, 28, 28) + ink(), LABELS: head(10_000) + DIGITS.astype(np.uint8).tobytes()}


@pytest.fixture(scope="module")
def good() -> dict[str, bytes]:
    """Return both files as they should be."""
    return {name: packed(content) for name, content in GOOD.items()}


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes((content[place] ^ 255,)) + content[place + 1 :]


def bad_block(content: bytes) -> bytes:
    """Return a file whose second half is a block of a kind that there is not."""
    compressor = zlib.compressobj(level=1, wbits=31)
    half = compressor.compress(content[: len(content) // 2]) + compressor.flush(zlib.Z_SYNC_FLUSH)
    return half + b"\7" + half


def bomb(begin: bytes) -> bytes:
    """Return a file that goes on with a gigabyte of zeros when it is unpacked, in a thousandth of that."""
    return packed(begin) + 1024 * gzip.compress(bytes(1 << 20), mtime=0)


#: Which file is broken, how, and what is said of it.
BROKEN: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "bad block": (IMAGES, lambda _: bad_block(GOOD[IMAGES]), r"in or after image 4\d{3} of 10000 \(Error -3"),
    "no block": (LABELS, lambda data: data[:10] + b"\xff" + data[11:], r"damaged in or after its head \(Error -3"),
    "cut in a block": (IMAGES, lambda data: data[: len(data) // 3], r"ends in or after image \d{4} of 10000. Fetch it"),
    "cut in its checksum": (LABELS, lambda data: data[:-3], "ends in or after the last label. Fetch it"),
    "cut in gzip's head": (IMAGES, lambda data: data[:5], "the file ends in or after its head"),
    "other checksum": (LABELS, lambda data: flipped(data, len(data) - 8), r"after the last label \(CRC check failed"),
    "garbage behind": (LABELS, lambda data: data + b"more", r"after the last label \(Not a gzipped file"),
    "a page": (IMAGES, lambda _: b"<!DOCTYPE html>", "byte 0: .* must begin with 00 00 08 03, .* with 3c 21 44 4f"),
    "a page, packed": (IMAGES, lambda _: packed(b"<html>"), "byte 0 unpacked: an IDX file of 3 dim"),
    "labels for images": (IMAGES, lambda _: packed(GOOD[LABELS]), "byte 0 unpacked: .* begins with 00 00 08 01"),
    "integers": (LABELS, lambda _: b"\0\0\x0c\1" + GOOD[LABELS][4:], "byte 0: .* 00 00 08 01, .* 00 00 0c 01"),
    "other pixels": (IMAGES, lambda _: head(10_000, 14, 56), "byte 4: .* 10000 x 28 x 28, and is 10000 x 14 x 56"),
    "fewer labels": (LABELS, lambda _: packed(head(9)), "byte 4 unpacked: its size must be 10000, and is 9. Take"),
    "all that 32 bits count": (IMAGES, lambda _: head(*[2**32 - 1] * 3), "is 4294967295 x 4294967295 x 4294967295"),
    "a label of 10": (LABELS, lambda _: flip_label(5123, 10), "byte 5131: label 5123 .* from 0 to 9, and has 10"),
    "no data": (LABELS, lambda _: head(10_000), "byte 8: the file ends in label 0 of 10000"),
    "data that are cut": (IMAGES, lambda _: GOOD[IMAGES][:-1], "byte 7840015: the file ends in image 9999 of 10000"),
    "half a head": (IMAGES, lambda _: head(10_000, 28, 28)[:9], "byte 9: the file ends in its head"),
    "more data": (LABELS, lambda _: packed(GOOD[LABELS] + b"\0"), "byte 10008 unpacked: the file must end here, .* on"),
    "a bomb": (IMAGES, lambda _: bomb(GOOD[IMAGES]), "byte 7840016 unpacked: the file must end here"),
    "a bomb of labels": (LABELS, lambda _: bomb(head(10_000)), "byte 10008 unpacked: the file must end here"),
    "empty": (IMAGES, lambda _: b"", "the file is empty. Fetch it again"),
    "empty, packed": (LABELS, lambda _: packed(b""), "the file is empty. Fetch it again"),
}  # fmt: skip


def flip_label(place: int, value: int) -> bytes:
    return GOOD[LABELS][: 8 + place] + bytes((value,)) + GOOD[LABELS][9 + place :]


def write(folder: Path, files: dict[str, bytes]) -> str:
    """Write both files into a folder, and return its name."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return str(folder)


def test_files_that_are_whole_are_read_packed_or_not(tmp_path: Path, good: dict[str, bytes]) -> None:
    data = mnist.load(write(tmp_path, good))
    assert np.array_equal(data.test.label, DIGITS[8000:])
    few = mnist.load(write(tmp_path, GOOD), train=1, validation=1, test=3)
    assert few.test.same_as(data.test.take(np.arange(3)))
    write(tmp_path, dict.fromkeys(good, b""))
    plain = {name.removesuffix(".gz"): content for name, content in good.items()}
    assert mnist.load(write(tmp_path, plain)).train.same_as(data.train)


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_named_with_the_place(name: str, tmp_path: Path, good: dict[str, bytes]) -> None:
    file, broken, message = BROKEN[name]
    folder = write(tmp_path, good | {file: broken(good[file])})
    with pytest.raises(WorkbenchError, match=message) as caught:
        MNIST.data(folder=folder)
    assert str(caught.value).startswith(f"{tmp_path / file}")
    assert str(caught.value).count(". ") <= 1


@pytest.mark.parametrize("name", ["a bomb", "a bomb of labels", "all that 32 bits count"])
def test_nothing_huge_is_unpacked(name: str, tmp_path: Path) -> None:
    file, broken, message = BROKEN[name]
    (tmp_path / file).write_bytes(broken(b""))
    assert (tmp_path / file).stat().st_size < 10_000_000
    shape, record = ((10_000, 28, 28), "image") if file == IMAGES else ((10_000,), "label")
    tracemalloc.start()
    try:
        with pytest.raises(WorkbenchError, match=message):
            read_idx(tmp_path / file, shape, record)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The array, which grows as it is read.
    assert most < 20_000_000


def test_what_is_no_file_is_told(tmp_path: Path, good: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write(tmp_path, good)
    with pytest.raises(WorkbenchError, match=rf"other/{IMAGES}: there is no such file. Put the file there, or name"):
        mnist.load(f"{folder}/other")
    (tmp_path / LABELS).unlink()
    (tmp_path / LABELS).mkdir()
    with pytest.raises(WorkbenchError, match=rf"{LABELS}: this is no file. Put the file there"):
        mnist.load(folder)
    (tmp_path / LABELS).rmdir()
    os.mkfifo(tmp_path / LABELS)
    with pytest.raises(WorkbenchError, match=rf"{LABELS}: this is no file"):
        mnist.load(folder)
    (tmp_path / LABELS).unlink()
    (tmp_path / LABELS).symlink_to(tmp_path / LABELS)
    with pytest.raises(WorkbenchError, match=rf"{LABELS}: there is no such file"):
        mnist.load(folder)

    def locked(*_: Any, **__: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", locked)
    with pytest.raises(WorkbenchError, match=rf"{IMAGES}: the file cannot be read \(Permission denied\)"):
        mnist.load(folder)


def test_a_folder_is_named_and_numbers_are_some(
    tmp_path: Path, good: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WORKBENCH_DATA", raising=False)
    told = r"mnist.folder: names the folder .* Set it, or the variable WORKBENCH_DATA"
    with pytest.raises(WorkbenchError, match=told):
        mnist.load()
    folder = write(tmp_path, good)
    for count in (7001, 0, 2.5, float("nan"), float("inf")):
        with pytest.raises(WorkbenchError, match=rf"mnist.train: must be a whole number from 1 to 7000, not {count:g}"):
            mnist.load(folder, train=count)


def test_command_says_so_too(
    tmp_path: Path, good: dict[str, bytes], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path, good | {LABELS: flip_label(7, 200)})
    study = tmp_path / "study.toml"
    task = f'name = "mnist"\nparameters = {{ folder = "{folder}" }}\n[[rule]]\nname = "frozen"\n'
    study.write_text(STUDY.partition('name = "yin_yang"')[0] + task)
    monkeypatch.setattr(sys, "argv", ["workbench", "run", str(study), "--out", str(tmp_path / "results")])
    assert cli._command() == 1
    told = " ".join(capsys.readouterr().err.split())
    assert f"{LABELS}, byte 15: label 7 of 10000 must be from 0 to 9, and has 200" in told
    assert "Traceback" not in told
