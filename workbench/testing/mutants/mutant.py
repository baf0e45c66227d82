"""A wrong version of a rule."""

from dataclasses import dataclass
from typing import Any

from workbench.declare.rule import Rule


@dataclass(frozen=True)
class Replaced:
    """A part of the program that computes a rule's gradient, with a mistake in it.

    Attributes
    ----------
    place : str
        Of the right one, as ``module:name``, or ``module:class.method``.
    wrong : object
        In its place.
    """

    place: str
    wrong: Any


@dataclass(frozen=True)
class Mutant:
    """A rule in which one thing is wrong.

    Attributes
    ----------
    name : str
        Of the mistake, unique among those of the rule, such as ``sign of g``.
    kind : str
        Of mistake.
    rule : Rule
        Of the same name as the right one; the right one itself where the mistake is in what computes its gradient.
    replaced : tuple of Replaced
        Where that is so, what is wrong there.
    """

    name: str
    kind: str
    rule: Rule
    replaced: tuple[Replaced, ...] = ()
