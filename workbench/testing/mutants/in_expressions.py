"""Mistakes in an expression, whatever it is one of."""

import ast
from collections.abc import Iterator

from workbench.text.time_constants import is_time_constant

#: What is true where a comparison is not.
OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Lt: ast.GtE, ast.LtE: ast.Gt,
}  # fmt: skip


def wrong_versions(text: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each expression that has one mistake, in the unit of the right one.

    Parameters
    ----------
    text : str
        The right one.
    """
    yield "sign", f"-({text})"
    yield "twice", f"2 * ({text})"
    tree = ast.parse(text, mode="eval")
    for kind, name in wrong_nodes(tree):
        left_out = name.removeprefix("no ").partition(" in ")[0]
        of_another_unit = kind == "factor" and (left_out == "dt" or is_time_constant(left_out))
        # One sign of a product is as good as another.
        if kind != "sign" and not of_another_unit:
            yield name, ast.unparse(tree)


def wrong_nodes(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the kind and name of each mistake that can be made in a syntax tree, which has it until the next.

    A plus in place of a minus or the other way round, a product with the other sign, a factor, divisor or power that is
    left out, and the opposite of a condition; not where places in arrays are reckoned.

    Parameters
    ----------
    tree : ast.AST
        Changed in place, and as it was afterwards.
    """
    for node in list(_of_numbers(tree)):
        told = ast.unparse(node)
        match node:
            case ast.BinOp(op=ast.Add() | ast.Sub() as sign):
                node.op = ast.Sub() if isinstance(sign, ast.Add) else ast.Add()
                yield "term", f"sign in {told}"
                node.op = sign
            case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as by, right=right):
                node.left = ast.UnaryOp(ast.USub(), left)
                yield "sign", f"sign of {told}"
                node.left, node.op, node.right = left, ast.Mult(), ast.Constant(1)
                yield "factor", f"no {ast.unparse(right)} in {told}"
                node.op, node.right = by, right
            case ast.BinOp(op=ast.Pow(), right=power):
                node.op, node.right = ast.Mult(), ast.Constant(1)
                yield "factor", f"no power of {told}"
                node.op, node.right = ast.Pow(), power
            case ast.Compare(ops=[operator]) if type(operator) in OPPOSITE:
                node.ops = [OPPOSITE[type(operator)]()]
                yield "condition", f"opposite of {told}"
                node.ops = [operator]


def _of_numbers(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a tree, without those that say where in an array something is."""
    yield tree
    for child in ast.iter_child_nodes(tree):
        match child:
            case ast.Subscript(value=value):
                yield from _of_numbers(value)
            case ast.Assign(targets=[ast.Tuple()]) | ast.Call(func=ast.Name(id="slice")):
                continue
            case ast.If(body=[*_, ast.Return()]):
                # Of what is returned before the end other cases are made.
                continue
            case _:
                yield from _of_numbers(child)
