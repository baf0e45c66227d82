"""The synapses: forward weights, and what they learn."""

from dataclasses import replace
from typing import Any

import numpy as np
from brian2 import Synapses

from workbench.common.errors import RuleError
from workbench.declare.projection import Projection
from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.bindings import Binding
from workbench.model.events.online import Visits, visits
from workbench.model.graded import in_proportion
from workbench.model.integration import integration
from workbench.model.learning_slot import learning_code
from workbench.model.neurons import add_keeping
from workbench.model.noise import add_noise
from workbench.model.outlasting import KEPT
from workbench.model.renaming import (
    IN_SYNAPSE,
    OWN,
    SPIKED,
    TARGET,
    Held,
    arriving_by,
    held_of,
    held_of_readout,
    own_names,
    summed_over,
)
from workbench.model.transmission import sent_by
from workbench.model.updates import add_update, declared_by_host, kept_by_host, summed_by_host
from workbench.text.equations import root_cause
from workbench.text.syntax import changes, substituted, with_substituted

_TARGET = f"{IN_SYNAPSE}{TARGET}"


def all_to_all(synapses: Synapses, n_pre: int, n_post: int) -> None:
    """Connect with explicit indices, presynaptic neuron by presynaptic neuron, so that arrays are (n_pre, n_post)."""
    pre, post = np.repeat(np.arange(n_pre), n_post), np.tile(np.arange(n_post), n_pre)
    # Without a namespace Brian2 would look for names in the functions that call this one.
    synapses.connect(i=pre, j=post, namespace={})


def add_synapses(
    parts: Parts,
    projection: Projection,
    further: str = "",
) -> None:
    """Add the weights ``w_<projection>``, with the variables by which they learn.

    Parameters
    ----------
    parts : Parts
        Gets the synapses.
    projection : Projection
        The weights.
    further : str
        What they declare besides, for a pathway by which they carry the learning signal back themselves.
    """
    setup = parts.setup
    name = f"w_{projection.name}"
    layer, source = projection.target, projection.source
    code, learns = _plasticity(parts, projection)
    declared = ["w : 1", *learns, *([further] if further else [])]
    graded = not setup.network.spikes(source)
    arriving = arriving_by(projection.name)
    if graded:
        declared.append(f"{arriving}_post = w * emitted_pre : 1 (summed)")
    share = f" * {sent_by(projection)}_pre" if projection.transmits is not None else ""
    arrives = "" if graded else f"{projection.receptor}_post += w{share}"
    synapses = _synapses(parts, projection, "\n".join(declared), arrives)
    parts.add(name, synapses, "forward")
    if learns:
        add_noise(parts, name, projection.n_synapses, parts.rule_of(projection).rule.noise, "learning", "learning")
    if graded:
        pin_summed(synapses, f"{arriving}_post", schedule.PROPAGATE)
        parts.run_code(layer, "arrive", f"{projection.receptor} += {arriving}", schedule.ARRIVE, "forward")
    else:
        synapses.pre.when, synapses.pre.order = schedule.PROPAGATE
    if learns:
        rule = parts.rule_of(projection)
        for variable in (f"{summed_over(projection.name, summed)}_post" for summed, _ in rule.synapse_sums):
            parts.tag(pin_summed(synapses, variable, schedule.SUM), "learning", "learning")
        own = rule.pre if parts.traces_in_synapses(projection) else ()
        states = [item.name for item in (*own, *rule.synapse)]
        _add_learning(parts, name, code, states, visits(parts, projection))


def _plasticity(parts: Parts, projection: Projection) -> tuple[str, list[str]]:
    """Return what synapses do in each step to learn, and what that declares; nothing where they do not learn."""
    name = f"w_{projection.name}"
    rule = parts.rule_of(projection)
    if not rule.synapse:
        return "", []
    model, source = parts.model_of(projection.target)
    readout = parts.setup.network.readout
    held = held_of(model, source, _TARGET) | held_of_readout(readout) | rule.held(IN_SYNAPSE)
    equations = own_names(rule.synapse, model, _TARGET)
    target = {f"{name}_post": f"{_TARGET}{name}" for name, _ in model.parameters}
    paired = {f"{name}_pre": f"{summed_over(projection.name, name)}_pre" for name, _ in rule.pair_sums}
    sums = [(name, substituted(text, target | paired)) for name, text in rule.synapse_sums]
    traces, traced = "", list[str]()
    if parts.traces_in_synapses(projection):
        traces, traced = _traces(parts, projection, held)
        read = {f"{item.name}_pre": item.name for item in rule.pre}
        equations = tuple(replace(item, expression=substituted(item.expression, read)) for item in equations)
        sums = [(name, substituted(text, read)) for name, text in sums]
    seen = {f"{name}_post": f"{summed_over(projection.name, name)}_post" for name, _ in sums} | paired
    equations = tuple(replace(item, expression=substituted(item.expression, seen)) for item in equations)
    (estimate,) = [item for item in equations if item.name == "g"]
    filters = [item for item in equations if item.name != "g"]
    code, needed = learning_code(parts, name, filters, held)
    code = "\n".join(filter(None, [traces, code, f"g = g + dt * ({estimate.expression})"]))
    declared = ["g : second", *needed, *traced, *(f"{noise} : 1" for noise, _ in rule.rule.noise)]
    outlasting = parts.outlasting.get(name, ())
    own = rule.pre if traces else ()
    declared += [f"{KEPT}{item.name} : {item.unit}" for item in (*own, *filters) if item.name in outlasting]
    declared += [f"{variable} : 1" for variable in kept_by_host(parts.setup, projection.name)]
    declared += declared_by_host(parts.setup, projection.name) + summed_by_host(parts.setup, projection.name)
    declared += held.declarations()
    declared += [f"{summed_over(projection.name, name)}_post = {text} : 1 (summed)" for name, text in sums]
    parts.bindings.extend(Binding(f"{name}.{key}", number) for key, number in held.numbers.items())
    return code, declared


def _traces(parts: Parts, projection: Projection, held: Held) -> tuple[str, list[str]]:
    """Return what each synapse does in a step to the traces of its source's spikes, and what that declares.

    The statements are those of a source whose traces all its targets share, in their order.
    """
    name, rule = f"w_{projection.name}", parts.rule_of(projection)
    model, _ = parts.model_of(projection.target)
    numbers = {f"{OWN}{key}": f"{IN_SYNAPSE}{OWN}{key}" for key, _ in rule.rule.numbers}
    equations = tuple(
        replace(item, expression=substituted(item.expression, numbers)) for item in own_names(rule.pre, model, _TARGET)
    )
    way = rule.method_of_traces(model)
    method, entries = integration(parts, name, [(equations, way)], held)
    lines = [method(())]
    if not parts.setup.network.spikes(projection.source):
        jumps = with_substituted(in_proportion(rule), {**numbers, "emitted": "emitted_pre"})
        return "\n".join([*lines, jumps]), [*(f"{item.name} : {item.unit}" for item in equations), *entries]
    for target, sign, amount in changes(rule.pre_on_spike):
        amount = substituted(amount, numbers)
        if sign == "+":
            lines.append(f"{target} = {target} + ({amount}) * {SPIKED}_pre")
        else:
            new = f"{target} {sign} ({amount})" if sign else amount
            lines.append(f"{target} = int({SPIKED}_pre > 0.5) * ({new}) + int({SPIKED}_pre < 0.5) * {target}")
    return "\n".join(lines), [*(f"{item.name} : {item.unit}" for item in equations), *entries]


def _synapses(parts: Parts, projection: Projection, declared: str, on_pre: str) -> Synapses:
    source, target = parts.groups[projection.terminals], parts.groups[projection.target]
    name = f"w_{projection.name}*"
    try:
        synapses = Synapses(source, target, declared, on_pre=on_pre or None, name=name, namespace={})
    except (ValueError, TypeError, SyntaxError) as error:
        rule = parts.rule_of(projection).rule.name
        raise RuleError(f"Rule '{rule}', `synapse`: {root_cause(error)}") from error
    if projection.dense:
        all_to_all(synapses, source.N, target.N)
    else:
        synapses.connect(i=projection.indices.pre, j=projection.indices.post, namespace={})
    return synapses


def _add_learning(parts: Parts, name: str, code: str, states: list[str], visited: Visits) -> None:
    parts.run_template(name, "learn", visited.template, schedule.LEARN, "learning", "learning", code, **visited.told)
    cleared = [state for state in states if state != "g"]
    if cleared:
        outlasting = parts.outlasting.get(name, ())
        clear = "\n".join(f"{state} = {f'{KEPT}{state}' if state in outlasting else '0'}" for state in cleared)
        parts.run_code(name, "clear", clear, schedule.TRIAL_START, "clock", gate="trial_start")
        add_keeping(parts, name)
    add_update(parts, name, visited)


def pin_summed(synapses: Synapses, variable: str, slot: schedule.Slot) -> Any:
    """Put the update of a summed variable into a slot, and return it."""
    updater = synapses.summed_updaters[variable]
    updater.when, updater.order = slot
    return updater
