"""The publications behind what plugins offer, by the DOI that each thing declares."""

from collections.abc import Iterable
from typing import Any

from workbench.catalogue.literature import BRIAN2, WORKBENCH
from workbench.catalogue.nouns import doi_of
from workbench.catalogue.registry import Registry
from workbench.declare.publication import Publication


def called(item: Any) -> str:
    """Return what a citation is for, such as ``rule eprop``."""
    words = {"NeuronModel": "neuron"}
    return f"{words.get(type(item).__name__, type(item).__name__.lower())} {item.name}"


def sources_of(items: Iterable[Any], registry: Registry) -> dict[Publication, tuple[str, ...]]:
    """Return the publications to be cited for some things, each with what it is cited for.

    Parameters
    ----------
    items : iterable
        Rules, tasks and whatever else plugins offer.
    registry : Registry
        With the publications that are known.

    Returns
    -------
    dict of Publication to tuple of str
        First the workbench and what networks run on, then in the order of the items, each once. A DOI that no plugin
        tells more about has a publication of its own, whose title is the DOI.
    """
    known = {offer.item.doi.lower(): offer.item for offer in registry.all(Publication).values() if offer.item.doi}
    found: dict[Publication, list[str]] = {WORKBENCH: [], BRIAN2: ["simulator"]}
    for item in items:
        doi = doi_of(item)
        if doi:
            publication = known.get(doi.lower()) or _unknown(item, doi)
            told = found.setdefault(publication, [])
            told += [] if called(item) in told else [called(item)]
    return {publication: tuple(told) for publication, told in found.items()}


def is_unknown(publication: Publication) -> bool:
    """Return whether nothing but its DOI is known."""
    return publication.title == f"doi:{publication.doi}"


def _unknown(item: Any, doi: str) -> Publication:
    name, authors = f"source_of_{item.name}", ("Authors to be filled in",)
    return Publication(name=name, title=f"doi:{doi}", authors=authors, venue="", doi=doi, kind="misc")
