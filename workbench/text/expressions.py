"""Evaluate Brian2 expressions and statements with another array library, from their syntax tree."""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from functools import reduce
from typing import Any

import numpy as np

from workbench.common.errors import ModelError
from workbench.text.quantities import IN_EQUATIONS, UNITS
from workbench.text.syntax import parsed, statements

#: For powers of numbers, which are rounded once from this many digits: those of the C library depend on the processor.
_DIGITS = Context(prec=40, traps=[])


def _power(base: Any, exponent: Any) -> Any:
    numbers = isinstance(base, float) and isinstance(exponent, int | float)
    if not numbers or exponent == 2 or not base > 0 or not math.isfinite(exponent):
        return base**exponent
    if exponent != int(exponent):
        return float(_DIGITS.power(Decimal(base), Decimal(exponent)))
    # As compiled programs do.
    power, square, left = np.longdouble(1.0), np.longdouble(base), abs(int(exponent))
    while left:
        power = power * square if left & 1 else power
        square = square * square
        left >>= 1
    return float(1 / power if exponent < 0 else power)


_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def evaluate(expression: str, names: Mapping[str, Any], library: Any) -> Any:
    """Return the value of an expression.

    Parameters
    ----------
    expression : str
        In Brian2's syntax: arithmetic, comparisons, ``and``, ``or``, ``not``, functions.
    names : mapping of str to array
        The values of the names that it reads.
    library : module
        ``numpy`` or ``jax.numpy``; functions are looked up there.

    Returns
    -------
    array
        Shaped as broadcasting makes it.

    Raises
    ------
    ModelError
        Where the expression has something that cannot be evaluated.
    """

    def visit(node: ast.expr) -> Any:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name):
            return _named(node.id, names, expression)
        if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
            return _BINARY[type(node.op)](visit(node.left), visit(node.right))
        if isinstance(node, ast.UnaryOp):
            value = visit(node.operand)
            if isinstance(node.op, ast.Not):
                return library.logical_not(value)
            return -value if isinstance(node.op, ast.USub) else value
        if isinstance(node, ast.BoolOp):
            combine = library.logical_and if isinstance(node.op, ast.And) else library.logical_or
            return reduce(combine, [visit(value) for value in node.values])
        if isinstance(node, ast.Compare):
            terms = [visit(node.left), *(visit(comparator) for comparator in node.comparators)]
            pairs = zip(node.ops, terms, terms[1:], strict=False)
            return reduce(library.logical_and, [_COMPARE[type(op)](left, right) for op, left, right in pairs])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return _call(node.func.id, [visit(argument) for argument in node.args], expression, library)
        raise ModelError(f"'{ast.unparse(node)}' in '{expression}' cannot be evaluated.")

    return visit(parsed(expression))


def _named(name: str, names: Mapping[str, Any], expression: str) -> Any:
    if name in names:
        return names[name]
    if name in IN_EQUATIONS:
        return UNITS[name][0]
    raise ModelError(f"'{name}' in '{expression}' has no value.")


def _call(function: str, arguments: list[Any], expression: str, library: Any) -> Any:
    if function == "int":
        # Brian2 truncates a number and maps a condition to 0 and 1; the latter is all that equations here need.
        value = library.asarray(arguments[0])
        return library.where(value, 1.0, 0.0) if value.dtype == bool else library.trunc(value)
    if not hasattr(library, function):
        raise ModelError(f"Function '{function}' in '{expression}' cannot be evaluated.")
    return getattr(library, function)(*arguments)


def execute(code: str, names: Mapping[str, Any], library: Any) -> dict[str, Any]:
    """Run statements in order and return the values of all names that they set."""
    values = dict(names)
    written = {}
    for target, expression in statements(code):
        values[target] = written[target] = evaluate(expression, values, library)
    return written
