"""What a page about a study says: plain data, all of it text and pictures, in the order in which it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Listing:
    """A part of a rule's equations.

    Attributes
    ----------
    title : str
        Where they hold.
    lines : sequence of str
        One equation or statement each.
    """

    title: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Needs:
    """What a rule needs to know with one feedback pathway.

    Attributes
    ----------
    feedback : str
        The pathway, as it is read; empty where there is none.
    sentence : str
        What a synapse reads.
    complaints : sequence of (str, str, str)
        Each complaint, whether it holds ("holds", "in part", "does not hold"), and what was seen.
    graph : Picture or None
        What the estimate depends on; None for a rule without equations.
    """

    feedback: str
    sentence: str
    complaints: Sequence[tuple[str, str, str]]
    graph: Picture | None = None


@dataclass(frozen=True)
class Trial:
    """An example trial of a rule.

    Attributes
    ----------
    told : str
        Which trial, seed and weights, and which neuron and synapse are shown.
    pictures : sequence of Picture
        None where it could not be shown.
    missing : sequence of str
        What is not shown, and why.
    """

    told: str = ""
    pictures: Sequence[Picture] = ()
    missing: Sequence[str] = ()


@dataclass(frozen=True)
class RuleSection:
    """What a page says of a rule.

    Attributes
    ----------
    anchor, name, title, doi, offered : str
        Of its section; as study files call it; as people read it; of its source; by whom it is offered.
    listings : sequence of Listing
        Its equations; none where it has none.
    about : str
        Why there are no equations, or what they are besides; may be empty.
    parameters : Table or None
        Its parameters with their values in the study.
    words : str
        What its file says of it.
    needs : sequence of Needs
        One for each pathway that the study has it with.
    trial : Trial
        One network, one trial.
    """

    anchor: str
    name: str
    title: str
    doi: str
    offered: str
    listings: Sequence[Listing] = ()
    about: str = ""
    parameters: Table | None = None
    words: str = ""
    needs: Sequence[Needs] = ()
    trial: Trial = field(default_factory=Trial)


@dataclass(frozen=True)
class Group:
    """Runs that ended alike.

    Attributes
    ----------
    status, reason : str
        How, and why.
    runs : sequence of str
        Which.
    """

    status: str
    reason: str
    runs: Sequence[str]


@dataclass(frozen=True)
class Page:
    """All that a page about a study says.

    Attributes
    ----------
    study, question : str
        What it is called, and what it asks; the latter is empty where it was not stored.
    lead : str
        What was run, in a sentence.
    trained : Table
        What was trained.
    endpoint : str
        What the planned comparisons are of, or that there are none.
    contrasts : Table or None
        The planned comparisons.
    verdict : Sign
        How the study stands as a whole.
    signs : sequence of Sign
        Its controls.
    searched : Table or None
        What a search has chosen.
    summary : Table
        The summary.
    figures, further : sequence of Picture
        Those that are shown, and those that are to be opened.
    rules : sequence of RuleSection
        One for each rule.
    endings : sequence of Group
        Runs that did not end well, or are missing.
    facts : sequence of (str, str)
        Versions, machine, code, seeds and the like.
    commands : sequence of str
        That make all of it again.
    file, text : str
        The study file, and what stands in it.
    """

    study: str
    question: str
    lead: str
    trained: Table
    endpoint: str
    contrasts: Table | None
    verdict: Sign
    signs: Sequence[Sign]
    searched: Table | None
    summary: Table
    figures: Sequence[Picture]
    further: Sequence[Picture]
    rules: Sequence[RuleSection]
    endings: Sequence[Group]
    facts: Sequence[tuple[str, str]]
    commands: Sequence[str]
    file: str
    text: str
