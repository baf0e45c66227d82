"""A number or word that a study may set."""

from dataclasses import dataclass

from workbench.common.errors import RuleError
from workbench.declare.field_types import declared


@declared(RuleError, "Parameter")
@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A number or word of a rule or task that a study may set.

    Attributes
    ----------
    name : str
        As in study files and, a rule's number, in its equations.
    default : str or float
        A quantity such as ``"20 ms"``, a number, or a word.
    choices : tuple of str
        The words allowed; empty for a number.
    doc : str
        One line: what it is, with its unit.
    """

    name: str
    default: str | float
    choices: tuple[str, ...] = ()
    doc: str
