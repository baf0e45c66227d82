"""A network's forward dynamics as a list of operations, read off its Brian2 objects in the order in which they run."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from brian2 import NeuronGroup, Synapses
from brian2.core.functions import Function
from brian2.core.variables import ArrayVariable
from brian2.groups.group import CodeRunner
from brian2.groups.neurongroup import Resetter, StateUpdater, Thresholder
from brian2.synapses.synapses import SummedVariableUpdater, SynapticPathway

from workbench.common.errors import ModelError
from workbench.model.brian2_session import numpy_code
from workbench.model.build import Model, build_model
from workbench.model.setup import Binding, Propagator, Setup
from workbench.text.syntax import identifiers, statements

Kind = Literal["assign", "threshold", "given", "delay", "transmit", "sum", "greatest", "reset"]

#: How a variable is reached from the place that reads it.
Side = Literal["own", "pre", "post", "scalar", "temporary"]


@dataclass(frozen=True)
class Name:
    """What an identifier stands for: a variable of a group, seen from another.

    Attributes
    ----------
    owner, variable : str
        The group and its variable.
    side : str
        Whether it is the reader's own, of a synapse's source or target, a scalar, or a temporary of the operation.
    """

    owner: str
    variable: str
    side: Side


@dataclass(frozen=True)
class Operation:
    """One thing that happens in each step.

    Attributes
    ----------
    kind : str
        ``assign`` runs statements, ``threshold`` decides on spikes, ``given`` takes them from outside, ``delay``
        repeats those of a source, ``transmit`` runs statements of the synapses whose source spiked, ``sum`` adds up
        over synapses, ``greatest`` takes the largest of all neurons, ``reset`` runs statements of the neurons that
        spiked.
    owner : str
        The group.
    source : str
        Of a transmission or delay: whose spikes.
    statements : tuple of (str, str)
        Target and expression; of a threshold one pair ("", condition).
    names : dict of str to Name
        What the identifiers stand for.
    delay : int
        Steps by which spikes are repeated later.
    role : str
        What it is part of: the dynamics ("forward", "given"), the loss, what the rule does ("learning"), or what the
        host does with its estimate ("host").
    """

    kind: Kind
    owner: str
    statements: tuple[tuple[str, str], ...]
    names: dict[str, Name]
    source: str = ""
    delay: int = 0
    role: str = "forward"


@dataclass(frozen=True)
class Program:
    """The forward dynamics of a network.

    Attributes
    ----------
    operations : tuple of Operation
        In the order of a step.
    start : tuple of Operation
        What sets variables at the start of a trial.
    sizes : dict of str to (int,) or (int, int) or ()
        Shape of the variables of each group: neurons, or (n_pre, n_post).
    bindings, propagators : tuple
        Which variables hold numbers of the setup.
    """

    operations: tuple[Operation, ...]
    start: tuple[Operation, ...]
    sizes: dict[str, tuple[int, ...]]
    bindings: tuple[Binding, ...]
    propagators: tuple[Propagator, ...]


def read_program(setup: Setup) -> Program:
    """Build a setup's Brian2 objects and return their forward dynamics.

    Raises
    ------
    ModelError
        Where an object cannot be read.
    """
    with numpy_code():
        model = build_model(replace(setup, form="clock"))
        needed = _needed(operations_of(model, {"forward", "loss", "given"}), _losses(model))
    sizes: dict[str, tuple[int, ...]] = {}
    for name, group in model.parts.groups.items():
        if isinstance(group, Synapses):
            sizes[name] = (int(group.source.N), int(group.target.N))
        elif isinstance(group, NeuronGroup):
            sizes[name] = (int(group.N),)
    return Program(
        needed,
        tuple(_starting(operations_of(model, {"start"}), needed)),
        sizes,
        tuple(model.parts.bindings),
        tuple(model.parts.propagators),
    )


def operations_of(model: Model, roles: Collection[str]) -> tuple[Operation, ...]:
    """Return the operations of a clock-driven model that have one of some roles, in the order of a step.

    Raises
    ------
    ModelError
        Where an object cannot be read.
    """
    logical = {group.name: name for name, group in model.parts.groups.items()}
    found = []
    for item in model.network.sorted_objects:
        role = "host" if model.parts.gates.get(item.name) == "update" else model.parts.roles.get(item.name, "")
        if role in roles:
            operation = _operation(item, logical, role)
            if operation is not None:
                found.append(replace(operation, role=role))
    return tuple(found)


def _losses(model: Model) -> set[tuple[str, str]]:
    return {
        (name, variable)
        for name, group in model.parts.groups.items()
        if isinstance(group, NeuronGroup)
        for variable in ("loss", "output_sum")
        if variable in group.variables
    }


def _operation(item: Any, logical: dict[str, str], role: str) -> Operation | None:
    group = getattr(item, "group", None)
    if isinstance(item, SynapticPathway):
        owner = logical[item.synapses.name]
        pairs = tuple(statements(item.code))
        return Operation("transmit", owner, pairs, _names(pairs, item.synapses, logical), logical[item.source.name])
    if isinstance(item, SummedVariableUpdater):
        pairs = ((item.target_varname, item.expression.code),)
        return Operation("sum", logical[item.group.name], pairs, _names(pairs, item.group, logical))
    if not isinstance(item, CodeRunner) or group is None or group.name not in logical:
        return None
    owner = logical[group.name]
    if role == "given":
        return Operation("given", owner, (), {})
    if item.template == "delay":
        told = item.template_kwds
        return Operation("delay", owner, (), {}, told["source"], told["delay"])
    item.update_abstract_code(run_namespace={})
    if isinstance(item, Thresholder):
        pairs = tuple(statements(item.abstract_code))
        return Operation("threshold", owner, pairs, _names(pairs, group, logical))
    if item.template == "greatest":
        ((_, expression),) = statements(item.abstract_code)
        pairs = (("greatest", expression),)
        return Operation("greatest", owner, pairs, _names(pairs, group, logical))
    if isinstance(item, StateUpdater) or item.template == "stateupdate":
        kind: Kind = "assign"
    elif isinstance(item, Resetter) or item.template == "reset":
        kind = "reset"
    else:
        raise ModelError(f"The reference cannot read Brian2's object '{item.name}'.")
    pairs = tuple(statements(item.abstract_code))
    return Operation(kind, owner, pairs, _names(pairs, group, logical)) if pairs else None


def _names(pairs: tuple[tuple[str, str], ...], group: Any, logical: dict[str, str]) -> dict[str, Name]:
    found: dict[str, Name] = {}
    targets = {target for target, _ in pairs}
    for identifier in sorted({name for _, expression in pairs for name in identifiers(expression)} | targets):
        variable = group.variables.get(identifier)
        if isinstance(variable, ArrayVariable):
            owner = logical.get(variable.owner.name, variable.owner.name)
            index = group.variables.indices[identifier]
            sides: dict[str, Side] = {"_presynaptic_idx": "pre", "_postsynaptic_idx": "post", "0": "scalar"}
            side = "scalar" if variable.scalar else sides.get(index, "own")
            found[identifier] = Name(owner, variable.name, side)
        elif variable is None or not isinstance(variable, Function):
            found[identifier] = Name(logical[group.name], identifier, "temporary")
    return found


def _needed(operations: tuple[Operation, ...], wanted: set[tuple[str, str]]) -> tuple[Operation, ...]:
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


def _starting(operations: tuple[Operation, ...], needed: tuple[Operation, ...]) -> Iterator[Operation]:
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
