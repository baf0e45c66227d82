"""The synapses: forward weights, and what they learn."""

from typing import Any

import numpy as np
from brian2 import Synapses

from workbench.common.errors import RuleError
from workbench.declare.network import Projection
from workbench.declare.neuron import NeuronModel
from workbench.declare.rule import Rule
from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.integration import scalar_declarations
from workbench.model.learning_slot import learning_code
from workbench.model.renaming import (
    IN_SYNAPSE,
    TARGET,
    arriving_from,
    constants_of,
    numbers_of,
    own_names,
    units_of_numbers,
)
from workbench.model.setup import Binding, Setup
from workbench.text.equations import parse_differential, root_cause

_TARGET = f"{IN_SYNAPSE}{TARGET}"


def all_to_all(synapses: Synapses, n_pre: int, n_post: int) -> None:
    """Connect with explicit indices, presynaptic neuron by presynaptic neuron, so that arrays are (n_pre, n_post)."""
    pre, post = np.repeat(np.arange(n_pre), n_post), np.tile(np.arange(n_post), n_pre)
    # Without a namespace Brian2 would look for names in the functions that call this one.
    synapses.connect(i=pre, j=post, namespace={})


def add_synapses(
    parts: Parts,
    projection: Projection,
    rule: Rule,
    target: tuple[NeuronModel, str],
    further: str = "",
) -> None:
    """Add the weights ``w_<projection>``, with the variables by which they learn.

    Parameters
    ----------
    parts : Parts
        Gets the synapses.
    projection : Projection
        The weights.
    rule : Rule
        Of these synapses; without equations they do not learn.
    target : NeuronModel and str
        Of the layer, and where its numbers are.
    further : str
        What they declare besides, for a pathway by which they carry the learning signal back themselves.
    """
    setup = parts.setup
    name = f"w_{projection.name}"
    layer, source = projection.target, projection.source
    target_model, target_source = target
    written = parse_differential(rule.synapse, f"Rule '{rule.name}', `synapse`", RuleError)
    equations = own_names(written, target_model, _TARGET)
    constants = constants_of(target_model, target_source, _TARGET) | constants_of(
        setup.network.readout, "readout", suffix="_readout"
    )
    constants |= numbers_of(rule, IN_SYNAPSE)
    units = {f"{_TARGET}{key}": unit for key, unit in target_model.units().items()}
    units |= {f"{key}_readout": unit for key, unit in setup.network.readout.units().items()}
    units |= units_of_numbers(rule, IN_SYNAPSE)
    plastic = bool(equations)
    declared = ["w : 1"]
    code = ""
    if plastic:
        (estimate,) = [item for item in equations if item.name == "g"]
        filters = [item for item in equations if item.name != "g"]
        code, needed = learning_code(parts, name, filters, constants)
        code += f"\ng = g + dt * ({estimate.expression})"
        declared += ["g : second", *needed]
        declared += [f"{variable} : 1" for variable in kept_by_host(setup, projection.name)]
        declared += [scalar_declarations([key], unit) for key, unit in units.items()]
        parts.bindings.extend(Binding(f"{name}.{key}", number) for key, number in constants.items())
    if further:
        declared.append(further)
    graded = source != "inputs" and not setup.network.neuron.spiking
    arriving = arriving_from(source)
    if graded:
        declared.append(f"{arriving}_post = w * emitted_pre : 1 (summed)")
    ends = (projection.terminals, layer)
    synapses = _synapses(parts, rule, ends, "\n".join(declared), name, "" if graded else "I_post += w")
    parts.add(name, synapses, "forward")
    if graded:
        pin_summed(synapses, f"{arriving}_post", schedule.PROPAGATE)
        parts.run_code(layer, "arrive", f"I += {arriving}", schedule.ARRIVE, "forward")
    else:
        synapses.pre.when, synapses.pre.order = schedule.PROPAGATE
    if plastic:
        _add_learning(parts, name, code, [item.name for item in equations])


def _synapses(parts: Parts, rule: Rule, ends: tuple[str, str], declared: str, name: str, on_pre: str) -> Synapses:
    source, target = (parts.groups[end] for end in ends)
    try:
        synapses = Synapses(source, target, declared, on_pre=on_pre or None, name=f"{name}*", namespace={})
    except (ValueError, TypeError, SyntaxError) as error:
        raise RuleError(f"Rule '{rule.name}', `synapse`: {root_cause(error)}") from error
    all_to_all(synapses, source.N, target.N)
    return synapses


def signal_of(rule: Rule) -> str:
    """Return the variable that carries a rule's learning signal."""
    return rule.signal.name if rule.signal is not None else "error"


def source_of(rule: Rule) -> str:
    """Return the variable that outputs hand down."""
    return rule.signal.source if rule.signal is not None else "error"


def _add_learning(parts: Parts, name: str, code: str, states: list[str]) -> None:
    parts.run_code(name, "learn", code, schedule.LEARN, "learning", gate="learning")
    cleared = [state for state in states if state != "g"]
    if cleared:
        clear = "\n".join(f"{state} = 0" for state in cleared)
        parts.run_code(name, "clear", clear, schedule.TRIAL_START, "clock", gate="trial_start")
    add_update(parts, name)


def kept_by_host(setup: Setup, projection: str) -> tuple[str, ...]:
    """Return the variables that the host keeps for each weight."""
    # Feedback weights that follow read the step.
    return (*setup.optimizer.state, *(("step",) if projection in setup.followed else ()))


def add_update(parts: Parts, name: str) -> None:
    """Let the host change the weights of a group of synapses after each batch."""
    optimizer = parts.setup.optimizer
    decays = name.removeprefix("w_") in parts.setup.followed
    scalars = ["n_updates", "update_size", "learning_rate", "window_duration", *(["feedback_decay"] if decays else [])]
    for scalar in (*scalars, *(key for key, _ in optimizer.parameters)):
        parts.refer(name, scalar, "clock")
    before = "(1 - feedback_decay) * w" if decays else "w"
    changed = f"w = {before} - learning_rate * step"
    update = "\n".join(["gradient = g / (window_duration * update_size)", optimizer.code, changed, "g = 0"])
    parts.run_code(name, "update", update, schedule.UPDATE, "learning", gate="update")


def pin_summed(synapses: Synapses, variable: str, slot: schedule.Slot) -> Any:
    """Put the update of a summed variable into a slot, and return it."""
    updater = synapses.summed_updaters[variable]
    updater.when, updater.order = slot
    return updater
