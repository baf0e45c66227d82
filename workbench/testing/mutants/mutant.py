"""A wrong version of a rule."""

from dataclasses import dataclass

from workbench.declare.rule import Rule


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
        Of the same name as the right one.
    """

    name: str
    kind: str
    rule: Rule
