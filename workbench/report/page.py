"""What a page about a study says: plain data, all of it text and pictures, in the order in which it is shown."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from workbench.report.content import Picture, Sign, Table


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
    published : Table or None
        What sources have published, beside what was found.
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
    published: Table | None
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
