"""Which statements of a program anything wanted depends on."""

from collections.abc import Iterator
from dataclasses import replace

from workbench.model.operation import Operation
from workbench.text.syntax import identifiers


def needed_for(operations: tuple[Operation, ...], wanted: set[tuple[str, str]]) -> tuple[Operation, ...]:
    """Drop the statements on which nothing wanted depends, such as traces that only learning reads."""
    needed = set(wanted)
    while True:
        before = len(needed)
        for operation in operations:
            leading = _leading(operation, needed)
            for target, expression in operation.statements:
                needed |= _reads(operation, expression) if target in leading else set()
        if len(needed) == before:
            break
    kept = []
    for operation in operations:
        leading = _leading(operation, needed)
        pairs = tuple(pair for pair in operation.statements if pair[0] in leading)
        if pairs or operation.kind in {"given", "delay"}:
            kept.append(replace(operation, statements=pairs))
    return tuple(kept)


def starting_values(operations: tuple[Operation, ...], needed: tuple[Operation, ...]) -> Iterator[Operation]:
    """Yield operations with those of their statements alone that set what others write to something else than 0."""
    written = {operation.names[target] for operation in needed for target, _ in operation.statements}
    for operation in operations:
        pairs = [(target, text) for target, text in operation.statements if operation.names[target] in written]
        pairs = [(target, text) for target, text in pairs if text != "0"]
        if pairs:
            yield replace(operation, statements=tuple(pairs))


def _leading(operation: Operation, needed: set[tuple[str, str]]) -> set[str]:
    """Return the targets of an operation's statements that are needed, themselves or by what other statements set."""
    names = operation.names
    targets = {target for target, _ in operation.statements}
    temporary = {target for target in targets if names[target].side == "temporary"}
    if operation.kind == "threshold":
        return targets
    found = {target for target in targets - temporary if (names[target].owner, names[target].variable) in needed}
    while True:
        # From the last statement to the first: what a temporary is needed for comes after it.
        before = len(found)
        for target, expression in reversed(operation.statements):
            found |= (identifiers(expression) & temporary) if target in found else set()
        if len(found) == before:
            return found


def _reads(operation: Operation, expression: str) -> set[tuple[str, str]]:
    names = [operation.names[identifier] for identifier in identifiers(expression) if identifier in operation.names]
    return {(name.owner, name.variable) for name in names if name.side != "temporary"}
