"""A paper, data set or program that studies rest on, as data: what a bibliography says of it."""

import re
from dataclasses import dataclass
from typing import Literal

from workbench.common.errors import PluginError
from workbench.declare.field_types import declared

_DOI = re.compile(r"10\.\d{4,9}/\S+")


@declared(PluginError, "Publication")
@dataclass(frozen=True, kw_only=True)
class Publication:
    """What a bibliography says of a source, found by the `doi` that rules, tasks and the like declare.

    Attributes
    ----------
    name : str
        The key under which papers cite it, such as ``bellec_2020``.
    title : str
        As published.
    authors : tuple of str
        ``"Family name, initials"`` of each, in their order; a group as one name without a comma.
    venue : str
        Journal with volume and pages, proceedings, or where it can be had.
    year : int or None
        Of publication; None of what has none.
    doi : str
        Without ``https://doi.org/``; empty where there is none.
    kind : {"article", "inproceedings", "misc"}
        As BibTeX calls it: in a journal, in proceedings, or anything else.
    """

    name: str
    title: str
    authors: tuple[str, ...]
    venue: str
    year: int | None = None
    doi: str = ""
    kind: Literal["article", "inproceedings", "misc"] = "article"

    def __post_init__(self) -> None:
        who = f"Publication '{self.name}'"
        if not self.authors:
            raise PluginError(f"{who}: `authors` must name at least one.")
        if self.doi and not _DOI.fullmatch(self.doi):
            raise PluginError(f"{who}: `doi` must be such as '10.1038/s41467-020-17236-y', not '{self.doi}'.")
        for text in (self.title, self.venue, *self.authors):
            # A bibliography would end there, or go on.
            if not text.isprintable() or set(text) & set("{}\\"):
                raise PluginError(f"{who}: its texts must be of one line, without braces and backslashes.")
