"""What a piece of equation text says: its variables, their units, what it reads, and its linear part."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from brian2 import Equations, have_same_dimensions
from brian2.equations.equations import EquationError
from brian2.parsing.sympytools import str_to_sympy, sympy_to_str

from workbench.errors import ModelError, WorkbenchError, root_of
from workbench.linear import LinearSystem

#: Names that Brian2 keeps for itself, or its C++.
RESERVED = frozenset(
    {"e", "pi", "inf", "i", "j", "t", "dt", "N", "xi", "lastspike", "not_refractory", "t_in_timesteps"}
    # Words of C++ that are names in Python, and so pass Brian2's own look.
    | {
        "auto",
        "bool",
        "case",
        "catch",
        "char",
        "const",
        "default",
        "delete",
        "do",
        "double",
        "enum",
        "explicit",
        "export",
    }
    | {
        "extern",
        "float",
        "friend",
        "goto",
        "inline",
        "int",
        "long",
        "mutable",
        "namespace",
        "new",
        "operator",
        "private",
    }
    | {"protected", "public", "register", "short", "signed", "sizeof", "static", "struct", "switch", "template", "this"}
    | {"throw", "typedef", "typeid", "typename", "union", "unsigned", "using", "virtual", "void", "volatile"}
)


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


def root_cause(error: BaseException) -> str:
    """Return the message at the bottom of a chain of exceptions, on one line."""
    return " ".join(str(root_of(error)).split())


def parse_differential(text: str, where: str, kind: type[WorkbenchError] = ModelError) -> tuple[Differential, ...]:
    """Return the differential equations of a text, in order.

    Parameters
    ----------
    text : str
        Brian2 equations, differential ones only.
    where : str
        Who wrote it, for error messages, e.g. ``Rule 'dcll', `pre```.
    kind : type
        The error to raise.

    Raises
    ------
    WorkbenchError
        Of that kind, where the text is no such equation or takes a reserved name.
    """
    if not text.strip():
        return ()
    try:
        equations = Equations(text)
    except (EquationError, SyntaxError, ValueError, KeyError) as error:
        raise kind(f"{where}: {_unreadable(error)}") from error
    lines = text.splitlines()
    found = []
    for name, equation in equations.items():
        number = next((k for k, line in enumerate(lines, 1) if line.strip().startswith(f"d{name}/")), 1)
        if equation.type != "differential equation":
            raise kind(f"{where}: '{name}' is not defined by a differential equation. Write 'd{name}/dt = ... : unit'.")
        if name in RESERVED:
            raise kind(f"{where}: '{name}' is a name that Brian2 keeps for itself. Choose another.")
        found.append(Differential(name, equation.expr.code, unit_name(equation.unit), number))
    order = {item.name: item.line for item in found}
    return tuple(sorted(found, key=lambda item: order[item.name]))


def unit_name(unit: Any) -> str:
    """Return a unit as text that Brian2 reads back."""
    return "1" if have_same_dimensions(unit, 1) else repr(unit)


def _unreadable(error: BaseException) -> str:
    error = root_of(error)
    if isinstance(error, SyntaxError) and error.text:
        return f"'{error.text.strip()}' is not an expression ({error.msg})."
    return root_cause(error)


def linear_system(equations: Sequence[Differential], constants: Iterable[str]) -> LinearSystem:
    """Split differential equations into a constant linear part and the rest.

    Parameters
    ----------
    equations : sequence of Differential
        One for each state.
    constants : iterable of str
        Names that do not change while the network runs.

    Returns
    -------
    LinearSystem
        Whose `rest` may still contain states, where an equation is not linear.
    """
    constant = set(constants)
    states = tuple(item.name for item in equations)
    matrix = []
    rest = {}
    for item in equations:
        remaining = str_to_sympy(item.expression).expand()
        row = []
        for state in states:
            symbol = str_to_sympy(state)
            linear = sum(term for term in remaining.coeff(symbol, 1).as_ordered_terms() if _names(term) <= constant)
            remaining = (remaining - linear * symbol).expand()
            row.append(sympy_to_str(linear) if linear != 0 else "0")
        matrix.append(tuple(row))
        rest[item.name] = sympy_to_str(remaining) if remaining != 0 else "0"
    return LinearSystem(states, tuple(matrix), rest)


def _names(expression: Any) -> set[str]:
    return {str(symbol) for symbol in expression.free_symbols}
