"""What the host does with an estimate: a step of each weight, after which it is what it may be."""

import numpy as np
from brian2 import Synapses
from numpy.typing import NDArray

from workbench.declare.constraint import Constraint
from workbench.declare.projection import Projection
from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.constraint_names import held_as, memory_of_constraints, total_of
from workbench.model.events.online import ALL, Visits, is_done_once, rests
from workbench.model.integration import scalar_declarations
from workbench.model.setup import Binding, Setup
from workbench.text.syntax import statements, substituted


def kept_by_host(setup: Setup, projection: str) -> tuple[str, ...]:
    """Return the variables that the host keeps for each weight."""
    # Feedback weights that follow read the step.
    follows = ("step",) if projection in setup.followed else ()
    return (*setup.optimizer.state, *follows, *memory_of_constraints(setup, projection))


def declared_by_host(setup: Setup, projection: str) -> list[str]:
    """Return what the host needs of some weights besides, as equations."""
    constraints = list(enumerate(setup.constraints_on(projection)))
    numbers = [held_as(number, name) for number, one in constraints for name, _ in one.parameters]
    return [scalar_declarations(numbers)] if numbers else []


def summed_by_host(setup: Setup, projection: str) -> list[str]:
    """Return the sums over each neuron's weights that the host needs, as equations of synapses."""
    return [
        f"{total_of(projection, number)}_post = {_written(one.total, one, number)} : 1 (summed)"
        for number, one in enumerate(setup.constraints_on(projection))
        if one.total
    ]


def _written(text: str, constraint: Constraint, number: int) -> str:
    """Return an expression of a constraint as a synapse reads it."""
    return substituted(text, _names(constraint, number))


def _names(constraint: Constraint, number: int) -> dict[str, str]:
    return {name: held_as(number, name) for name in (*constraint.state, *dict(constraint.parameters))}


def _statements(code: str, names: dict[str, str]) -> list[str]:
    """Return statements with other names for what they read and set."""
    return [f"{names.get(target, target)} = {substituted(text, names)}" for target, text in statements(code)]


def add_update(parts: Parts, name: str, visited: Visits = ALL) -> None:
    """Let the host change the weights of a group of synapses after each interval.

    Parameters
    ----------
    parts : Parts
        Has the group.
    name : str
        The group: ``w_<projection>``.
    visited : Visits
        Which synapses may have learned something since the update before.
    """
    setup = parts.setup
    projection = name.removeprefix("w_")
    constraints = list(enumerate(setup.constraints_on(projection)))
    decays = projection in setup.followed
    scalars = ["n_updates", "update_size", "learning_rate", "window_duration", *(["feedback_decay"] if decays else [])]
    for scalar in (*scalars, *(key for key, _ in setup.optimizer.parameters)):
        parts.refer(name, scalar, "clock")
    before = "(1 - feedback_decay) * w" if decays else "w"
    softened = [line for number, one in constraints for line in _statements(one.soften, _names(one, number))]
    changed = f"w = {before} - learning_rate * step"
    if softened:
        changed = "\n".join(["change = -learning_rate * step", *softened, f"w = {before} + change"])
    duration = "" if setup.is_per_second(setup.network.projection(projection)) else "window_duration * "
    update = "\n".join([f"gradient = g / ({duration}update_size)", setup.optimizer.code, changed, "g = 0"])
    # In one step; in several, others learn too.
    visited = visited.settling() if setup.steps_between_updates == 1 and rests(setup, projection) else ALL
    parts.run_template(name, "update", visited.template, schedule.UPDATE, "learning", "update", update, **visited.told)
    parts.bindings += [
        Binding(f"{name}.{held_as(number, key)}", f"constraint.{projection}.{number}.{key}")
        for number, one in constraints
        for key, _ in one.parameters
    ]
    for number, one in constraints:
        if one.project:
            once = one.at == "update" and is_done_once(one)
            _project(parts, name, one, number, visited if once else ALL)


def _project(parts: Parts, name: str, constraint: Constraint, number: int, visited: Visits) -> None:
    """Let weights be what they may be, after an update or at the end of a trial."""
    gate = "constrain" if constraint.at == "update" else "settle"
    projection = name.removeprefix("w_")
    names = _names(constraint, number)
    if constraint.total:
        total = total_of(projection, number)
        names["total"] = f"{total}_post"
        if isinstance(parts.groups[name], Synapses):
            updater = parts.groups[name].summed_updaters[f"{total}_post"]
            updater.when, updater.order = schedule.total_weight(number)
            parts.tag(updater, "learning", gate)
        else:
            _add_up(parts, name, number, f"_value = {_written(constraint.total, constraint, number)}", gate)
    code = "\n".join(_statements(constraint.project, names))
    slot = schedule.project(number)
    parts.run_template(name, f"project{number}", visited.template, slot, "learning", gate, code, **visited.told)


def _add_up(parts: Parts, name: str, number: int, code: str, gate: str) -> None:
    """Let the neurons that a matrix reaches have the sums over its columns, and its entries read them."""
    projection = name.removeprefix("w_")
    projected = parts.setup.network.projection(projection)
    matrix, neurons = parts.groups[name], parts.groups[projected.target]
    total = total_of(projection, number)
    held = matrix.variables
    if "_column" not in held:
        held.add_array("_column", size=len(matrix), dtype=np.int32, values=_columns(projected), constant=True)
    held.add_reference(f"{total}_post", neurons, total, index="_column")
    column = None if projected.dense else held["_column"]
    told = {"to": neurons.variables[total], "n_columns": len(neurons), "column": column}
    parts.run_template(name, f"total{number}", "columns", schedule.total_weight(number), "learning", gate, code, **told)


def _columns(projection: Projection) -> NDArray[np.int32]:
    n_pre, n_post = projection.ends
    return np.tile(np.arange(n_post, dtype=np.int32), n_pre) if projection.dense else projection.indices.post
