"""The syntax tree of expressions and statements: what they read, and other expressions in the place of names.

A name is replaced on the tree, never in the text, and all names at once: what stands in the place of one name is not
looked through for another, and keeps its precedence.
"""

import ast
import copy
from collections.abc import Iterable, Mapping
from functools import lru_cache

from workbench.common.errors import ModelError

#: How statements may change a variable, besides setting it.
SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


@lru_cache(maxsize=4096)
def parsed(expression: str) -> ast.expr:
    """Return the syntax tree of an expression, which nobody may change."""
    return ast.parse(expression.strip(), mode="eval").body


def identifiers(expression: str) -> set[str]:
    """Return the names that an expression reads, without those of the functions that it calls."""
    nodes = list(ast.walk(parsed(expression)))
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    return {node.id for node in nodes if isinstance(node, ast.Name) and id(node) not in called}


def calls(expression: str) -> set[str]:
    """Return the names of the functions that an expression calls."""
    nodes = ast.walk(parsed(expression))
    return {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


def is_condition(expression: str) -> bool:
    """Return whether an expression is true or false, not a number."""
    tree = parsed(expression)
    negated = isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not)
    return negated or isinstance(tree, ast.Compare | ast.BoolOp)


def nested_in(expression: str, name: str, function: str) -> bool:
    """Return whether an expression reads a name only as the argument of a function."""
    inside = {
        id(inner)
        for node in ast.walk(parsed(expression))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function
        for argument in node.args
        for inner in ast.walk(argument)
    }
    read = [node for node in ast.walk(parsed(expression)) if isinstance(node, ast.Name) and node.id == name]
    return bool(read) and all(id(node) in inside for node in read)


class _Substitution(ast.NodeTransformer):
    """Puts trees in the place of names; functions keep theirs."""

    def __init__(self, replacements: Mapping[str, str]) -> None:
        self._replacements = replacements

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return what stands in the place of a name."""
        text = self._replacements.get(node.id)
        return node if text is None else copy.deepcopy(parsed(text))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Look through the arguments of a function."""
        node.args = [self.visit(argument) for argument in node.args]
        return node


def substituted(expression: str, replacements: Mapping[str, str]) -> str:
    """Return an expression with others in the place of names that it reads, all at once.

    Parameters
    ----------
    expression : str
        As Brian2 writes it.
    replacements : mapping of str to str
        Names -> expressions.
    """
    if not identifiers(expression) & replacements.keys():
        return expression
    tree = copy.deepcopy(parsed(expression))
    return ast.unparse(_Substitution(replacements).visit(tree))


def sum_of(terms: Iterable[str]) -> str:
    """Return the sum of some expressions; "0" where there are none."""
    return " + ".join(f"({term})" for term in terms) or "0"


def changes(code: str) -> list[tuple[str, str, str]]:
    """Split code into (target, sign, expression): ``x += f`` has the sign ``+``, and ``x = f`` has none."""
    found = []
    for node in _nodes(code):
        sign = SIGNS[type(node.op)] if isinstance(node, ast.AugAssign) else ""
        target = node.target if isinstance(node, ast.AugAssign) else node.targets[0]
        found.append((ast.unparse(target), sign, ast.unparse(node.value)))
    return found


def statements(code: str) -> list[tuple[str, str]]:
    """Split code into (target, expression) pairs; ``x += f`` becomes ``x = x + (f)``."""
    return [(target, f"{target} {sign} ({text})" if sign else text) for target, sign, text in changes(code)]


def with_substituted(code: str, replacements: Mapping[str, str]) -> str:
    """Return statements, one on each line, with expressions in the place of names that they read, all at once."""
    return "\n".join(f"{target} {sign}= {substituted(text, replacements)}" for target, sign, text in changes(code))


def renamed(code: str, names: Mapping[str, str]) -> str:
    """Return statements, one on each line, with other names for what they read and set."""
    return "\n".join(
        f"{names.get(target, target)} {sign}= {substituted(text, names)}" for target, sign, text in changes(code)
    )


def _nodes(code: str) -> list[ast.Assign | ast.AugAssign]:
    """Return the statements of code, which stand one on each line, or apart by ``;``."""
    found = []
    for line in code.splitlines():
        text = line.split("#")[0].strip()
        try:
            nodes = ast.parse(text).body
        except SyntaxError:
            nodes = []
        own = [node for node in nodes if isinstance(node, ast.Assign | ast.AugAssign) and _sets_one_name(node)]
        if (text and not own) or len(own) < len(nodes):
            raise ModelError(f"'{text}' is not a statement of the form 'x = ...' or 'x += ...'.")
        found += own
    return found


def _sets_one_name(node: ast.Assign | ast.AugAssign) -> bool:
    if isinstance(node, ast.AugAssign):
        return isinstance(node.target, ast.Name) and type(node.op) in SIGNS
    return len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
