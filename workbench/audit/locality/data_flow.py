"""Which operations of a step a variable has its value from, at the place in the step at which it is read."""

import ast
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from workbench.model.operation import Name, Operation
from workbench.text.syntax import identifiers, parsed

#: Functions that bound a number or tell its side, and make no curve of it.
_STRAIGHT = frozenset({"clip", "int", "sign"})


@dataclass(frozen=True)
class Flow:
    """The operations of a step, in order.

    Attributes
    ----------
    operations : sequence of Operation
        All of them; each step begins where the last one ended.
    """

    operations: Sequence[Operation]

    def writers(self, owner: str, variable: str, reader: int, roles: Collection[str]) -> list[int]:
        """Return the numbers of the operations from which a variable has its value where an operation reads it.

        Parameters
        ----------
        owner, variable : str
            The group and its variable.
        reader : int
            The number of the operation that reads it.
        roles : collection of str
            Of the operations to look at.
        """
        count = len(self.operations)
        found = []
        # Back from the reader to itself, one step ago; what is set anew hides what was before.
        for number in [(reader - 1 - back) % count for back in range(count)]:
            operation = self.operations[number]
            if operation.role in roles and writes(operation, owner, variable):
                found.append(number)
                if sets_anew(operation, owner, variable):
                    break
        return found


def sets_anew(operation: Operation, owner: str, variable: str) -> bool:
    """Return whether an operation sets a variable in each step, whatever it was before."""
    if operation.kind == "draw":
        return writes(operation, owner, variable)
    if operation.kind not in {"assign", "sum", "greatest"}:
        return False
    for target, expression in operation.statements:
        if stands_for(operation.names[target], owner, variable):
            read = expanded(operation, expression)
            return not any(stands_for(operation.names[name], owner, variable) for name in read)
    return False


def stands_for(name: Name, owner: str, variable: str) -> bool:
    """Return whether a name is that of a variable."""
    return (name.owner, name.variable) == (owner, variable) and name.side != "temporary"


def writes(operation: Operation, owner: str, variable: str) -> bool:
    """Return whether an operation writes a variable."""
    return any(stands_for(operation.names[target], owner, variable) for target, _ in operation.statements)


def expanded(operation: Operation, expression: str) -> set[str]:
    """Return the names of variables that an expression reads, itself or by temporaries of its operation."""
    found: set[str] = set()
    waiting = [expression]
    seen: set[str] = set()
    while waiting:
        for word in identifiers(waiting.pop()) & operation.names.keys():
            if operation.names[word].side != "temporary":
                found.add(word)
            elif word not in seen:
                seen.add(word)
                waiting += [text for target, text in operation.statements if target == word]
    return found


def bent(operation: Operation, expression: str, word: str) -> bool:
    """Return whether an expression depends on a variable by a curve, such as a surrogate derivative is.

    Sums, products, bounds and comparisons are none; functions, denominators and powers that are no whole numbers are.

    Parameters
    ----------
    operation : Operation
        Whose temporaries the expression may read.
    expression : str
        Read at its names, of which `word` is one.
    """
    # Whether each temporary is bent, where it is read within a curve or not: methods of many stages read them often.
    known: dict[tuple[str, bool], bool] = {}

    def of_temporary(name: str, inside: bool) -> bool:
        if (name, inside) not in known:
            # Of one that reads itself, what the others read decides.
            known[name, inside] = False
            texts = [text for target, text in operation.statements if target == name]
            known[name, inside] = any(visit(parsed(text), inside) for text in texts)
        return known[name, inside]

    def visit(node: ast.AST, inside: bool) -> bool:
        if isinstance(node, ast.Name):
            if node.id == word:
                return inside
            temporary = node.id in operation.names and operation.names[node.id].side == "temporary"
            return temporary and of_temporary(node.id, inside)
        if isinstance(node, ast.Compare | ast.BoolOp):
            return False
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            curve = inside or node.func.id not in _STRAIGHT
            return any(visit(argument, curve) for argument in node.args)
        if isinstance(node, ast.BinOp):
            below = isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod)
            power = isinstance(node.op, ast.Pow) and not _is_whole(node.right)
            return visit(node.left, inside or power) or visit(node.right, inside or below or power)
        return any(visit(inner, inside) for inner in ast.iter_child_nodes(node))

    return visit(parsed(expression), inside=False)


def _is_whole(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and float(node.value).is_integer()
