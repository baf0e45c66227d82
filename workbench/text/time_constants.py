"""Time constants: which numbers are some, and what they must be."""

import ast
from collections.abc import Iterable, Iterator, Mapping

from workbench.common.errors import WorkbenchError


def refuse_times(
    values: Mapping[str, float], units: Mapping[str, str], texts: Iterable[str], owner: str, error: type[WorkbenchError]
) -> None:
    """Refuse time constants that are not positive, and numbers of 0 by which equations divide.

    Parameters
    ----------
    values, units : mapping of str to float and to str
        The numbers in SI base units, and their units.
    texts : iterable of str
        Equations and statements that read them.
    owner : str
        Whose they are, for the message.
    error : type of WorkbenchError
        What is raised.
    """
    dividing = {name for text in texts for name in _divisors(text)}
    for name, value in values.items():
        constant = is_time_constant(name) or (name in dividing and units[name] == "second")
        if constant and not value > 0:
            raise error(f"{owner}: time constant '{name}' must be positive, not {value:g} s.")
        if name in dividing and value == 0:
            raise error(f"{owner}: '{name}' must not be 0, since its equations divide by it.")


def is_time_constant(name: str) -> bool:
    """Return whether a number is a time constant by its name."""
    return name.startswith("tau")


def shorter_than_a_step(values: Mapping[str, float], dt: float, owner: str) -> list[str]:
    """Return a sentence for each time constant that is shorter than a step."""
    return [
        f"{owner}: time constant '{name}' of {value / 1e-3:g} ms is shorter than a step of {dt / 1e-3:g} ms, in which "
        "what it filters is all but gone."
        for name, value in values.items()
        if is_time_constant(name) and value < dt
    ]


def _divisors(text: str) -> Iterator[str]:
    """Yield the names in the denominators of a text; what cannot be read is told elsewhere."""
    for line in text.splitlines():
        expression = line.rpartition("=")[2].partition(":")[0]
        try:
            tree = ast.parse(expression.strip(), mode="eval")
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod):
                yield from _factors(node.right)


def _factors(node: ast.expr) -> Iterator[str]:
    """Yield the names of which one of 0 makes an expression 0."""
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.UnaryOp):
        yield from _factors(node.operand)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield from _factors(node.left)
        yield from _factors(node.right)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow | ast.Div):
        yield from _factors(node.left)
