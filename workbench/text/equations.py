"""What a piece of equation text says: its variables, their units, what it reads, and its linear part."""

from collections.abc import Iterable, Sequence
from typing import Any

from brian2.equations.equations import FLOAT, dimensions_and_type_from_string
from brian2.parsing.sympytools import str_to_sympy, sympy_to_str
from brian2.units.fundamentalunits import DIMENSIONLESS, Dimension, get_unit

from workbench.common.errors import ModelError, WorkbenchError, root_of
from workbench.text.equation_text import Differential, differentials
from workbench.text.linear import LinearSystem
from workbench.text.quantities import IN_EQUATIONS


def root_cause(error: BaseException) -> str:
    """Return the message at the bottom of a chain of exceptions, on one line."""
    return " ".join(str(root_of(error)).split())


def parse_differential(text: str, where: str, kind: type[WorkbenchError] = ModelError) -> tuple[Differential, ...]:
    """Return the differential equations of a text, in order.

    Parameters
    ----------
    text : str
        Brian2 equations: differential ones, and subexpressions, which are written out in these.
    where : str
        Who wrote it, for error messages, e.g. ``Rule 'dcll', `pre```.
    kind : type
        The error to raise.

    Raises
    ------
    WorkbenchError
        Of that kind, where the text is no such equation.
    """
    found = []
    for item in differentials(text, where, kind):
        dimension = dimension_of(item.unit, f"{where}, line {item.line}", kind)
        found.append(Differential(item.name, item.expression, unit_name(dimension), item.line))
    return tuple(found)


def dimension_of(unit: str, where: str = "", kind: type[WorkbenchError] = ModelError) -> Dimension:
    """Return the dimension of a unit that is given as text, or raise an error of some kind where it is none."""
    try:
        dimension, number = dimensions_and_type_from_string(unit)
    except (ValueError, SyntaxError, TypeError, AttributeError) as error:
        raise kind(f"{where}: '{unit}' is not a unit. {root_cause(error)}") from error
    if number != FLOAT:
        raise kind(f"{where}: '{unit}' is not a unit. Write ': 1' for a number without one.")
    return dimension


def unit_name(dimensions: Dimension) -> str:
    """Return a unit as text that Brian2 reads back."""
    return "1" if dimensions is DIMENSIONLESS else repr(get_unit(dimensions))


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
    constant = {*constants, *IN_EQUATIONS}
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
