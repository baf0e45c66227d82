"""How many values a variable can take: whether a signal is a spike, or a number of high precision."""

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from workbench.audit.flow import Flow, stands_for
from workbench.expressions import evaluate, parsed
from workbench.model.program import Operation

#: The values of a variable, None where these are many.
Levels = frozenset[float] | None

#: More values than these count as many.
_MOST = 16

_BINARY = frozenset({0.0, 1.0})

_ROLES = {"forward", "loss", "learning"}


@dataclass(frozen=True)
class Precision:
    """What is needed to tell how many values a variable takes.

    Attributes
    ----------
    flow : Flow
        The operations of a step.
    numbers : mapping of str to float
        The values of constants, by ``<group>.<name>``.
    binary : frozenset of str
        Variables that are 0 or 1 from outside, as targets are.
    """

    flow: Flow
    numbers: Mapping[str, float]
    binary: frozenset[str]

    def levels(self, owner: str, variable: str, reader: int, above: frozenset[tuple[str, str]] = frozenset()) -> Levels:
        """Return the values that a variable can take where an operation reads it.

        Parameters
        ----------
        owner, variable : str
            The group and its variable.
        reader : int
            The number of the operation.
        above : frozenset of (str, str)
            What is being looked at already: a variable that is made of itself may grow without bounds.
        """
        if variable == "spikes" or variable in self.binary:
            return _BINARY
        if variable == "dt":
            # A step of time is a number like any other.
            return frozenset({1.0})
        if f"{owner}.{variable}" in self.numbers:
            return frozenset({float(self.numbers[f"{owner}.{variable}"])})
        writers = self.flow.writers(owner, variable, reader, _ROLES)
        if (owner, variable) in above or not writers:
            return None
        found: set[float] = set()
        for number in writers:
            operation = self.flow.operations[number]
            # A sum over many synapses takes many values.
            if operation.kind in {"sum", "transmit"}:
                return None
            (*_, expression) = (
                text for target, text in operation.statements if stands_for(operation.names[target], owner, variable)
            )
            values = self._of(expression, operation, number, above | {(owner, variable)})
            if values is None:
                return None
            found |= values
        return frozenset(found) if len(found) <= _MOST else None

    def _of(self, expression: str, operation: Operation, number: int, above: frozenset[tuple[str, str]]) -> Levels:
        def visit(node: ast.expr) -> Levels:
            if isinstance(node, ast.Constant):
                return frozenset({float(node.value)}) if isinstance(node.value, int | float) else None
            if isinstance(node, ast.Name):
                return self._named(node.id, operation, number, above)
            if isinstance(node, ast.Compare | ast.BoolOp):
                return _BINARY
            if isinstance(node, ast.UnaryOp):
                # An error of -0 is one of 0.
                return (
                    _BINARY if isinstance(node.op, ast.Not) else _each(lambda value: 0.0 - value, visit(node.operand))
                )
            if isinstance(node, ast.BinOp):
                text = ast.unparse(ast.BinOp(ast.Name("a"), node.op, ast.Name("b")))
                return _each(
                    lambda a, b: float(evaluate(text, {"a": a, "b": b}, np)), visit(node.left), visit(node.right)
                )
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                return _called(node.func.id, [visit(argument) for argument in node.args])
            return None

        return visit(parsed(expression))

    def _named(self, word: str, operation: Operation, number: int, above: frozenset[tuple[str, str]]) -> Levels:
        name = operation.names.get(word)
        if name is None:
            return None
        if name.side != "temporary":
            earlier = [text for target, text in operation.statements if target == word]
            # Of what the operation sets itself, the statement before counts; a variable that reads itself is many.
            if earlier and operation.kind == "assign" and (name.owner, name.variable) not in above:
                own = self._of(earlier[-1], operation, number, above | {(name.owner, name.variable)})
                before = self.levels(name.owner, name.variable, number, above)
                return None if own is None or before is None else own | before
            return self.levels(name.owner, name.variable, number, above)
        found: set[float] = set()
        for target, expression in operation.statements:
            if target == word:
                values = self._of(expression, operation, number, above)
                if values is None:
                    return None
                found |= values
        return frozenset(found)


def _called(function: str, arguments: list[Levels]) -> Levels:
    if function == "sign" and arguments[0] is None:
        return frozenset({-1.0, 0.0, 1.0})
    if function == "int":
        return _each(lambda value: float(int(value)), *arguments)
    known: Callable[..., Any] | None = getattr(np, function, None)
    return None if known is None else _each(lambda *values: float(known(*values)), *arguments)


def _each(function: Callable[..., float], *arguments: Levels) -> Levels:
    """Return the values of a function for all combinations of its arguments' values."""
    sets = [argument for argument in arguments if argument is not None]
    if len(sets) < len(arguments):
        return None
    with np.errstate(all="ignore"):
        try:
            found = frozenset(function(*values) for values in product(*sets))
        except (ZeroDivisionError, OverflowError):
            return None
    return found if len(found) <= _MOST else None
