"""A number or word that a study may set."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from workbench.common.errors import RuleError, WorkbenchError, nearest
from workbench.declare.field_types import declared

Value = TypeVar("Value")


def replaced(
    parameters: tuple[tuple[str, Value], ...], values: Mapping[str, Value], who: str, error: type[WorkbenchError]
) -> tuple[tuple[str, Value], ...]:
    """Return parameters with some of their values replaced.

    Parameters
    ----------
    parameters : tuple of (str, value)
        All of them.
    values : mapping of str to value
        The new ones, by name.
    who : str
        Whose they are, as the start of a sentence.
    error : type
        What to raise where there is no such parameter.
    """
    known = dict(parameters)
    for name in values:
        if name not in known:
            raise error(f"{who} has no parameter '{name}'. {nearest(name, known)}")
    return tuple((known | dict(values)).items())


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


def whole_parameter(name: str, value: float, least: int, most: float = math.inf) -> int:
    """Return a parameter as a whole number.

    Parameters
    ----------
    name : str
        Of the task and the parameter, such as ``iris.fold``.
    value : float
        What was given.
    least, most : int
        What it may be.

    Returns
    -------
    int
        The same number.

    Raises
    ------
    WorkbenchError
        Where it is something else.
    """
    if not least <= value <= most or value != int(value):
        bounds = f"from {least}" if most == math.inf else f"from {least} to {most}"
        raise WorkbenchError(f"{name}: must be a whole number {bounds}, not {value:g}.")
    return int(value)
