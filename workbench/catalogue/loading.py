"""Import the modules of plugins, and refuse one that is broken before it can go missing silently."""

import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import partial
from hashlib import sha256
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution, EntryPoint
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import pluggy

from workbench.catalogue import hookspecs
from workbench.catalogue.edited_code import Anew
from workbench.catalogue.slow_plugins import PATIENCE, told_when_late
from workbench.common.blame import described
from workbench.common.errors import PluginError, nearest
from workbench.common.output import printable

Item = TypeVar("Item")

#: The hooks that there are; those of the parts of networks come last.
HOOKS = tuple(
    sorted(
        (name for name in vars(hookspecs) if name.startswith(f"{hookspecs.PROJECT}_")),
        key=lambda name: vars(hookspecs)[name].__module__ != hookspecs.__name__,
    )
)

#: A hook that offers more never ends.
MOST_OFFERS = 10_000


@dataclass(frozen=True)
class Source:
    """A plugin and the distribution that brought it.

    Attributes
    ----------
    plugin : str
        Name of the entry point, or of the file.
    distribution, version : str
        As installed; empty for a file.
    file : str
        Where the plugin's code is.
    """

    plugin: str
    distribution: str = ""
    version: str = ""
    file: str = ""

    def __str__(self) -> str:
        return f"'{self.plugin}'" + (f" of '{self.distribution} {self.version}'" if self.distribution else "")

    @property
    def remedy(self) -> str:
        """The end of an error message about a plugin that cannot be used."""
        return f"Mend it, or uninstall '{self.distribution}'." if self.distribution else "Mend it."


def owner_of(distribution: Distribution | None) -> tuple[str, str]:
    """Return the name and version of a distribution; empty where there is none."""
    told = None if distribution is None else distribution.metadata
    return ("", "") if told is None else (told["Name"], told["Version"])


def load_entry_point(point: EntryPoint, name: str, version: str) -> tuple[Source, ModuleType]:
    """Import the plugin that an installed distribution of some name and version has.

    Raises
    ------
    PluginError
        Where it cannot be imported, or is not a module.
    """
    source = Source(point.name, name, version)
    if point.attr:
        raise PluginError(f"Plugin {source}: entry point '{point.value}' must name a module. Write '{point.module}'.")
    with blamed(source, f"Plugin {source} cannot be imported"):
        module = importlib.import_module(point.module)
        file = "" if module.__file__ is None else str(Path(module.__file__).resolve())
    return Source(point.name, name, version, file), module


def find_file(path: Path) -> Source:
    """Return the plugin of a file that no distribution brings.

    Raises
    ------
    PluginError
        Where there is no such Python file.
    """
    try:
        resolved = path.resolve()
        found = resolved.suffix == ".py" and resolved.is_file()
    # A name with a NUL, or links in a circle.
    except (OSError, ValueError, RuntimeError):
        found = False
    if not found:
        raise PluginError(
            f"'{printable(str(path))}' is not a Python file. Give the path of a plugin, such as my_rule.py."
        )
    return Source(plugin=resolved.name, file=str(resolved))


def load_file(source: Source) -> ModuleType:
    """Import the plugin of a file.

    Raises
    ------
    PluginError
        Where it cannot be imported.
    """
    # Two files may share a name, so the module's name says which file it is.
    name = f"_workbench_{Path(source.file).stem}_{sha256(os.fsencode(source.file)).hexdigest()[:8]}"
    with blamed(source, f"Plugin {source} cannot be imported"):
        loader = Anew(name, source.file)
        spec = ModuleSpec(name, loader, origin=source.file)
        spec.has_location = True
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        loader.exec_module(module)
    return module


@contextmanager
def blamed(source: Source, what: str) -> Iterator[None]:
    """Make whatever a plugin's code raises a PluginError that says who did what, and tell of one that does not end.

    Parameters
    ----------
    source : Source
        The plugin.
    what : str
        The start of the sentence if it raises: ``"Plugin 'mine.py' cannot be imported"``.
    """
    try:
        with told_when_late(partial(_tell_of_slow, source)):
            yield
    # Ctrl-C is the user's, and what is refused here has its sentence.
    except (KeyboardInterrupt, PluginError):
        raise
    # A plugin is anybody's code, which may raise anything when it is run, or leave: that must not pass for an end.
    except BaseException as error:
        raise PluginError(f"{what}: {described(error, source.file)}. {source.remedy}") from error


def _tell_of_slow(source: Source) -> None:
    print(f"Plugin {source} ({source.file}) has been at work for {PATIENCE:g} s, and goes on.", file=sys.stderr)


def check_hooks(manager: pluggy.PluginManager, source: Source, module: ModuleType) -> None:
    """Refuse a module that implements no hook, or has a function that looks like one and would never be called.

    Raises
    ------
    PluginError
        With the line, and the nearest right spelling.
    """
    implemented = 0
    for name, function in list(vars(module).items()):
        options = manager.parse_hookimpl_opts(module, name)
        if options is not None:
            _check_hook(options.get("specname") or name, bool(options.get("wrapper") or options.get("hookwrapper")),
                        name, function, source)  # fmt: skip
            implemented += 1
        elif inspect.isfunction(function) and name in HOOKS:
            where = _place(source, name, function)
            raise PluginError(f"{where}: the hook is not marked. Put @hookimpl, from workbench, in the line above it.")
        elif inspect.isfunction(function) and _resembles(name, HOOKS):
            raise PluginError(f"{_place(source, name, function)}: '{name}' is not a hook. {nearest(name, HOOKS)}")
    if not implemented:
        names = ", ".join(f"'{name}'" for name in HOOKS)
        raise PluginError(f"Plugin {source} ({source.file}) implements none of the hooks {names}. {source.remedy}")


def _check_hook(hook: str, wraps: bool, name: str, function: Callable[..., object], source: Source) -> None:
    where = _place(source, name, function)
    if hook not in HOOKS:
        raise PluginError(f"{where}: '{hook}' is not a hook. {nearest(hook, HOOKS)}")
    if wraps:
        raise PluginError(f"{where}: a hook may not be a wrapper. Use @hookimpl without arguments.")
    if inspect.signature(function).parameters:
        raise PluginError(f"{where}: the hook takes no parameters. Write 'def {name}():'.")
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        raise PluginError(f"{where}: a hook may not be asynchronous. Write 'def {name}():'.")


def call_hook(function: Callable[[], Iterable[Item]], hook: str, source: Source, kind: type[Item]) -> list[Item]:
    """Return what a plugin's implementation of a hook offers.

    Raises
    ------
    PluginError
        Where it fails, offers nothing, never ends, or offers something of another type.
    """
    where = _place(source, hook, function)
    with blamed(source, f"{where} failed"):
        result = function()
        listed = isinstance(result, Iterable) and not isinstance(result, str | bytes | bytearray | Mapping | type)
        # The next line of something like a file may never end, and take all memory.
        listed = listed and not hasattr(result, "read")
        items: list[Item] = []
        for item in result if listed else ():
            # No subclass: it could answer otherwise each time that it is asked.
            if type(item) is not kind:
                given = f"{_shown(item)} of type '{type(item).__name__}'"
                raise PluginError(f"{where} yielded {given}. Yield a {kind.__name__}.")
            if len(items) == MOST_OFFERS:
                raise PluginError(f"{where} yielded more than {MOST_OFFERS} objects. Let it end.")
            items.append(item)
    if not items:
        given = "nothing" if listed else f"'{type(result).__name__}'"
        raise PluginError(f"{where} gave {given}, but must yield at least one {kind.__name__}.")
    return items


def _shown(item: object) -> str:
    try:
        return printable(repr(item), 60)
    # Its text is anybody's code, too.
    except BaseException:
        return "an object"


def _place(source: Source, name: str, function: object) -> str:
    """Return where a function of a plugin is, as the start of an error message."""
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    line = "" if code is None else f", line {code.co_firstlineno}"
    return f"Plugin {source}, '{name}' ({source.file}{line})"


def _resembles(name: str, hooks: Iterable[str]) -> bool:
    prefixed = name.startswith(f"{hookspecs.PROJECT}_")
    return prefixed or any(SequenceMatcher(None, name, hook).ratio() > 0.85 for hook in hooks)
