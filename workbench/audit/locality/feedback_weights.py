"""How feedback weights come to be what they are: what the operations that change them read."""

from collections.abc import Collection, Iterator

from workbench.audit.locality.data_flow import Flow, expanded, stands_for
from workbench.audit.locality.dependency_graph import Kind
from workbench.model.operation import Name, Operation


def way_of_learning(flow: Flow, group: str, variable: str, forward: Collection[str]) -> Kind:
    """Return how weights that carry a signal change.

    Parameters
    ----------
    flow : Flow
        All operations of a step.
    group, variable : str
        The weights.
    forward : collection of str
        The groups of forward weights.

    Returns
    -------
    {"copied", "returned", "learned", "by_rule", "fixed"}
        Where forward weights are read, where they themselves are read the other way about, where steps of forward
        weights are read, where something else is, and where they stay.
    """
    if not flow.writers(group, variable, 0, {"host"}):
        return "fixed"
    sums = [item for item in flow.operations if item.kind == "sum" and item.owner == group and item.role == "learning"]
    summed = {(name.owner, name.variable) for item in sums for name in _targets(item)}
    seen, waiting, steps = {(group, variable)}, [(group, variable)], set[str]()
    while waiting:
        for name in _read_for(flow, *waiting.pop()):
            read = name.owner, name.variable
            if name.owner in forward and name.side == "own":
                steps.add(name.variable)
            elif read not in seen and (name.owner == group or read in summed):
                seen.add(read)
                waiting.append(read)
    # A signal goes from the neurons before to those behind: what is added up at the former goes the other way about.
    against = [item for item in sums if any(name.side == "pre" and _is_in(seen, name) for name in _targets(item))]
    returned = any(Name(group, variable, "own") in item.names.values() for item in against)
    return "copied" if "w" in steps else "returned" if returned else "learned" if steps else "by_rule"


def _is_in(seen: Collection[tuple[str, str]], name: Name) -> bool:
    return (name.owner, name.variable) in seen


def _targets(operation: Operation) -> list[Name]:
    return [operation.names[target] for target, _ in operation.statements]


def _read_for(flow: Flow, owner: str, variable: str) -> Iterator[Name]:
    """Yield the names that rule and host read in order to write a variable."""
    for operation in flow.operations:
        for target, expression in operation.statements if operation.role in {"host", "learning"} else ():
            if stands_for(operation.names[target], owner, variable):
                yield from (operation.names[word] for word in sorted(expanded(operation, expression)))
