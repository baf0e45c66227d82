"""What the installed plugins offer, by name, and who offered it.

Whatever is wrong with one plugin is an error for all: a missing rule must never become a missing curve.
"""

import math
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Generic, TypeVar

import pluggy

from workbench.catalogue import hookspecs
from workbench.catalogue.edited_code import refuse_edited, remember
from workbench.catalogue.loading import Source, blamed, call_hook, check_hooks, find_file, load_entry_point, load_file
from workbench.common.errors import PluginError, nearest
from workbench.common.output import printable
from workbench.declare.neuron import LEAKY_INTEGRATOR, LIF, NeuronModel
from workbench.declare.parameter import Parameter
from workbench.declare.rule import Rule
from workbench.declare.task import Task

Item = TypeVar("Item", Rule, Task, NeuronModel)

_NAME = re.compile("[A-Za-z][A-Za-z0-9_]{0,59}")


@dataclass(frozen=True)
class Offer(Generic[Item]):
    """A rule, task or neuron model, and the plugin that offers it."""

    item: Item
    source: Source


@dataclass(frozen=True)
class Registry:
    """What all plugins offer, by name.

    Attributes
    ----------
    rules, tasks, neurons : mapping of str to Offer
        In alphabetical order.
    """

    rules: Mapping[str, Offer[Rule]]
    tasks: Mapping[str, Offer[Task]]
    neurons: Mapping[str, Offer[NeuronModel]]

    def rule(self, name: str) -> Rule:
        """Return the rule of a name, or raise a PluginError with the nearest one."""
        return _find(self.rules, name, "rule").item

    def task(self, name: str) -> Task:
        """Return the task of a name, or raise a PluginError with the nearest one."""
        return _find(self.tasks, name, "task").item

    def neuron(self, name: str) -> NeuronModel:
        """Return the neuron model of a name, or raise a PluginError with the nearest one."""
        return _find(self.neurons, name, "neuron model").item

    def models_for(self, rule: Rule) -> tuple[NeuronModel, NeuronModel]:
        """Return the models of hidden neurons and readout that a rule is written for, or the default ones."""
        return self.neuron(rule.written_for.neuron or LIF.name), self.neuron(
            rule.written_for.readout or LEAKY_INTEGRATOR.name
        )


def _find(offers: Mapping[str, Offer[Item]], name: str, kind: str) -> Offer[Item]:
    if name not in offers:
        raise PluginError(f"No installed plugin offers a {kind} {_quoted(name)}. {nearest(name, offers)}")
    return offers[name]


def make_manager() -> pluggy.PluginManager:
    """Return a plugin manager that knows the hooks, and no plugin yet."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    return manager


def load_registry(files: Iterable[Path] = ()) -> Registry:
    """Return what the installed plugins offer, and some plugin files besides.

    Parameters
    ----------
    files : iterable of Path
        Plugins that are not installed; one that is installed all the same is not loaded twice.

    Raises
    ------
    PluginError
        Where a plugin cannot be imported, implements no hook or a misspelt one, offers something that it may not, takes
        a name that is taken, or was edited since it was imported.
    """
    refuse_edited()
    before = set(sys.modules)
    registry, modules = _read(files)
    remember(before, modules)
    return registry


def reload_registry(files: Iterable[Path] = ()) -> Registry:
    """Return the same in a process that goes on with the code that it has, whatever becomes of the files meanwhile."""
    return _read(files)[0]


def _read(files: Iterable[Path]) -> tuple[Registry, list[str]]:
    """Return what plugins offer, and the names of those of their modules that Python imports once."""
    manager = make_manager()
    sources: dict[str, Source] = {}
    modules = []
    points = entry_points(group=hookspecs.PROJECT)
    for point in sorted(points, key=lambda point: ("" if point.dist is None else point.dist.name, point.name)):
        source, module = load_entry_point(point)
        _register(manager, sources, source, module)
        modules.append(module.__name__)
    for path in files:
        source = find_file(path)
        if source.file not in {known.file for known in sources.values()}:
            _register(manager, sources, source, load_file(source))
    if not sources:
        raise PluginError("No plugin is installed, not even the workbench's own. Run: pip install --editable .")
    found = Registry(
        rules=_collect(manager, sources, "workbench_rules", Rule),
        tasks=_collect(manager, sources, "workbench_tasks", Task),
        neurons=_collect(manager, sources, "workbench_neurons", NeuronModel),
    )
    return found, modules


def _register(manager: pluggy.PluginManager, sources: dict[str, Source], source: Source, module: ModuleType) -> None:
    known = manager.get_name(module)
    if known is not None:
        raise PluginError(
            f"Plugin {source} is the same module as plugin {sources[known]}. Drop one of the two entry points."
        )
    with blamed(source, f"Plugin {source} ({source.file}) cannot be looked through"):
        check_hooks(manager, source, module)
        # Two files may share a name, and two distributions one of their plugins.
        key = f"{source} {source.file}"
        manager.register(module, name=key)
    sources[key] = source


def _collect(
    manager: pluggy.PluginManager, sources: Mapping[str, Source], hook: str, kind: type[Item]
) -> dict[str, Offer[Item]]:
    offers: dict[str, Offer[Item]] = {}
    # One implementation after the other, and not the hook as a whole, so that each offer has an owner.
    for implementation in getattr(manager.hook, hook).get_hookimpls():
        source = sources[implementation.plugin_name]
        for item in call_hook(implementation.function, hook, source, kind):
            with blamed(source, f"Plugin {source} ({source.file}) offers a {kind.__name__} that cannot be read"):
                _check_texts(item, f"Plugin {source} ({source.file})")
            if item.name in offers:
                raise PluginError(_twice(kind.__name__, item.name, offers[item.name].source, source))
            offers[item.name] = Offer(item, source)
    return dict(sorted(offers.items()))


def _twice(kind: str, name: str, first: Source, second: Source) -> str:
    owners = [str(first), str(second)]
    if owners[0] == owners[1]:
        owners = [f"{source} ({source.file})" for source in (first, second)]
    if first == second:
        return f"{kind} '{name}' is offered twice by plugin {owners[0]}. Rename one of the two."
    return (
        f"{kind} '{name}' is offered twice: by plugin {owners[0]} and by plugin {owners[1]}. Rename one of the two, or "
        "uninstall its plugin."
    )


def _check_texts(item: Rule | Task | NeuronModel, where: str) -> None:
    """Refuse names that cannot stand in study files and file names, and texts and defaults that cannot be stored."""
    kind = type(item).__name__
    named: list[tuple[str, object]] = [(f"{kind} {_quoted(item.name)}", item.name)]
    for entry in () if isinstance(item, NeuronModel) else item.parameters:
        if not isinstance(entry, Parameter):
            raise PluginError(f"{where}: {kind} {_quoted(item.name)}: {_quoted(entry)} is no Parameter.")
        owner = f"{kind} {_quoted(item.name)}, parameter {_quoted(entry.name)}"
        named.append((owner, entry.name))
        default = entry.default
        if isinstance(default, bool) or not isinstance(default, str | int | float):
            raise PluginError(f"{where}: {owner}: the default must be a text or a number, not {_quoted(default)}.")
        if isinstance(default, float) and not math.isfinite(default):
            raise PluginError(f"{where}: {owner}: the default must be finite, and is {_quoted(default)}.")
        if isinstance(default, int) and not -(2**63) <= default < 2**63:
            raise PluginError(f"{where}: {owner}: a whole number must fit into 64 bits, unlike {_quoted(default)}.")
    for owner, name in named:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise PluginError(
                f"{where}: {owner}: a name has letters, digits and underscores, at most 60, and starts with a letter."
            )
    title = "" if isinstance(item, NeuronModel) else item.title
    if not isinstance(title, str) or not title.isprintable():
        raise PluginError(f"{where}: {kind} '{item.name}': the title must be a text of one line, not {_quoted(title)}.")


def _quoted(value: object) -> str:
    return f"'{printable(str(value), 60)}'"
