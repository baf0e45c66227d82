"""What the installed plugins offer, by name, and who offered it.

Whatever is wrong with one plugin is an error for all: a missing rule must never become a missing curve.
"""

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any, Generic, Protocol, TypeVar, get_args, get_type_hints

import pluggy

from workbench.catalogue import hookspecs
from workbench.catalogue.edited_code import refuse_edited, remember
from workbench.catalogue.loading import (
    HOOKS,
    Source,
    blamed,
    call_hook,
    check_hooks,
    find_file,
    load_entry_point,
    load_file,
    owner_of,
)
from workbench.catalogue.texts import check_texts, quoted
from workbench.common.errors import PluginError, nearest
from workbench.declare.constraint import Constraint
from workbench.declare.feedback import Pathway
from workbench.declare.loss import Loss
from workbench.declare.neuron import NeuronModel
from workbench.declare.neuron_models import LEAKY_INTEGRATOR, LIF
from workbench.declare.optimizer import Optimizer
from workbench.declare.rule import Rule
from workbench.declare.surrogate import Surrogate
from workbench.declare.task import Task


class Named(Protocol):
    """What plugins may offer: something with a name, by which study files call it."""

    @property
    def name(self) -> str:
        """The name."""


Item = TypeVar("Item", bound=Named)

#: Hook -> the type of what it offers, as its specification says.
KINDS: dict[str, type[Any]] = {hook: get_args(get_type_hints(getattr(hookspecs, hook))["return"])[0] for hook in HOOKS}


@dataclass(frozen=True)
class Offer(Generic[Item]):
    """Something that a plugin offers, and the plugin."""

    item: Item
    source: Source


@dataclass(frozen=True)
class Registry:
    """What all plugins offer.

    Attributes
    ----------
    offers : mapping of type to mapping of str to Offer
        By the type of what is offered, and its name: in alphabetical order.
    """

    offers: Mapping[type[Any], Mapping[str, Offer[Any]]]

    def all(self, kind: type[Item]) -> Mapping[str, Offer[Item]]:
        """Return all of a type, by name: ``registry.all(Loss)``."""
        return self.offers.get(kind, {})

    def named(self, kind: type[Item], name: str) -> Item:
        """Return what is of a type and has a name, or raise a PluginError with the nearest one."""
        offers = self.all(kind)
        if name not in offers:
            noun = re.sub("(?<=[a-z])(?=[A-Z])", " ", kind.__name__).lower()
            noun = f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
            raise PluginError(f"No installed plugin offers {noun} {quoted(name)}. {nearest(name, offers)}")
        return offers[name].item

    @property
    def rules(self) -> Mapping[str, Offer[Rule]]:
        """All rules, by name."""
        return self.all(Rule)

    @property
    def tasks(self) -> Mapping[str, Offer[Task]]:
        """All tasks, by name."""
        return self.all(Task)

    def rule(self, name: str) -> Rule:
        """Return the rule of a name, or raise a PluginError with the nearest one."""
        return self.named(Rule, name)

    def task(self, name: str) -> Task:
        """Return the task of a name, or raise a PluginError with the nearest one."""
        return self.named(Task, name)

    def neuron(self, name: str) -> NeuronModel:
        """Return the neuron model of a name, or raise a PluginError with the nearest one."""
        return self.named(NeuronModel, name)

    def loss(self, name: str) -> Loss:
        """Return the loss of a name, or raise a PluginError with the nearest one."""
        return self.named(Loss, name)

    def optimizer(self, name: str) -> Optimizer:
        """Return the optimizer of a name, or raise a PluginError with the nearest one."""
        return self.named(Optimizer, name)

    def constraint(self, name: str) -> Constraint:
        """Return the constraint of a name, or raise a PluginError with the nearest one."""
        return self.named(Constraint, name)

    def surrogate(self, name: str) -> Surrogate:
        """Return the surrogate derivative of a name, or raise a PluginError with the nearest one."""
        return self.named(Surrogate, name)

    def pathway(self, name: str) -> Pathway:
        """Return the pathway of a name, or raise a PluginError with the nearest one."""
        return self.named(Pathway, name)

    def pathways_for(self, rule: Rule) -> list[Pathway]:
        """Return the pathways that a rule can run with."""
        return [offer.item for offer in self.all(Pathway).values() if offer.item.suits(rule.signal)]

    def pathway_for(self, rule: Rule, name: str) -> Pathway | str:
        """Return the pathway of any of its names that a rule can run with, or the name where there is none."""
        return next((way for way in self.pathways_for(rule) if name in way.names), name)

    def models_for(self, rule: Rule) -> tuple[NeuronModel, NeuronModel]:
        """Return the models of hidden neurons and readout that a rule is written for, or the default ones."""
        wanted = rule.written_for
        return self.neuron(wanted.neuron or LIF.name), self.neuron(wanted.readout or LEAKY_INTEGRATOR.name)


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
    sources, modules = dict[str, Source](), list[str]()
    points = entry_points(group=hookspecs.PROJECT)
    # Once each: the metadata of a distribution are parsed whenever they are asked for.
    owners = {point.dist: owner_of(point.dist) for point in points}
    for point in sorted(points, key=lambda point: (owners[point.dist][0], point.name)):
        source, module = load_entry_point(point, *owners[point.dist])
        _register(manager, sources, source, module)
        modules.append(module.__name__)
    for path in files:
        source = find_file(path)
        if source.file not in {known.file for known in sources.values()}:
            _register(manager, sources, source, load_file(source))
    if not sources:
        raise PluginError("No plugin is installed, not even the workbench's own. Run: pip install --editable .")
    offers = {kind: _collect(manager, sources, hook, kind) for hook, kind in KINDS.items()}
    return Registry(offers), modules


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
                check_texts(item, f"Plugin {source} ({source.file})")
            if item.name in offers:
                raise PluginError(_twice(kind.__name__, item.name, offers[item.name].source, source))
            offers[item.name] = Offer(item, source)
    _refuse_shared_names(offers, kind)
    return dict(sorted(offers.items()))


def _refuse_shared_names(offers: Mapping[str, Offer[Item]], kind: type[Item]) -> None:
    """Refuse a further name of something that is a name of something else."""
    owners: dict[str, Offer[Item]] = dict(offers)
    for offer in offers.values():
        for name in getattr(offer.item, "known_as", ()):
            if name in owners:
                raise PluginError(_twice(kind.__name__, name, owners[name].source, offer.source))
            owners[name] = offer


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
