"""IDX files of bytes, as MNIST's are: read as far as they are what is expected, and no further."""

import gzip
import zlib
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import WorkbenchError

_GZIP = b"\x1f\x8b"


def read_idx(path: Path, shape: tuple[int, ...], record: str, largest: int = 255) -> NDArray[np.uint8]:
    """Return the array of an IDX file of bytes, compressed by gzip or not.

    Parameters
    ----------
    path : Path
        Of the file; without its ``.gz`` where a file of that name is there.
    shape : tuple of int
        Of the array. No more than it holds is unpacked, whatever the file promises or unpacks to.
    record : str
        What an entry of the first axis is, for messages.
    largest : int
        Of all values.

    Raises
    ------
    WorkbenchError
        Where it cannot be read, is damaged, or holds something else.
    """
    plain = path.with_suffix("")
    try:
        found = plain if plain.is_file() else path
        if not found.is_file():
            there = next((each for each in (path, plain) if each.exists()), None)
            what = f"{there}: this is no file" if there else f"{path}: there is no such file"
            raise WorkbenchError(f"{what}. Put the file there, or name the folder that it is in.")
        with found.open("rb") as file:
            packed = file.read(len(_GZIP)) == _GZIP
            file.seek(0)
            with gzip.GzipFile(fileobj=file) if packed else file as content:
                return _Content(found, content, packed).array(shape, record, largest)
    except OSError as error:
        raise WorkbenchError(f"{path}: the file cannot be read ({error.strerror or error}).") from error


@dataclass(frozen=True)
class _Content:
    """What is in an open file, unpacked where that is needed."""

    path: Path
    file: gzip.GzipFile | BinaryIO
    packed: bool

    def array(self, shape: tuple[int, ...], record: str, largest: int) -> NDArray[np.uint8]:
        """Return the array; see `read_idx`."""
        begin = self.head(shape)
        data = bytearray()
        each = prod(shape[1:])
        for number in range(shape[0]):
            place = f"{record} {number} of {shape[0]}"
            data += self.up_to(each, place)
            if len(data) < each * (number + 1):
                raise WorkbenchError(
                    f"{self.at(begin + len(data))}: the file ends in {place}. Fetch it again, and whole."
                )
        if self.up_to(1, f"the last {record}"):
            raise WorkbenchError(
                f"{self.at(begin + len(data))}: the file must end here, after {_times(shape)} bytes, and goes on. "
                "Fetch it again."
            )
        values = np.frombuffer(bytes(data), dtype=np.uint8)
        wrong = np.flatnonzero(values > largest)
        if len(wrong):
            first = int(wrong[0])
            raise WorkbenchError(
                f"{self.at(begin + first)}: {record} {first // each} of {shape[0]} must be from 0 to {largest}, "
                f"and has {values[first]}. Fetch the file again."
            )
        return values.reshape(shape)

    def head(self, shape: tuple[int, ...]) -> int:
        """Return at which byte the data begin, where the file says that it holds such an array."""
        magic, sizes = bytes((0, 0, 8, len(shape))), b"".join(size.to_bytes(4, "big") for size in shape)
        found = self.up_to(len(magic + sizes), "its head")
        if not found:
            raise WorkbenchError(f"{self.path}: the file is empty. Fetch it again.")
        if found[:4] != magic[: len(found)]:
            raise WorkbenchError(
                f"{self.at(0)}: an IDX file of {len(shape)} dimensions must begin with {magic.hex(' ')}, packed "
                f"by gzip or not, and this begins with {found[:4].hex(' ')}. Fetch it again."
            )
        if len(found) < len(magic + sizes):
            raise WorkbenchError(f"{self.at(len(found))}: the file ends in its head. Fetch it again, and whole.")
        if found[4:] != sizes:
            given = [int.from_bytes(found[place : place + 4], "big") for place in range(4, len(found), 4)]
            raise WorkbenchError(
                f"{self.at(4)}: its size must be {_times(shape)}, and is {_times(given)}. Take the file of that size."
            )
        return len(found)

    def up_to(self, count: int, place: str) -> bytes:
        """Return some bytes, fewer where there are no more."""
        try:
            return self.file.read(count)
        except EOFError as error:
            raise WorkbenchError(
                f"{self.path}: the file ends in or after {place}. Fetch it again, and whole."
            ) from error
        except (zlib.error, gzip.BadGzipFile) as error:
            raise WorkbenchError(
                f"{self.path}: the file is damaged in or after {place} ({error}). Fetch it again."
            ) from error

    def at(self, byte: int) -> str:
        """Return where a byte is."""
        return f"{self.path}, byte {byte}{' unpacked' if self.packed else ''}"


def _times(sizes: tuple[int, ...] | list[int]) -> str:
    return " x ".join(map(str, sizes))
