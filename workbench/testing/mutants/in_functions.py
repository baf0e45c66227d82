"""Mistakes in the functions of Python that compute a rule's gradient."""

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pkgutil import resolve_name
from types import FunctionType

from workbench.declare.references import SPIKE_TRAINS
from workbench.declare.rule import Rule
from workbench.testing.mutants.in_expressions import wrong_nodes
from workbench.testing.mutants.mutant import Mutant, Replaced
from workbench.text.time_constants import is_time_constant


@dataclass(frozen=True)
class Mistaken:
    """A name that can be taken for another.

    Attributes
    ----------
    kind : str
        Of mistake.
    name, instead : str
        The right one, and the one in its place.
    within : str
        The expression in which it stands.
    """

    kind: str
    name: str
    instead: str
    within: str


_SPIKE_TRAINS, _FORWARD = "workbench.reference.spike_trains", "workbench.reference.forward_mode"

#: The functions of each, and what can be taken for something else there.
_OF_SPIKE_TRAINS: dict[str, tuple[Mistaken, ...]] = {
    f"{_SPIKE_TRAINS}:_hidden": (),
    f"{_SPIKE_TRAINS}:_Course.effects": (),
    f"{_SPIKE_TRAINS}:_share": (),
    f"{_SPIKE_TRAINS}:_Course.filtered": (),
}
_OF_FORWARD_MODE: dict[str, tuple[Mistaken, ...]] = {
    f"{_FORWARD}:_kicks": (
        Mistaken("ends", "pre", "post", "sources[f'w_{name}'][pre]"),
        Mistaken("ends", "post", "pre", "jnp.eye(n_post)[post]"),
    ),
    f"{_FORWARD}:carry_along": (
        Mistaken("filter", "slopes", "flat", "jax.vmap(push)(slopes, kicks)"),
        Mistaken("step", "state", "after", "jax.jvp(moved, (state, still), (slope, kick))"),
    ),
    "workbench.reference.reset:after_reset": (),
}


def wrong_functions(rule: Rule) -> Iterator[Mutant]:
    """Yield a rule whose gradient functions of Python compute, one of which has a mistake."""
    functions = _OF_SPIKE_TRAINS if rule.gradient == SPIKE_TRAINS else {}
    if rule.is_exact_gradient and rule.direction == "forward":
        functions = _OF_FORWARD_MODE
    for place, mistaken in functions.items():
        right = resolve_name(place)
        tree = ast.parse(textwrap.dedent(inspect.getsource(right)))
        for kind, name in _mistakes(tree.body[0], mistaken):
            wrong = Replaced(place, _compiled(tree, right))
            yield Mutant(f"{right.__name__}: {name}", kind, rule, (wrong,))


def _mistakes(function: ast.stmt, mistaken: tuple[Mistaken, ...]) -> Iterator[tuple[str, str]]:
    """Yield the kind and the name of each mistake in a function, whose syntax tree has it until the next."""
    assert isinstance(function, ast.FunctionDef)
    yield from wrong_nodes(function)
    for node in ast.walk(function):
        match node:
            case ast.BinOp(op=ast.Div(), right=ast.Subscript(slice=ast.Constant(value=str(name))) as right) if (
                is_time_constant(name)
            ):
                told = ast.unparse(node)
                node.right = ast.BinOp(ast.Constant(2), ast.Mult(), right)
                yield "time constant", f"twice {name} in {told}"
                node.right = right
    for item in mistaken:
        yield from _taken_for_another(function, item)


def _taken_for_another(function: ast.FunctionDef, item: Mistaken) -> Iterator[tuple[str, str]]:
    within = [node for node in ast.walk(function) if isinstance(node, ast.expr) and ast.unparse(node) == item.within]
    for whole in within:
        for node in ast.walk(whole):
            if isinstance(node, ast.Name) and node.id == item.name:
                node.id = item.instead
                yield item.kind, f"'{item.instead}' for '{item.name}' in {item.within}"
                node.id = item.name


def _compiled(tree: ast.Module, right: FunctionType) -> FunctionType:
    """Return the function that a syntax tree is of, among the names of the right one."""
    made: dict[str, FunctionType] = {}
    code = compile(ast.fix_missing_locations(tree), f"<wrong {right.__name__}>", "exec")
    exec(code, vars(sys.modules[right.__module__]), made)
    return made[right.__name__]
