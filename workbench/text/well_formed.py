"""Whether a text is an expression at all, and one that can be worked with: of what parts, how deep, how long."""

import ast
import math
import operator
import sys
from collections.abc import Callable
from typing import Any

from workbench.common.errors import ModelError
from workbench.text.syntax import parsed

#: Characters that an expression may have, how deep it may be nested, and its terms when it is multiplied out.
LONGEST, DEEPEST, MOST_TERMS = 10_000, 100, 1_000

#: What an expression is made of, besides numbers and calls.
_PARTS = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.Name)

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def legible(expression: str) -> None:
    """Refuse what is no expression, or one of a size that nothing can work with.

    Raises
    ------
    ModelError
        With what is wrong with it.
    """
    shown = expression if len(expression) <= 60 else f"{expression[:60]}..."
    if len(expression) > LONGEST:
        raise ModelError(f"'{shown}' has {len(expression)} characters, and an expression may have {LONGEST} at most.")
    try:
        tree = parsed(expression)
    except SyntaxError as error:
        raise ModelError(f"'{shown}' is not an expression ({error.msg}).") from None
    except ValueError:
        raise ModelError(f"'{shown}' is not an expression.") from None
    except (MemoryError, RecursionError):
        tree = None
    if tree is None or _depth(tree) > DEEPEST:
        raise ModelError(f"'{shown}' is nested more than {DEEPEST} deep. Simplify it, or put terms into brackets.")
    for node in ast.walk(tree):
        _refuse_part(node)
    if _terms(tree) > MOST_TERMS:
        raise ModelError(f"'{shown}' has more than {MOST_TERMS} terms when it is multiplied out. Simplify it.")


def _refuse_part(node: ast.AST) -> None:
    """Refuse what Brian2's expressions do not have, and numbers that are none."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitXor):
        raise ModelError(f"'{ast.unparse(node)}' has '^', which is no power. Write '**'.")
    if isinstance(node, ast.Constant):
        finite = isinstance(node.value, int | float) and abs(node.value) <= sys.float_info.max
        if not finite:
            raise ModelError(f"'{ast.unparse(node)[:60]}' is no finite number.")
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        value = _number(node)
        exponent = _number(node.right)
        if (exponent is not None and not abs(exponent) <= 1000) or (value is not None and not math.isfinite(value)):
            raise ModelError(
                f"'{ast.unparse(node)[:60]}' is a power beyond what numbers hold. Write the number itself."
            )
    elif isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise ModelError(f"'{ast.unparse(node)}' is no call of a function.")
    elif isinstance(node, ast.expr) and not isinstance(node, _PARTS):
        raise ModelError(f"'{ast.unparse(node)[:60]}' is nothing that an equation can have.")


def _depth(tree: ast.expr) -> int:
    """Return how deep a tree is nested."""
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(child, depth + 1) for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr)]
    return deepest


def _number(node: ast.expr) -> float | None:
    """Return the value of what is made of numbers alone, infinite where it is beyond them; else None."""
    if isinstance(node, ast.Constant):
        return float(node.value) if isinstance(node.value, int | float) else None
    if isinstance(node, ast.UnaryOp):
        value = _number(node.operand)
        return None if value is None else -value if isinstance(node.op, ast.USub) else value
    if not isinstance(node, ast.BinOp) or type(node.op) not in _ARITHMETIC:
        return None
    left, right = _number(node.left), _number(node.right)
    if left is None or right is None:
        return None
    try:
        value = _ARITHMETIC[type(node.op)](left, right)
    except ArithmeticError:
        return math.inf
    return value if isinstance(value, float) else math.nan


def _terms(node: ast.expr) -> int:
    """Return about how many terms an expression has when it is multiplied out; `MOST_TERMS` + 1 stands for more."""
    if isinstance(node, ast.UnaryOp):
        return _terms(node.operand)
    if isinstance(node, ast.Call):
        return max([1, *(count for argument in node.args if (count := _terms(argument)) > MOST_TERMS)])
    if not isinstance(node, ast.BinOp):
        return 1
    left, right = _terms(node.left), _terms(node.right)
    if isinstance(node.op, ast.Add | ast.Sub):
        count = left + right
    elif isinstance(node.op, ast.Pow):
        exponent = _number(node.right)
        whole = exponent is not None and exponent == int(exponent)
        count = math.comb(left - 1 + abs(int(exponent)), left - 1) if exponent is not None and whole else left
    else:
        count = left * right
    return min(count, MOST_TERMS + 1)
