"""What the host does with an estimate: a step of each weight, after which it is what it may be."""

import numpy as np
from brian2 import Synapses
from numpy.typing import NDArray

from workbench.declare.constraint import Constraint
from workbench.declare.projection import Projection
from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.bindings import Binding
from workbench.model.constraint_names import held_as, memory_of_constraints, total_of
from workbench.model.events.online import ALL, Visits, is_done_once, rests
from workbench.model.integration import scalar_declarations
from workbench.model.setup import Setup
from workbench.text.syntax import renamed, substituted

#: The learning rate of weights that have a rule of their own.
OWN_RATE = "own__rate"


def kept_by_host(setup: Setup, projection: str) -> tuple[str, ...]:
    """Return the variables that the host keeps for each weight."""
    # Feedback weights that follow read the step.
    follows = ("step",) if projection in setup.followed else ()
    return (*setup.memory_of_optimizer(projection), *follows, *memory_of_constraints(setup, projection))


def declared_by_host(setup: Setup, projection: str) -> list[str]:
    """Return what the host needs of some weights besides, as equations."""
    constraints = list(enumerate(setup.constraints_on(projection)))
    numbers = [held_as(number, name) for number, one in constraints for name, _ in one.parameters]
    numbers += [OWN_RATE] if setup.network.projection(projection).rule is not None else []
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
    mark = setup.mark_of(setup.network.projection(projection))
    # In one step; in several, others learn too.
    visited = visited.settling() if setup.steps_between_updates_of(mark) == 1 and rests(setup, projection) else ALL
    code = _update_code(parts, name, mark)
    gate = f"update{mark}"
    parts.run_template(name, "update", visited.template, schedule.UPDATE, "learning", gate, code, **visited.told)
    parts.bindings += [
        Binding(f"{name}.{held_as(number, key)}", f"constraint.{projection}.{number}.{key}")
        for number, one in constraints
        for key, _ in one.parameters
    ]
    for number, one in constraints:
        if one.project:
            once = one.at == "update" and is_done_once(one)
            _project(parts, name, one, number, visited if once else ALL)


def _update_code(parts: Parts, name: str, mark: str) -> str:
    """Return the statements of an update, which read the clock's numbers."""
    setup, projection = parts.setup, name.removeprefix("w_")
    decays = projection in setup.followed
    size, rate, optimizer = f"update_size{mark}", "learning_rate", setup.optimizer.code
    scalars = [size, "window_duration", *(["feedback_decay"] if decays else [])]
    if mark:
        rate, optimizer = f"changing * {OWN_RATE}", "step = gradient"
        scalars.append("changing")
        parts.bindings.append(Binding(f"{name}.{OWN_RATE}", f"learning_rate.{projection}"))
    else:
        scalars += ["learning_rate", *dict(setup.optimizer.parameters)]
    for scalar in scalars:
        parts.refer(name, scalar, "clock")
    # Each rule counts its own updates.
    parts.refer(name, "n_updates", "clock", f"n_updates{mark}")
    before = "(1 - feedback_decay) * w" if decays else "w"
    constraints = enumerate(setup.constraints_on(projection))
    softened = [renamed(one.soften, _names(one, number)) for number, one in constraints if one.soften]
    changed = f"w = {before} - {rate} * step"
    if softened:
        changed = "\n".join([f"change = -{rate} * step", *softened, f"w = {before} + change"])
    duration = "" if setup.is_per_second(setup.network.projection(projection)) else "window_duration * "
    return "\n".join([f"gradient = g / ({duration}{size})", optimizer, changed, "g = 0"])


def _project(parts: Parts, name: str, constraint: Constraint, number: int, visited: Visits) -> None:
    """Let weights be what they may be, after an update or at the end of a trial."""
    projection = name.removeprefix("w_")
    mark = parts.setup.mark_of(parts.setup.network.projection(projection))
    gate = f"constrain{mark}" if constraint.at == "update" else "settle"
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
    code = renamed(constraint.project, names)
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
