"""Read a network's forward dynamics off its Brian2 objects, in the order in which they run."""

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from brian2 import NeuronGroup, Synapses
from brian2.core.functions import Function
from brian2.core.variables import ArrayVariable
from brian2.groups.group import CodeRunner
from brian2.groups.neurongroup import Resetter, StateUpdater, Thresholder
from brian2.synapses.synapses import SummedVariableUpdater, SynapticPathway

from workbench.common.errors import ModelError
from workbench.model.brian2_session import numpy_code
from workbench.model.build import Model, build_model
from workbench.model.by_structure import ByStructure
from workbench.model.dependence import needed_for, starting_values
from workbench.model.operation import Kind, Name, Operation, Side
from workbench.model.program import Program, ends_of
from workbench.model.setup import Setup
from workbench.text.syntax import identifiers, statements


@ByStructure
def read_program(setup: Setup) -> Program:
    """Build a setup's Brian2 objects and return their forward dynamics.

    Raises
    ------
    ModelError
        Where an object cannot be read.
    """
    with numpy_code():
        model = build_model(setup)
        needed = needed_for(operations_of(model, {"forward", "loss", "given"}), _losses(model))
    sizes: dict[str, tuple[int, ...]] = {}
    ends = ends_of(setup.network)
    for name, group in model.parts.groups.items():
        if name in ends:
            sizes[name] = (len(ends[name].pre),)
        elif isinstance(group, Synapses):
            sizes[name] = (int(group.source.N), int(group.target.N))
        elif isinstance(group, NeuronGroup):
            sizes[name] = (int(group.N),)
    return Program(
        needed,
        tuple(starting_values(operations_of(model, {"start"}), needed)),
        sizes,
        tuple(model.parts.bindings),
        tuple(model.parts.propagators),
        ends,
    )


#: Before a mark, the conditions under which the host changes weights.
_HOST = re.compile(r"(mirror_)?update(__rule\d+)?")


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
        host = _HOST.fullmatch(model.parts.gates.get(item.name, ""))
        role = "host" if host else model.parts.roles.get(item.name, "")
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
    if item.template == "draw":
        drawn = {to.name: Name(owner, to.name, "own") for to, _, _ in item.template_kwds["noise"]}
        pairs = tuple((name, "anew") for name in drawn)
        return Operation("draw", owner, pairs, drawn | {"anew": Name(owner, "anew", "temporary")})
    item.update_abstract_code(run_namespace={})
    if isinstance(item, Thresholder):
        pairs = tuple(statements(item.abstract_code))
        return Operation("threshold", owner, pairs, _names(pairs, group, logical))
    if item.template in ("greatest", "answer"):
        ((_, expression),) = statements(item.abstract_code)
        pairs = (("greatest" if item.template == "greatest" else "answered", expression),)
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
