"""Tables of a paper: the same cells as LaTeX with booktabs, and as Markdown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich import box
from rich.markup import escape
from rich.table import Table

from workbench.tables.printed import escaped


@dataclass(frozen=True)
class PaperTable:
    """A table as a paper shows it.

    Attributes
    ----------
    name : str
        Of its files, without suffix.
    caption : str
        What it shows, of how many seeds, with which intervals and tests.
    head : tuple of str
        What the columns are called.
    rows : tuple of tuple of str
        The cells.
    texts : int
        How many of the columns, from the first, are text and not numbers.
    notes : tuple of str
        Sentences below it.
    tabular : str
        As LaTeX, where it is more than its cells.
    """

    name: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    texts: int
    notes: tuple[str, ...] = ()
    tabular: str = ""


def latex(table: PaperTable) -> str:
    """Return a table as a LaTeX tabular with its notes; it needs the package booktabs."""
    if table.tabular:
        return table.tabular
    columns = "l" * table.texts + "r" * (len(table.head) - table.texts)
    lines = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", _line(table.head), r"\midrule"]
    lines += map(_line, table.rows)
    lines += [r"\bottomrule", r"\end{tabular}"]
    lines += [rf"\par\smallskip{{\footnotesize {escaped(note)}\par}}" for note in table.notes]
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return " & ".join(map(escaped, cells)) + r" \\"


def markdown(table: PaperTable) -> str:
    """Return a table in Markdown, its caption above it and its notes below."""
    notes = [f"\n{in_markdown(note)}" for note in table.notes]
    return "\n".join([in_markdown(table.caption), "", piped(table.head, table.rows, table.texts), *notes]) + "\n"


def rich_paper(table: PaperTable) -> Table:
    """Return a table for printing with `rich`; what is said in the first column is said once."""
    printed = Table(title=escape(table.caption), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False,
                    collapse_padding=True, caption=escape("\n".join(table.notes)), caption_justify="left")  # fmt: skip
    for place, name in enumerate(table.head):
        printed.add_column(name, justify="left" if place < table.texts else "right")
    previous = ""
    for first, *cells in table.rows:
        printed.add_row(*map(escape, ["" if first == previous else first, *cells]))
        previous = first
    return printed


def piped(head: Sequence[str], rows: Iterable[Sequence[str]], texts: int) -> str:
    """Return a table of Markdown.

    Parameters
    ----------
    head : sequence of str
        What the columns are called.
    rows : iterable of sequence of str
        The cells.
    texts : int
        How many of the columns, from the first, are text and not numbers.
    """
    marks = ["---"] * texts + ["---:"] * (len(head) - texts)
    return "\n".join([_piped(head), f"| {' | '.join(marks)} |", *map(_piped, rows)])


def _piped(cells: Sequence[str]) -> str:
    return f"| {' | '.join(in_markdown(cell) for cell in cells)} |"


def in_markdown(text: str) -> str:
    """Return a text on one line in which Markdown sees nothing but letters."""
    special = {character: f"\\{character}" for character in r"\`*_{}[]<>#|~"}
    return "".join(special.get(character, character) for character in " ".join(text.split()))
