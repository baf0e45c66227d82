"""The text of equations, taken apart line by line: what defines what, in which unit, and where it stands."""

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from workbench.common.errors import ModelError, WorkbenchError
from workbench.text.syntax import identifiers, substituted
from workbench.text.well_formed import legible

#: How an equation begins: that of a variable that changes, or of a subexpression.
_BEGINNING = re.compile(r"\s*(?:d(?P<state>\w+)\s*/\s*dt|(?P<name>\w+))\s*=(?!=)(?P<expression>.*)", re.DOTALL)

_UNIT = re.compile(r"(?P<unit>[^()]*?)\s*(?:\((?P<flags>[^()]*)\)\s*)?")


@dataclass(frozen=True)
class Equation:
    """One equation of a text.

    Attributes
    ----------
    kind : {"differential", "subexpression", "variable"}
        ``dx/dt = f : unit``, ``x = f : unit`` or ``x : unit``.
    name, expression, unit : str
        Its parts, as text.
    line : int
        Where it begins in the text, from 1.
    """

    kind: Literal["differential", "subexpression", "variable"]
    name: str
    expression: str
    unit: str
    line: int

    def written(self) -> str:
        """Return the equation as text."""
        left = f"d{self.name}/dt" if self.kind == "differential" else self.name
        return f"{left} = {self.expression} : {self.unit}" if self.expression else f"{left} : {self.unit}"


@dataclass(frozen=True)
class Differential:
    """One differential equation ``d<name>/dt = <expression> : <unit>``.

    Attributes
    ----------
    name, expression, unit : str
        Its parts, as text.
    line : int
        Where it stands in the text, from 1.
    """

    name: str
    expression: str
    unit: str
    line: int


def read_equations(text: str, where: str, kind: type[WorkbenchError] = ModelError) -> tuple[Equation, ...]:
    """Return the equations of a text, in order.

    Parameters
    ----------
    text : str
        Equations as Brian2 has them, one on each line or apart by ``;``, which may go on on the next line.
    where : str
        Who wrote it, for error messages, e.g. ``Rule 'dcll', `pre```.
    kind : type
        The error to raise.

    Raises
    ------
    WorkbenchError
        Of that kind, with the line of what is no equation.
    """
    found: list[Equation] = []
    for line, piece in _pieces(text):
        try:
            equation = _equation(piece, line)
            if equation.name in {item.name for item in found}:
                raise ModelError(f"'{equation.name}' is defined twice. Drop one of the two.")
        except ModelError as error:
            raise kind(f"{where}, line {line}: {error}") from None
        found.append(equation)
    return tuple(found)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Yield each equation's text, and the line where it begins."""
    pending, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        for part in filter(None, map(str.strip, line.split("#")[0].split(";"))):
            if pending and _BEGINNING.match(part):
                yield start, pending
                pending = ""
            pending, start = (f"{pending} {part}", start) if pending else (part, number)
            if ":" in part:
                yield start, pending
                pending = ""
    if pending:
        yield start, pending


def _equation(text: str, line: int) -> Equation:
    left, colon, right = text.partition(":")
    shown = text if len(text) <= 60 else f"{text[:60]}..."
    begun = _BEGINNING.fullmatch(left)
    if begun is None and not left.strip().isidentifier():
        raise ModelError(f"'{shown}' is no equation. Write 'dx/dt = ... : unit'.")
    unit = _UNIT.fullmatch(right.strip())
    if not colon or unit is None or not unit["unit"] or "=" in unit["unit"] or ":" in unit["unit"]:
        raise ModelError(f"'{shown}' has no unit. End it with ': 1', ': second' or another, one equation on each line.")
    if unit["flags"] is not None:
        more = " A condition belongs into the equation, as in 'int(rest <= 0) * (I - v) / tau'."
        raise ModelError(
            f"'({unit['flags']})' has no meaning here. Drop it.{more if 'refractory' in unit['flags'] else ''}"
        )
    if begun is None:
        return Equation("variable", left.strip(), "", unit["unit"], line)
    name, expression = begun["state"] or begun["name"], " ".join(begun["expression"].split())
    if keyword.iskeyword(name):
        raise ModelError(f"'{name}' is a word of Python. Choose another name.")
    legible(expression)
    return Equation("differential" if begun["state"] else "subexpression", name, expression, unit["unit"], line)


def subexpressions(text: str, where: str, kind: type[WorkbenchError] = ModelError) -> dict[str, str]:
    """Return the subexpressions of a text by name, none of which reads another.

    Parameters
    ----------
    text, where, kind
        As of `read_equations`.

    Raises
    ------
    WorkbenchError
        Where the text is no equations, or a subexpression reads itself.
    """
    pending = {item.name: item for item in read_equations(text, where, kind) if item.kind == "subexpression"}
    found: dict[str, str] = {}
    while pending:
        ready = [item for item in pending.values() if not identifiers(item.expression) & pending.keys()]
        if not ready:
            item = next(iter(pending.values()))
            raise kind(f"{where}, line {item.line}: '{item.name}' reads itself, through its own expression or others.")
        for item in ready:
            found[item.name] = _in_full(item, found, where, kind)
            del pending[item.name]
    return found


def differentials(text: str, where: str, kind: type[WorkbenchError] = ModelError) -> tuple[Equation, ...]:
    """Return the differential equations of a text, in order, with its subexpressions written out.

    Parameters
    ----------
    text, where, kind
        As of `read_equations`.

    Raises
    ------
    WorkbenchError
        Where the text is no equations, or has a variable that no equation defines.
    """
    written_out = subexpressions(text, where, kind)
    found = []
    for item in read_equations(text, where, kind):
        if item.kind == "variable":
            raise kind(
                f"{where}: '{item.name}' is not defined by a differential equation. "
                f"Write 'd{item.name}/dt = ... : unit', or name a number among the `parameters`."
            )
        if item.kind == "differential":
            found.append(replace(item, expression=_in_full(item, written_out, where, kind)))
    return tuple(found)


def _in_full(item: Equation, written_out: Mapping[str, str], where: str, kind: type[WorkbenchError]) -> str:
    expression = substituted(item.expression, written_out)
    try:
        legible(expression)
    except ModelError as error:
        raise kind(f"{where}, line {item.line}: {error}") from None
    return expression


def with_substituted_equations(equations: Iterable[Equation], replacements: Mapping[str, str]) -> str:
    """Return the text of equations with expressions in the place of names that they read, all at once."""
    return "\n".join(
        replace(item, expression=substituted(item.expression, replacements)).written() for item in equations
    )


def in_their_lines(equations: Iterable[Equation]) -> str:
    """Return the text of equations, each beginning in the line where it did before."""
    lines: dict[int, list[str]] = {}
    for item in equations:
        lines.setdefault(item.line, []).append(item.written())
    return "\n".join("; ".join(lines.get(number, [])) for number in range(1, max(lines, default=0) + 1))
