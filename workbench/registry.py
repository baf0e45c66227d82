"""What the installed plugins offer, by name, and who offered it.

Whatever is wrong with one plugin is an error for all: a missing rule must never become a missing curve.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Generic, TypeVar

import pluggy

from workbench import hookspecs
from workbench.errors import PluginError, nearest
from workbench.loading import Source, call_hook, check_hooks, load_entry_point, load_file
from workbench.neuron import LEAKY_INTEGRATOR, LIF, NeuronModel
from workbench.rule import Rule
from workbench.task import Task

Item = TypeVar("Item", Rule, Task, NeuronModel)


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
        return self.neuron(rule.neuron or LIF.name), self.neuron(rule.readout or LEAKY_INTEGRATOR.name)


def _find(offers: Mapping[str, Offer[Item]], name: str, kind: str) -> Offer[Item]:
    if name not in offers:
        raise PluginError(f"No installed plugin offers a {kind} '{name}'. {nearest(name, offers)}")
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
        Where a plugin cannot be imported, implements no hook or a misspelt one, offers something that it may not, or
        takes a name that is taken.
    """
    manager = make_manager()
    sources: dict[str, Source] = {}
    points = entry_points(group=hookspecs.PROJECT)
    for point in sorted(points, key=lambda point: ("" if point.dist is None else point.dist.name, point.name)):
        _register(manager, sources, *load_entry_point(point))
    for path in files:
        if str(path.resolve()) not in {source.file for source in sources.values()}:
            _register(manager, sources, *load_file(path))
    if not sources:
        raise PluginError("No plugin is installed, not even the workbench's own. Run: pip install --editable .")
    return Registry(
        rules=_collect(manager, sources, "workbench_rules", Rule),
        tasks=_collect(manager, sources, "workbench_tasks", Task),
        neurons=_collect(manager, sources, "workbench_neurons", NeuronModel),
    )


def _register(manager: pluggy.PluginManager, sources: dict[str, Source], source: Source, module: ModuleType) -> None:
    known = manager.get_name(module)
    if known is not None:
        raise PluginError(f"Plugin {source} is the same module as plugin {known}. Drop one of the two entry points.")
    check_hooks(manager, source, module)
    manager.register(module, name=str(source))
    sources[str(source)] = source


def _collect(
    manager: pluggy.PluginManager, sources: Mapping[str, Source], hook: str, kind: type[Item]
) -> dict[str, Offer[Item]]:
    offers: dict[str, Offer[Item]] = {}
    # One implementation after the other, and not the hook as a whole, so that each offer has an owner.
    for implementation in getattr(manager.hook, hook).get_hookimpls():
        source = sources[implementation.plugin_name]
        for item in call_hook(implementation.function, hook, source, kind):
            if item.name in offers:
                raise PluginError(
                    f"{kind.__name__} '{item.name}' is offered twice: by plugin {offers[item.name].source} and by "
                    f"plugin {source}. Rename one of the two, or uninstall its plugin."
                )
            offers[item.name] = Offer(item, source)
    return dict(sorted(offers.items()))
