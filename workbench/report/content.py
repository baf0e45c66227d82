"""What pages are made of: tables, signs and pictures, as plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

#: How something stands: as it must be, to be looked at, not as it must be, or not there.
State = Literal["good", "look", "bad", "none"]

#: What a state is called, and the sign before it: words and shapes, so that nobody needs the colour.
STATES: dict[State, tuple[str, str]] = {
    "good": ("\u2713", "holds"),
    "look": ("\u25b2", "look at it"),
    "bad": ("\u2715", "does not hold"),
    "none": ("\u2013", "not in this study"),
}


@dataclass(frozen=True)
class Heading:
    """The heading of a column.

    Attributes
    ----------
    text, unit, meaning : str
        What it is called, the unit of its numbers, and what it is in a sentence.
    numeric : bool
        Whether it has numbers.
    """

    text: str
    unit: str = ""
    meaning: str = ""
    numeric: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes
    ----------
    text : str
        What is read.
    order : str
        What it is sorted by: a number, or a text; empty for what is undefined, which comes last.
    """

    text: str
    order: str = ""


@dataclass(frozen=True)
class Table:
    """A table with headings.

    Attributes
    ----------
    caption : str
        What it shows.
    headings : sequence of Heading
        Of its columns.
    rows : sequence of sequence of Cell
        As many cells in each as there are columns.
    notes : sequence of str
        Why something is missing, in sentences.
    sortable : bool
        Whether a click on a heading sorts it.
    """

    caption: str
    headings: Sequence[Heading]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = ()
    sortable: bool = False


@dataclass(frozen=True)
class Sign:
    """How something stands.

    Attributes
    ----------
    state : {"good", "look", "bad", "none"}
        Whether it is as it must be.
    title, text : str
        What is looked at, and what was found.
    word : str
        The state in words; empty for that of `STATES`.
    """

    state: State
    title: str
    text: str
    word: str = ""

    @property
    def mark(self) -> str:
        """The shape that stands for the state."""
        return STATES[self.state][0]

    @property
    def called(self) -> str:
        """The state in words."""
        return self.word or STATES[self.state][1]


@dataclass(frozen=True)
class Picture:
    """A figure as an SVG element.

    Attributes
    ----------
    svg : str
        The element, in which all text of others is escaped.
    caption : str
        What it shows.
    wide : bool
        Whether it is of the width of two columns.
    """

    svg: str
    caption: str
    wide: bool = True
