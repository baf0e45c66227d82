"""Import the modules of plugins, and refuse one that is broken before it can go missing silently."""

import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from hashlib import sha256
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import pluggy

from workbench import hookspecs
from workbench.errors import PluginError, nearest

Item = TypeVar("Item")

#: The hooks that there are.
HOOKS = tuple(name for name in vars(hookspecs) if name.startswith(f"{hookspecs.PROJECT}_"))


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


def load_entry_point(point: EntryPoint) -> tuple[Source, ModuleType]:
    """Import the plugin that an installed distribution names.

    Raises
    ------
    PluginError
        Where it cannot be imported, or is not a module.
    """
    name, version = ("", "") if point.dist is None else (point.dist.name, point.dist.version)
    source = Source(point.name, name, version)
    if point.attr:
        raise PluginError(f"Plugin {source}: entry point '{point.value}' must name a module. Write '{point.module}'.")
    module = _import(source, lambda: importlib.import_module(point.module))
    file = "" if module.__file__ is None else str(Path(module.__file__).resolve())
    return Source(point.name, name, version, file), module


def load_file(path: Path) -> tuple[Source, ModuleType]:
    """Import a plugin file that no distribution brings.

    Raises
    ------
    PluginError
        Where there is no such Python file, or it cannot be imported.
    """
    resolved = path.resolve()
    if resolved.suffix != ".py" or not resolved.is_file():
        raise PluginError(f"'{path}' is not a Python file. Give the path of a plugin, such as my_rule.py.")
    source = Source(plugin=resolved.name, file=str(resolved))
    # Two files may share a name, so the module's name says which file it is.
    name = f"_workbench_{resolved.stem}_{sha256(source.file.encode()).hexdigest()[:8]}"

    def load() -> ModuleType:
        spec = importlib.util.spec_from_file_location(name, resolved)
        if spec is None or spec.loader is None:
            raise ImportError(f"Python does not know how to read '{path}'")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        return module

    return source, _import(source, load)


def _import(source: Source, load: Callable[[], ModuleType]) -> ModuleType:
    try:
        return load()
    except (Exception, SystemExit) as error:  # A plugin is anybody's code, which may raise anything when it is run.
        raise PluginError(f"Plugin {source} cannot be imported: {_describe(error)}. {source.remedy}") from error


def _describe(error: BaseException) -> str:
    """Return what a plugin's code raised, and in which line of the plugin."""
    text = f"{type(error).__name__}: {error.msg if isinstance(error, SyntaxError) else error}".rstrip(".: ")
    if isinstance(error, SyntaxError) and error.filename:
        return f"{text} ({error.filename}, line {error.lineno})"
    frames = traceback.extract_tb(error.__traceback__)
    machinery = (__file__, importlib.__file__, "<frozen importlib")
    # The outermost frame that is not the machinery's is the plugin's own, whoever it called.
    plugin = next((frame for frame in frames if not frame.filename.startswith(machinery)), None)
    return text if plugin is None else f"{text} ({plugin.filename}, line {plugin.lineno})"


def check_hooks(manager: pluggy.PluginManager, source: Source, module: ModuleType) -> None:
    """Refuse a module that implements no hook, or has a function that looks like one and would never be called.

    Raises
    ------
    PluginError
        With the line, and the nearest right spelling.
    """
    implemented = 0
    for name, function in vars(module).items():
        options = manager.parse_hookimpl_opts(module, name)
        where = _place(source, name, function)
        if options is not None:
            hook = options.get("specname") or name
            if hook not in HOOKS:
                raise PluginError(f"{where}: '{hook}' is not a hook. {nearest(hook, HOOKS)}")
            if options.get("wrapper") or options.get("hookwrapper"):
                raise PluginError(f"{where}: a hook may not be a wrapper. Use @hookimpl without arguments.")
            if inspect.signature(function).parameters:
                raise PluginError(f"{where}: the hook takes no parameters. Write 'def {name}():'.")
            implemented += 1
        elif inspect.isfunction(function) and name in HOOKS:
            raise PluginError(f"{where}: the hook is not marked. Put @hookimpl, from workbench, in the line above it.")
        elif inspect.isfunction(function) and _resembles(name, HOOKS):
            raise PluginError(f"{where}: '{name}' is not a hook. {nearest(name, HOOKS)}")
    if not implemented:
        names = ", ".join(f"'{name}'" for name in HOOKS)
        raise PluginError(f"Plugin {source} ({source.file}) implements none of the hooks {names}. {source.remedy}")


def call_hook(function: Callable[[], Iterable[Item]], hook: str, source: Source, kind: type[Item]) -> Iterator[Item]:
    """Yield what a plugin's implementation of a hook offers.

    Raises
    ------
    PluginError
        Where it fails, offers nothing, or offers something of another type.
    """
    where = _place(source, hook, function)
    try:
        result = function()
        items = list(result) if isinstance(result, Iterable) else []
    except Exception as error:  # As at import: anybody's code.
        raise PluginError(f"{where} failed: {_describe(error)}. {source.remedy}") from error
    if not items:
        given = "nothing" if isinstance(result, Iterable) else f"'{type(result).__name__}'"
        raise PluginError(f"{where} gave {given}, but must yield at least one {kind.__name__}.")
    for item in items:
        if not isinstance(item, kind):
            raise PluginError(f"{where} yielded {item!r:.60} of type '{type(item).__name__}'. Yield a {kind.__name__}.")
        yield item


def _place(source: Source, name: str, function: object) -> str:
    """Return where a function of a plugin is, as the start of an error message."""
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    line = "" if code is None else f", line {code.co_firstlineno}"
    return f"Plugin {source}, '{name}' ({source.file}{line})"


def _resembles(name: str, hooks: Iterable[str]) -> bool:
    prefixed = name.startswith(f"{hookspecs.PROJECT}_")
    return prefixed or any(SequenceMatcher(None, name, hook).ratio() > 0.85 for hook in hooks)
