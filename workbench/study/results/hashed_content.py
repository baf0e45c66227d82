"""Content that is stored with its hash: read as it was written, or known to be damaged."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.common.errors import DamageError
from workbench.common.files import plain, read_whole, write_atomically

_HEAD = re.compile(rb'\{"sha256": "([0-9a-f]{64})", "content": ')
_TAIL = b"}\n"


def sha256(data: bytes) -> str:
    """Return the hash of some bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def write_sealed(path: Path, content: Mapping[str, object]) -> None:
    """Write content as JSON beside its hash, ``{"sha256": ..., "content": ...}``; see `write_atomically`."""
    text = json.dumps(content, default=plain).encode()
    write_atomically(path, b'{"sha256": "%s", "content": %s' % (sha256(text).encode(), text) + _TAIL)


def read_sealed(path: Path) -> dict[str, Any] | None:
    """Return the content that was written, or None where there is no file.

    Parameters
    ----------
    path : Path
        Of a file that `write_sealed` wrote.

    Raises
    ------
    DamageError
        Where the file is not as it was written.
    """
    try:
        data = read_whole(path)
    except FileNotFoundError:
        return None
    head = _HEAD.match(data)
    # Before it is parsed: text that nobody wrote here could be nested without end.
    text = data[head.end() : -len(_TAIL)] if head and data.endswith(_TAIL) else b""
    if head is None or sha256(text) != head[1].decode():
        raise damaged(path)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise damaged(path, "it is not JSON") from error
    if not isinstance(content, dict):
        raise damaged(path, "it is no table")
    return content


def damaged(path: Path, why: str = "its content does not fit its hash") -> DamageError:
    """Return the error for a file that is not as it was written."""
    return DamageError(f"{path} is damaged: {why}.")
