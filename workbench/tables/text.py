"""Texts of others (titles, reasons, names of tasks), as tables and figures can show them."""

import hashlib
import re

#: Letters of a title, and of a sentence that says why something is missing.
TITLE, SENTENCE = 60, 400


def plain(text: object, most: int = TITLE) -> str:
    """Return a text on one line, of letters that can be printed, shortened in its middle.

    Parameters
    ----------
    text : object
        Anything; control characters are written as Python writes them.
    most : int
        Letters to keep.
    """
    line = " ".join(str(text).split())
    shown = "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in line)
    if len(shown) <= most:
        return shown
    # What tells two long texts apart stands as often at the end.
    tail = most // 3
    return f"{shown[: most - tail - 1]}\u2026{shown[-tail:]}"


def file_stem(name: str) -> str:
    """Return a name as a file may have it; names that differ stay different."""
    stem = re.sub(r"[^\w()-]+", "_", name)[:60]
    return stem if stem == name else f"{stem}_{hashlib.sha256(name.encode(errors='replace')).hexdigest()[:8]}"
