"""Declarations as Markdown."""

import inspect
from collections.abc import Iterable

from numpydoc.docscrape import NumpyDocString


class UndescribedError(Exception):
    """Something that a page lists and nobody has described."""


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table."""
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def code(text: object) -> str:
    """Return a text as code; nothing of an empty one."""
    return f"`{' '.join(str(text).split())}`" if str(text) else ""


def codes(texts: Iterable[object]) -> str:
    """Return texts as code, one after the other."""
    return ", ".join(code(text) for text in texts)


def block(text: str) -> str:
    """Return lines as a block of code."""
    return "\n".join(f"    {line.strip()}" for line in text.splitlines())


def described(text: str | None, what: str) -> str:
    """Return a description on one line.

    Raises
    ------
    UndescribedError
        Where there is none.
    """
    if not text or not text.strip():
        raise UndescribedError(f"{what} has no description.")
    return " ".join(text.replace("``", "`").split())


def summary(item: object, what: str) -> str:
    """Return the first line of a docstring."""
    return described((inspect.getdoc(item) or "").partition("\n")[0], what)


def attributes(kind: type) -> dict[str, str]:
    """Return what the docstring of a class says of its attributes."""
    found: dict[str, str] = {}
    for item in NumpyDocString(inspect.getdoc(kind) or "")["Attributes"]:
        found |= dict.fromkeys(item.name.split(", "), " ".join(item.desc))
    return found


def link(doi: str) -> str:
    """Return a link to a paper or data set; nothing where there is no DOI."""
    return f"[{doi}](https://doi.org/{doi})" if doi else ""
