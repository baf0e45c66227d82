"""What plugins offer, by the nouns under which people look for it, and what each thing says of itself."""

import ast
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from inspect import cleandoc
from pathlib import Path
from typing import Any

from workbench.catalogue import hookspecs
from workbench.catalogue.registry import KINDS, Offer, Registry
from workbench.common.errors import PluginError, WorkbenchError, nearest
from workbench.declare.feedback import Pathway
from workbench.declare.neuron import NeuronModel
from workbench.declare.parameter import Parameter
from workbench.declare.publication import Publication
from workbench.text.spreads import unit_of

Offers = Mapping[str, Offer[Any]]


def nouns(registry: Registry) -> dict[str, Offers]:
    """Return all that plugins offer, by noun and name: one noun for each hook, and the neurons that can be readouts.

    Parameters
    ----------
    registry : Registry
        With what the plugins offer.
    """
    found: dict[str, Offers] = {_noun(hook): registry.all(kind) for hook, kind in KINDS.items()}
    found["readouts"] = {name: offer for name, offer in registry.all(NeuronModel).items() if offer.item.output}
    return dict(sorted(found.items()))


def offers_of(registry: Registry, noun: str) -> Offers:
    """Return what plugins offer under a noun, by name.

    Raises
    ------
    PluginError
        Where nothing is called so, with the nearest noun.
    """
    known = nouns(registry)
    if noun not in known:
        raise PluginError(f"'{noun}' is not what plugins offer. {nearest(noun, known)}")
    return known[noun]


def meaning(noun: str) -> str:
    """Return what a noun is, in a few words: as its hook has it."""
    if noun == "readouts":
        return "neuron models whose output a readout can give"
    hook = next(hook for hook in KINDS if _noun(hook) == noun)
    first = cleandoc(getattr(hookspecs, hook).__doc__).partition("\n")[0]
    # Where the hook explains what it offers, that is said.
    return first.rpartition(": ")[2].removeprefix("Offer ").rstrip(".")


def _noun(hook: str) -> str:
    return hook.removeprefix(f"{hookspecs.PROJECT}_")


def description(offer: Offer[Any]) -> str:
    """Return what something says of itself, on one line: its `doc`, or else what its plugin's file says first."""
    if isinstance(offer.item, Publication):
        return f"{', '.join(offer.item.authors)}. {offer.item.venue}."
    text = getattr(offer.item, "doc", "") or getattr(offer.item, "caption", "")
    if not text:
        with suppress(OSError, SyntaxError, ValueError):
            written = ast.get_docstring(ast.parse(Path(offer.source.file).read_bytes())) or ""
            text = written.partition("\n\n")[0]
    return " ".join(text.split())


def doi_of(item: object) -> str:
    """Return the DOI of something that a plugin offers, or of the rule by which a pathway's weights learn."""
    own = getattr(item, "doi", "")
    return item.rule.doi if not own and isinstance(item, Pathway) and item.rule else own


@dataclass(frozen=True)
class Setting:
    """A parameter as a study file may set it.

    Attributes
    ----------
    name : str
        Its name.
    default : str or float
        What it is where nothing is said.
    unit : str
        As Brian2 names it; ``1`` for a number without one, empty for a word.
    choices : tuple of str
        The words allowed; empty for a number.
    meaning : str
        One line; empty where nothing is said.
    """

    name: str
    default: str | float
    unit: str
    choices: tuple[str, ...] = ()
    meaning: str = ""


def settings(item: object) -> Iterator[Setting]:
    """Yield the parameters of something that a plugin offers, or of the rule by which a pathway's weights learn."""
    owner = item.rule if isinstance(item, Pathway) else item
    for each in getattr(owner, "parameters", ()):
        if isinstance(each, Parameter):
            unit = "" if each.choices else _unit(each.default)
            yield Setting(each.name, each.default, unit, each.choices, each.doc)
        else:
            name, default = each
            yield Setting(name, default, _unit(default))


def _unit(value: str | float) -> str:
    try:
        return unit_of(value, "")
    # A word, such as the name of a folder.
    except WorkbenchError:
        return ""
