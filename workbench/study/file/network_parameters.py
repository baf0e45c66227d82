"""Parameters of what a network names, its surrogate and models: an axis or search of one is of those that have it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError, nearest
from workbench.declare.neuron import NeuronModel
from workbench.declare.surrogate import Surrogate
from workbench.study.file.reading import quoted
from workbench.study.file.sections import NetworkSection
from workbench.study.file.spec import StudySpec

#: The keys of a network that name something with parameters, and what that is.
NAMED: Mapping[str, type[Any]] = {"neuron": NeuronModel, "readout": NeuronModel, "surrogate": Surrogate}


def fitting(changes: NetworkSection, section: NetworkSection, registry: Registry) -> NetworkSection:
    """Return changes of a network, of parameters only those that what it names has.

    Parameters
    ----------
    changes : NetworkSection
        Of a value of an axis, or of a draw. Where they name something, its parameters are meant, and all are kept.
    section : NetworkSection
        What they change.
    registry : Registry
        Of the names.
    """
    update = {}
    for key, role in _of_parameters(changes):
        known = _parameters(role, getattr(section, role), registry)
        update[key] = tuple((name, value) for name, value in getattr(changes, key) if name in known)
    return changes.model_copy(update=update)


def changes_something(changes: NetworkSection, section: NetworkSection, registry: Registry) -> bool:
    """Return whether changes of a network are any: not where they are of parameters that nothing in it has.

    Parameters
    ----------
    changes, section, registry
        As of `fitting`.
    """
    of_parameters = dict(_of_parameters(changes))
    if changes.model_fields_set - set(of_parameters):
        return True
    fit = fitting(changes, section, registry)
    return any(getattr(fit, key) for key in of_parameters)


def lacks(section: NetworkSection, key: str, registry: Registry) -> bool:
    """Return whether a dotted key such as ``network.surrogate_parameters.beta`` is of a parameter that is not there."""
    role, name = _split(key)
    return bool(role) and name not in _parameters(role, getattr(section, role), registry)


def refuse_nobodys(changes: NetworkSection, spec: StudySpec, registry: Registry, where: str) -> None:
    """Refuse changes of parameters that nothing has that any network of the study names.

    Raises
    ------
    StudyError
        Which one.
    """
    for key, role in _of_parameters(changes):
        for name, _ in getattr(changes, key):
            refuse_nobodys_key(f"network.{role}_parameters.{name}", spec, registry, where)


def refuse_nobodys_key(key: str, spec: StudySpec, registry: Registry, where: str) -> None:
    """Refuse a dotted key as of `lacks` where nothing has it that any network of the study names.

    Raises
    ------
    StudyError
        Where that is so.
    """
    role, name = _split(key)
    if not role:
        return
    known = {parameter for named in _named(role, spec) for parameter in _parameters(role, named, registry)}
    if name not in known:
        raise StudyError(f"{where}: no {role} of the study has a parameter {quoted(name)}. {nearest(name, known)}")


def _of_parameters(changes: NetworkSection) -> list[tuple[str, str]]:
    """Return the keys of parameters that change without the name beside them, and what names their owner."""
    found = [(f"{role}_parameters", role) for role in NAMED if role not in changes.model_fields_set]
    return [(key, role) for key, role in found if key in changes.model_fields_set]


def _split(key: str) -> tuple[str, str]:
    """Return whose parameter a dotted key is, and its name; nothing where it is of something else."""
    table, _, name = key.removeprefix("network.").partition(".")
    role = table.removesuffix("_parameters")
    return (role, name) if name and role in NAMED else ("", "")


def _parameters(role: str, name: str, registry: Registry) -> frozenset[str]:
    """Return the parameters of what a network names; none where there is no such thing, which is told elsewhere."""
    offer = registry.all(NAMED[role]).get(name)
    return frozenset() if offer is None else frozenset(dict(offer.item.parameters))


def _named(role: str, spec: StudySpec) -> Iterator[str]:
    """Yield what networks of the study name, wherever they do."""
    changed = (*(task.network for task in spec.task), *(variant.network for variant in spec.variant))
    for section in (spec.network, *changed):
        yield getattr(section, role)
    searched = [] if spec.search is None else [spec.search.network]
    for table in (*(sweep.network for sweep in spec.sweep), *searched):
        listed: Iterable[object] = table.get(role, ())
        yield from map(str, listed)
