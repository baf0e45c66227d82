"""How many values a variable can take: whether a signal is a spike, or a number of high precision."""

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import product
from math import isnan, prod
from typing import Any, NamedTuple

import numpy as np

from workbench.audit.locality.data_flow import Flow, sets_anew, stands_for
from workbench.model.numbers import Numbers
from workbench.model.setup import FIRST
from workbench.text.expressions import evaluate
from workbench.text.syntax import identifiers, parsed

#: The values of a variable, None where these are many.
Levels = frozenset[float] | None

#: More values than these count as many.
_MOST = 16

_BINARY = frozenset({0.0, 1.0})

_ROLES = {"forward", "loss", "learning"}


class _Key(NamedTuple):
    """What has values: a variable where an operation reads it, or, without an owner, what one of its statements sets.

    Attributes
    ----------
    number : int
        Of the operation.
    owner, variable : str
        The group and its variable.
    statement : int
        Its place in the operation.
    """

    number: int
    owner: str = ""
    variable: str = ""
    statement: int = -1


@dataclass(frozen=True)
class Precision:
    """What is needed to tell how many values a variable takes.

    Attributes
    ----------
    flow : Flow
        The operations of a step.
    numbers : dict of str to float or ndarray
        The values of constants, by ``<group>.<name>``.
    binary : frozenset of str
        Variables that are 0 or 1 from outside, as targets are.
    """

    flow: Flow
    numbers: Numbers
    binary: frozenset[str]
    _found: dict[_Key, Levels] = field(default_factory=dict, repr=False, compare=False)

    def levels(self, owner: str, variable: str, reader: int) -> Levels:
        """Return the values that a variable can take where an operation reads it.

        Everything that its values are made of is taken for many values first, and then looked at again and again, until
        nothing is known better: what is made of itself may grow without bounds, unless a bound is in its way.

        Parameters
        ----------
        owner, variable : str
            The group and its variable.
        reader : int
            The number of the operation.
        """
        start = _Key(reader, owner, variable)
        order = self._what_is_read(start)
        self._found.update(dict.fromkeys(order))
        changes = True
        while changes:
            changes = False
            for key in order:
                known = self._values(key)
                changes |= known != self._found[key]
                self._found[key] = known
        return self._found[start]

    def _what_is_read(self, start: _Key) -> list[_Key]:
        """Return all that a variable's values are made of and that is not known yet, what is read before what reads."""
        order, seen, waiting = [], {start}, [(start, False)]
        while waiting:
            key, done = waiting.pop()
            if done:
                order.append(key)
            elif key not in self._found:
                waiting.append((key, True))
                for number, place in self._set_by(key):
                    _, text = self.flow.operations[number].statements[place]
                    words = sorted(identifiers(text))
                    more = dict.fromkeys(filter(None, (self._key(word, number, place) for word in words)))
                    waiting += [(one, False) for one in more if one not in seen]
                    seen.update(more)
        return order

    def _key(self, word: str, number: int, place: int) -> _Key | None:
        """Return what a statement reads by a name: what one before it has set, or what was there before them all."""
        operation = self.flow.operations[number]
        earlier = [other for other, (target, _) in enumerate(operation.statements[:place]) if target == word]
        if earlier:
            return _Key(number, statement=earlier[-1])
        name = operation.names.get(word)
        return None if name is None or name.side == "temporary" else _Key(number, name.owner, name.variable)

    def _set_by(self, key: _Key) -> list[tuple[int, int]]:
        """Return the statements from which something has its value: their operations, and their places in these."""
        if not key.owner:
            return [(key.number, key.statement)]
        if self._given(key.owner, key.variable) is not None:
            return []
        found = []
        for writer in self.flow.writers(key.owner, key.variable, key.number, _ROLES):
            operation = self.flow.operations[writer]
            names = [operation.names[target] for target, _ in operation.statements]
            (*_, last) = (place for place, name in enumerate(names) if stands_for(name, key.owner, key.variable))
            found.append((writer, last))
        return found

    def _given(self, owner: str, variable: str) -> Levels:
        """Return the values of what comes from outside."""
        if variable == "spikes" or variable in self.binary:
            return _BINARY
        if variable == "dt":
            # A step of time is a number like any other.
            return frozenset({1.0})
        number = self.numbers.get(f"{owner}.{variable}")
        return None if number is None else _union([frozenset(map(float, np.unique(number)))])

    def _values(self, key: _Key) -> Levels:
        """Return the values of something, by what is known of what it reads."""
        if key.owner and (given := self._given(key.owner, key.variable)) is not None:
            return given
        statements = self._set_by(key)
        # A sum over many synapses takes many values.
        if not statements or any(self.flow.operations[number].kind in {"sum", "transmit"} for number, _ in statements):
            return None
        found = [self._of(number, place) for number, place in statements]
        last, _ = statements[-1]
        if key.owner and not (last < key.number and sets_anew(self.flow.operations[last], key.owner, key.variable)):
            # Nothing sets it anew before it is read, so that in the first step it is what the trial begins with.
            first = self.numbers.get(f"{key.owner}.{FIRST}{key.variable}", 0.0)
            found.append(frozenset(map(float, np.unique(first))))
        return _union(found)

    def _of(self, number: int, place: int) -> Levels:
        """Return the values that a statement sets, by what is known of what it reads."""

        def visit(node: ast.expr) -> Levels:
            if isinstance(node, ast.Constant):
                return frozenset({float(node.value)}) if isinstance(node.value, int | float) else None
            if isinstance(node, ast.Name):
                key = self._key(node.id, number, place)
                return None if key is None else self._found[key]
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

        _, expression = self.flow.operations[number].statements[place]
        return visit(parsed(expression))


def _union(all_values: Iterable[Levels]) -> Levels:
    found: set[float] = set()
    for values in all_values:
        if values is None:
            return None
        found |= values
    return frozenset(found) if len(found) <= _MOST else None


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
    if len(sets) < len(arguments) or prod(map(len, sets)) > _MOST**3:
        return None
    with np.errstate(all="ignore"):
        try:
            found = frozenset(function(*values) for values in product(*sets))
        except (ZeroDivisionError, OverflowError):
            return None
    # What is no number is not equal to itself, and so would never be found again.
    return found if len(found) <= _MOST and not any(map(isnan, found)) else None
