"""What is printed never fails who prints it: lost output costs nothing but itself, and the exit code tells."""

import errno
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import IO, TextIO

import pytest

from workbench.common.output import READER_GONE, Steady, kept_going, printable


class Failing(io.RawIOBase):
    """A file that takes nothing."""

    def __init__(self, number: int) -> None:
        self.number = number

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        raise OSError(self.number, os.strerror(self.number))


def failing(number: int) -> TextIO:
    return io.TextIOWrapper(io.BufferedWriter(Failing(number)), encoding="utf-8", write_through=True)


def written_to(encoding: str, text: str) -> bytes:
    file = io.BytesIO()
    stream = Steady(io.TextIOWrapper(file, encoding=encoding))
    stream.write(text)
    stream.flush()
    assert stream.lost is None
    return file.getvalue()


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [("ascii", b"0.5 ? 0.1 ?\n"), ("latin-1", b"0.5 \xb1 0.1 ?\n"), ("utf-8", "0.5 ± 0.1 ✓\n".encode())],
)
def test_what_cannot_be_encoded_is_replaced(encoding: str, expected: bytes) -> None:
    assert written_to(encoding, "0.5 ± 0.1 ✓\n") == expected
    assert Steady(io.TextIOWrapper(io.BytesIO(), encoding=encoding)).encoding == encoding


def test_half_a_character_is_replaced_in_any_encoding() -> None:
    assert written_to("utf-8", "a\udc80b") == b"a?b"
    with pytest.raises(UnicodeEncodeError):
        io.TextIOWrapper(io.BytesIO(), encoding="utf-8").write("a\udc80b")


def a_closed_stream() -> TextIO:
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize(
    ("stream", "reason"),
    [
        (failing(errno.ENOSPC), "No space left on device"),
        (failing(errno.EPIPE), "Broken pipe"),
        (failing(errno.EIO), "Input/output error"),
        (a_closed_stream(), "I/O operation on closed file"),
        (None, "Bad file descriptor"),
    ],
)
def test_what_cannot_be_written_is_lost_and_remembered(stream: TextIO | None, reason: str) -> None:
    steady = Steady(stream)
    for _ in range(2):
        assert steady.write("word\n" * 5000) == 25000
        steady.flush()
    assert steady.lost == reason
    assert steady.reader_gone == (reason == "Broken pipe")
    assert not steady.isatty()
    if stream is not None:
        # Some Pythons write at once, others when they are told to.
        with pytest.raises((OSError, ValueError)):
            print("word\n" * 5000, file=stream, flush=True)


@pytest.mark.parametrize(
    ("stream", "code", "expected"),
    [
        (io.StringIO(), 0, 0),
        (io.StringIO(), 3, 3),
        (failing(errno.ENOSPC), 0, 1),
        (failing(errno.ENOSPC), 3, 3),
        (failing(errno.EPIPE), 0, READER_GONE),
        (None, 0, 1),
    ],
)
def test_exit_code_tells_of_lost_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], stream: TextIO | None, code: int, expected: int
) -> None:
    done = []

    def command() -> int:
        print("some words")
        done.append(True)
        return code

    monkeypatch.setattr(sys, "stdout", stream)
    assert kept_going(command) == expected
    assert done == [True]
    assert sys.stdout is stream
    lost_elsewhere = stream is None or not isinstance(stream, io.StringIO)
    assert ("what it printed is lost" in capsys.readouterr().err) == (lost_elsewhere and expected != READER_GONE)


PROGRAM = """
import sys
from workbench.common.output import kept_going
def command():
    for _ in range(20000):
        print("\\u00b1 words")
    with open(sys.argv[1], "w") as file:
        file.write("stored")
    return 0
code = kept_going(command)
sys.exit(code)
"""


def ended(folder: Path, redirection: str, **environment: str) -> tuple[int, str]:
    """Run the program in a shell; return its exit code, and what came on standard error."""
    shell = f'"$0" -c "$1" "$2" {redirection}'
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", shell, sys.executable, PROGRAM, str(folder / "stored")],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | environment,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    ("redirection", "code", "told"),
    [
        ("> /dev/null", 0, ""),
        ("| head -1", READER_GONE, ""),
        (">&-", 1, "error: The command is done, but what it printed is lost (Bad file descriptor).\n"),
        ("> /dev/full", 1, "error: The command is done, but what it printed is lost (No space left on device).\n"),
        ("> /dev/full 2>&1", 1, ""),
        (">&- 2>&-", 1, ""),
    ],
)
def test_program_ends_and_stores_whatever_becomes_of_its_output(
    tmp_path: Path, redirection: str, code: int, told: str
) -> None:
    assert ended(tmp_path, redirection, PYTHONIOENCODING="ascii") == (code, told)
    # Nothing printed went into the file in the place of a closed one.
    assert (tmp_path / "stored").read_text() == "stored"


def test_text_of_others_is_printable_on_one_line() -> None:
    assert printable("a\x1b[31m\x07b\r\n\tc\udc80\x85\u2028±é中") == "a\\x1b[31m\\x07b\\r  c\\udc80\\x85\\u2028±é中"
    assert printable("x" * 5000, 10) == "x" * 10 + "..."
    assert printable("x" * 10, 10) == "x" * 10


def test_steady_stream_serves_as_a_file() -> None:
    with Path(os.devnull).open("w") as file:
        stream: IO[str] | Steady = Steady(file)
        assert stream.fileno() == file.fileno()
        assert stream.writable()
    with pytest.raises(io.UnsupportedOperation):
        Steady(None).fileno()
