"""Entries of a bibliography, as BibTeX and as text."""

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.declare.publication import Publication
from workbench.tables.printed import escaped

#: What BibTeX calls the venue of each kind.
_VENUE = {"article": "journal", "inproceedings": "booktitle", "misc": "howpublished"}


@dataclass(frozen=True)
class Cited:
    """A publication, and what it is cited for.

    Attributes
    ----------
    publication : Publication
        The source.
    of : tuple of str
        What is from there, such as ``rule eprop``.
    version : str
        Of a program; empty of all else.
    """

    publication: Publication
    of: tuple[str, ...] = ()
    version: str = ""


def bibtex(entries: Iterable[Cited]) -> str:
    """Return a bibliography in BibTeX's form, UTF-8; before each entry stands in a comment what it is cited for."""
    return "\n".join(_entry(each) for each in entries)


def _entry(cited: Cited) -> str:
    source = cited.publication
    # Braces keep capitals, and a group from being taken apart into given and family names.
    authors = [escaped(name) if "," in name else f"{{{escaped(name)}}}" for name in source.authors]
    fields = {
        "author": " and ".join(authors),
        "title": f"{{{escaped(source.title)}}}",
        _VENUE[source.kind]: escaped(source.venue),
        "year": "" if source.year is None else str(source.year),
        "note": f"Version {escaped(cited.version)}" if cited.version else "",
        "doi": source.doi,
    }
    told = f"% {', '.join(cited.of)}\n" if cited.of else ""
    lines = [f"  {name} = {{{value}}},\n" for name, value in fields.items() if value]
    return f"{told}@{source.kind}{{{source.name},\n{''.join(lines)}}}\n"


def as_text(entries: Iterable[Cited]) -> str:
    """Return a bibliography as people read it, an entry a line, with what it is cited for."""
    return "".join(f"{_line(each)}\n" for each in entries)


def _line(cited: Cited) -> str:
    source = cited.publication
    *first, last = source.authors
    authors = f"{', '.join(first)} and {last}" if first else last
    year = f" ({source.year})" if source.year is not None else ""
    parts = [f"{authors}{year}", source.title, source.venue]
    parts += [f"Version {cited.version}"] if cited.version else []
    text = "".join(f"{part}{' ' if part.endswith(('.', '?')) else '. '}" for part in parts)
    text += f"doi:{source.doi}" if source.doi else ""
    return text.strip() + (f" [{', '.join(cited.of)}]" if cited.of else "")
