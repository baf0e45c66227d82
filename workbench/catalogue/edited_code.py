"""Code that was edited since this process imported it, which Python does once: what it says now would pass for run."""

import sys
import sysconfig
from collections.abc import Iterable
from hashlib import sha256
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType

from workbench.common.errors import PluginError

#: The modules of plugins, and those that they have imported: how each was imported last, and a hash of its file then.
_READ: dict[str, tuple[ModuleSpec, str]] = {}

#: Where the modules of others are, which nobody edits.
_INSTALLED = tuple(sysconfig.get_paths()[kind] for kind in ("stdlib", "platstdlib", "purelib", "platlib"))


class Anew(SourceFileLoader):
    """Reads a file whenever it is asked to: Python's copy in bytes passes for current within the second of an edit."""

    def get_code(self, fullname: str) -> CodeType:
        """Return the code of the file."""
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)


def remember(before: Iterable[str], plugins: Iterable[str]) -> None:
    """Remember which code was read.

    Parameters
    ----------
    before : iterable of str
        Names of the modules that there were before plugins were imported.
    plugins : iterable of str
        Names of the modules of plugins.
    """
    further = {name for name in sys.modules.keys() - set(before) if not _file(name).startswith(_INSTALLED)}
    for name in further.union(plugins):
        _update(name)


def refuse_edited() -> None:
    """Refuse to go on with code that is no more what its file says.

    Raises
    ------
    PluginError
        With the first file, and what to do.
    """
    for name in sorted(_READ):
        spec, content = _READ[name]
        if getattr(sys.modules.get(name), "__spec__", None) is not spec:
            # It was reloaded, or is imported anew.
            _update(name)
        elif _hash(_file(name)) not in {content, ""}:
            raise PluginError(
                f"'{_file(name)}' was edited since this process imported it. Restart Python, or reload it by "
                f"importlib.reload(sys.modules['{name}'])."
            )


def what_was_read() -> frozenset[tuple[str, str]]:
    """Return the names of the modules of plugins and of what they import, with hashes of what they were made of."""
    return frozenset((name, content) for name, (_, content) in _READ.items())


def _update(name: str) -> None:
    spec = getattr(sys.modules.get(name), "__spec__", None)
    if isinstance(spec, ModuleSpec) and not isinstance(spec.loader, Anew) and _file(name).endswith(".py"):
        _READ[name] = (spec, _hash(_file(name)))
    else:
        _READ.pop(name, None)


def _file(name: str) -> str:
    return str(getattr(getattr(sys.modules.get(name), "__spec__", None), "origin", None) or "")


def _hash(file: str) -> str:
    try:
        return sha256(Path(file).read_bytes()).hexdigest()
    except OSError:
        return ""
