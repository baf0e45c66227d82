"""The one door of what is printed: text that a terminal can show, and streams that never fail who writes to them."""

import errno
import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

#: Exit code of a command whose reader has gone, as shells have it of one that SIGPIPE ended.
READER_GONE = 141

#: Letters of a text of others, such as a title, that are printed.
_MOST = 2000


class Steady(io.TextIOBase):
    """A stream of text that never fails: what cannot be encoded is replaced, what cannot be written is lost.

    Parameters
    ----------
    stream : TextIO or None
        Where the text goes; None where Python found nothing to write to.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.lost: str | None = None
        self.reader_gone = False

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """How text is encoded."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        """Write a text, and return how long it is."""
        if self._stream is None:
            self._lose(OSError(errno.EBADF, os.strerror(errno.EBADF)))
        elif self.lost is None:
            try:
                self._stream.write(text)
            except UnicodeEncodeError:
                return self.write(text.encode(self.encoding, "replace").decode(self.encoding))
            except (OSError, ValueError) as error:  # A ValueError: the stream is closed.
                self._lose(error)
        return len(text)

    def flush(self) -> None:
        """Write what is held back."""
        if self._stream is not None and self.lost is None:
            try:
                self._stream.flush()
            except (OSError, ValueError) as error:
                self._lose(error)

    def _lose(self, error: OSError | ValueError) -> None:
        self.lost = self.lost or (error.strerror if isinstance(error, OSError) else None) or str(error)
        self.reader_gone = self.reader_gone or isinstance(error, BrokenPipeError)

    def writable(self) -> bool:
        """Return that it can be written to."""
        return True

    def isatty(self) -> bool:
        """Return whether a terminal shows it."""
        with suppress(ValueError):
            return self._stream is not None and self._stream.isatty()
        return False

    def fileno(self) -> int:
        """Return the number of the file."""
        if self._stream is None:
            raise io.UnsupportedOperation("There is no file.")
        return self._stream.fileno()


def kept_going(command: Callable[[], int]) -> int:
    """Run a command to its end, whatever becomes of what it prints.

    Parameters
    ----------
    command : callable
        Returns its exit code.

    Returns
    -------
    int
        The command's exit code; where that is 0 and output was lost, `READER_GONE` or 1.
    """
    _open_closed()
    before = sys.stdout, sys.stderr
    out, errors = Steady(sys.stdout), Steady(sys.stderr)
    sys.stdout, sys.stderr = out, errors
    try:
        code = command()
        out.flush()
        if out.lost and not out.reader_gone:
            print(f"error: The command is done, but what it printed is lost ({out.lost}).", file=errors)
        errors.flush()
    finally:
        sys.stdout, sys.stderr = before
        for stream in (out, errors):
            _drain(stream)
    if code == 0 and (out.lost or errors.lost):
        return READER_GONE if out.reader_gone else 1
    return code


def _open_closed() -> None:
    """Open what is closed of the three standard files, or the next file to be opened would be printed into."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free is this one.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def _drain(stream: Steady) -> None:
    """Give what a stream could not write to nobody, since Python tries once more at its end."""
    if stream.lost is not None:
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def printable(text: str, most: int = _MOST) -> str:
    """Return a text as a terminal can show it, on one line: control characters as Python writes them, the end left out.

    Parameters
    ----------
    text : str
        Of anybody.
    most : int
        Letters of it to be kept.
    """
    kept = (
        letter if letter.isprintable() else " " if letter in "\n\t" else ascii(letter)[1:-1] for letter in text[:most]
    )
    return "".join(kept) + "..." * (len(text) > most)
