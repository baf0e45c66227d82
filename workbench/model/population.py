"""The layers of a network with what a rule lets their neurons do: inputs, hidden layers, readout."""

from typing import Literal

import brian2
from brian2 import NeuronGroup, Synapses

from workbench.declare.network import Network
from workbench.declare.projection import Projection
from workbench.model import neurons as layers
from workbench.model import readout, schedule, spikes
from workbench.model import renaming as names
from workbench.model import synapses as connections
from workbench.model.assembly import Parts
from workbench.model.bindings import Binding
from workbench.model.constraint_names import totals_onto
from workbench.model.feedback.by_rule import reads_spikes_of, sums_declared_at
from workbench.model.graded import emitting
from workbench.model.heard_reward import hears_reward
from workbench.model.layer_sums import add_sums, declared_for_sums, declared_over_synapses
from workbench.model.learning_slot import learning_code
from workbench.model.renaming import held_numbers
from workbench.model.reward import DECLARED
from workbench.model.rule_text import RuleText
from workbench.model.setup import Setup
from workbench.text.syntax import identifiers, statements, substituted, with_substituted


def add_layers(parts: Parts, targets: brian2.TimedArray) -> None:
    """Add all layers of neurons.

    Parameters
    ----------
    parts : Parts
        Gets the layers.
    targets : TimedArray
        Table of targets, (trial or step, output).
    """
    setup = parts.setup
    network = setup.network
    told = _reads_spiked(parts, "inputs")
    extra = [f"{names.SPIKED} : 1"] if told else []
    layers.add_neurons(parts, layers.Layer("inputs", network.n_inputs), _outgoing(parts, "inputs"), extra)
    spikes.give_spikes(parts, "inputs", setup.event_capacity)
    if told:
        layers.add_spiked(parts, "inputs", graded=False)
    for name in network.layers[:-1]:
        _add_hidden(parts, name, network.layer_sizes[name])
    extra = [readout.variables(parts), *_arriving(network, "readout"), *_totals(setup, "readout")]
    extra += sums_declared_at(parts, "readout")
    extra += declared_over_synapses(parts, "readout")
    extra += [*emitting(parts, "readout"), *(DECLARED if hears_reward(setup) else ())]
    if network.readout.spiking:
        extra += _surrogate_variables(setup)
    wanted = readout.wanted_filter(setup)
    told = _reads_spiked(parts, "readout")
    code, more, states = _learning(parts, "readout")
    extra += [*more, *([f"{names.SPIKED} : 1"] if told else [])]
    outputs = layers.Layer("readout", network.n_outputs, *parts.model_of("readout"))
    layers.add_neurons(parts, outputs, _outgoing(parts, "readout"), extra, [parts.rule], states, wanted)
    readout.add_loss(parts, "readout", network.readout.output, targets)
    if told:
        layers.add_spiked(parts, "readout", graded=False)
    if network.readout.spiking:
        _add_surrogate(parts, "readout")
        _add_pool(parts, "readout")
        _observe(parts, "readout")
    add_sums(parts, "readout", parts.rule.sums("output_step"), 0)
    if code:
        # Of wanted spikes, what an output sees in a step is whether one is due.
        aim = with_substituted(code, {"target": "due"}) if setup.targets == "spikes" else code
        _run_step(parts, "readout", aim, schedule.OUTPUT_STEP)
    for projection in network.all_projections:
        if projection.delay and projection.terminals not in parts.groups:
            _add_terminals(parts, projection)


def _add_terminals(parts: Parts, projection: Projection) -> None:
    """Add a group that repeats a source's spikes after a delay, and keeps the traces of synapses that they reach."""
    name = projection.terminals
    told = _reads_spiked(parts, name)
    extra = [f"{names.SPIKED} : 1"] if told else []
    layers.add_neurons(parts, layers.Layer(name, projection.ends[0]), _outgoing(parts, name), extra)
    spikes.delay_spikes(parts, name, projection.source, projection.delay)
    if told:
        layers.add_spiked(parts, name, graded=False)


def _outgoing(parts: Parts, group: str) -> list[layers.Outgoing]:
    """Return the synapses for which a group keeps traces, once where those to several layers need the same."""
    network = parts.setup.network
    found: dict[tuple[str, str], layers.Outgoing] = {}
    for projection in network.all_projections:
        # Where weights learn from events, nobody reads the traces of spikes.
        if projection.terminals != group or projection.name in parts.forms or parts.traces_in_synapses(projection):
            continue
        rule, (model, source) = parts.rule_of(projection), parts.model_of(projection.target)
        if rule.pre:
            found[rule.mark, source] = layers.Outgoing(rule, model, source)
    return list(found.values())


def _reads_spiked(parts: Parts, group: str) -> bool:
    """Return whether a rule reads which neurons of a group spike, at either end of a synapse."""
    for item in parts.setup.network.all_projections:
        if item.terminals != group:
            continue
        learns = parts.setup.learns_by_rule(item) and item.name not in parts.forms
        if learns and parts.rule_of(item).reads(f"{names.SPIKED}_pre", "synapse"):
            return True
        if parts.traces_in_synapses(item):
            return True
    if reads_spikes_of(parts, group):
        return True
    if group != "readout":
        return any(_reads_of_target(rule, "on_step", names.SPIKED) for rule in parts.rules_onto(group))
    if parts.setup.network.decision.reads(names.SPIKED):
        return True
    if parts.readout_rule is not parts.rule:
        return parts.rule.reads(names.SPIKED, "output_step")
    return _reads_of_target(parts.rule, "output_step", names.SPIKED)


def _reads_of_target(rule: RuleText, step: Literal["on_step", "output_step"], name: str) -> bool:
    """Return whether a rule, or what its neurons do in each step, reads a variable of a synapse's target."""
    at_post = rule.reads(name, "post") or rule.reads(f"{name}_post", "synapse")
    return at_post or rule.reads(name, "relay") or rule.reads(name, step)


def _arriving(network: Network, layer: str) -> list[str]:
    """Return the variables in which a layer gets what neurons without spikes send it."""
    graded = [item for item in network.all_projections if item.target == layer and not network.spikes(item.source)]
    return [f"{names.arriving_by(item.name)} : 1" for item in graded]


def _totals(setup: Setup, layer: str) -> list[str]:
    """Return the variables in which a layer holds what its weights add up to, where these are held to it."""
    return [f"{name} : 1" for name in totals_onto(setup, layer)]


def _add_hidden(parts: Parts, name: str, size: int) -> None:
    setup = parts.setup
    model, source = parts.model_of(name)
    rules = parts.rules_onto(name)
    extra = [*_surrogate_variables(setup), *_totals(setup, name), *_arriving(setup.network, name)]
    extra += declared_over_synapses(parts, name)
    extra += sums_declared_at(parts, name)
    extra += emitting(parts, name)
    if any(rule.relay for rule in rules):
        extra += [f"{parts.rule.signal} : 1", "relay : 1"]
    told = _reads_spiked(parts, name)
    if told:
        extra.append(f"{names.SPIKED} : 1")
    driven = any(_reads_of_target(rule, "on_step", names.DRIVE) for rule in rules)
    if driven:
        extra.append(f"{names.DRIVE} : 1")
    code, declared, states = _learning(parts, name)
    layer = layers.Layer(name, size, model, source)
    layers.add_neurons(parts, layer, _outgoing(parts, name), [*extra, *declared], rules, states)
    if told:
        layers.add_spiked(parts, name, graded=not model.spiking)
    if driven:
        drive = model.drive or model.output
        parts.run_code(name, "drive", f"{names.DRIVE} = {drive}", schedule.SURROGATE, "learning", gate="learning")
    _add_surrogate(parts, name, bool(rules))
    _add_pool(parts, name)
    distance = setup.network.layers[::-1].index(name)
    for rule in rules:
        add_sums(parts, name, rule.sums("on_step"), distance)
    if code:
        _run_step(parts, name, code, schedule.post(distance))
    if model.spiking:
        _observe(parts, name)


def _learning(parts: Parts, layer: str) -> tuple[str, list[str], dict[str, str]]:
    """Return what the neurons of a layer do for the rule in each step, what that declares, and what starts from 0."""
    at_output = layer == "readout"
    where: Literal["on_step", "output_step"] = "output_step" if at_output else "on_step"
    lines, declared, states = list[str](), list[str](), dict[str, str]()
    for rule in [parts.rule] if at_output else parts.rules_onto(layer):
        lines.append(rule.output_step if at_output else rule.on_step)
        declared += [f"{name} : 1" for name in rule.states(where)]
        declared += declared_for_sums(parts, rule.sums(where))
        states |= dict.fromkeys(rule.states(where), "1")
        post = rule.post if not at_output or rule.rule.trains_readout else ()
        if post:
            code, needed = learning_code(parts, layer, post, names.held_of(*parts.model_of(layer)) | rule.held())
            lines.append(code)
            declared += needed
            states |= {item.name: item.unit for item in post}
    return "\n".join(filter(None, lines)), declared, states


def _run_step(parts: Parts, layer: str, code: str, slot: schedule.Slot) -> None:
    """Let the neurons of a layer run statements in each step in which they learn."""
    for scalar in ("elapsed", "ends"):
        if any(scalar in identifiers(expression) for _, expression in statements(code)):
            parts.refer(layer, scalar, "clock")
    parts.run_code(layer, "learn", code, slot, "learning", gate="learning")


def _surrogate_variables(setup: Setup) -> list[str]:
    """Return what a layer needs for the surrogate derivative of its spikes."""
    return ["psi : 1", *(f"{held} : 1 (shared)" for held in held_numbers(setup.network.surrogate).values())]


def _add_surrogate(parts: Parts, name: str, read: bool = True) -> None:
    """Let a layer keep the surrogate derivative of its spikes, if it is read."""
    held = held_numbers(parts.setup.network.surrogate)
    parts.bindings += [Binding(f"{name}.{variable}", f"surrogate.{number}") for number, variable in held.items()]
    if read:
        code = surrogate_code(parts.setup, name)
        parts.run_code(name, "surrogate", code, schedule.SURROGATE, "learning", gate="learning")
        parts.refer(name, "learning", "clock")


def _add_pool(parts: Parts, name: str) -> None:
    """Let the neurons of a layer know how many of them spike, where their model reads it."""
    model = parts.setup.network.model_of(name)
    if not model.pooled:
        return
    pool, pooling = f"{name}_pool", f"{name}_pooling"
    parts.add(pool, NeuronGroup(1, "count : 1", name=f"{pool}*", namespace={}), "forward")
    parts.run_code(pool, "empty", "count = 0", schedule.CLEAR_POOL, "forward")
    synapses = Synapses(
        parts.groups[name], parts.groups[pool], on_pre={"gather": "count_post += 1"}, name=f"{pooling}*"
    )
    connections.all_to_all(synapses, len(parts.groups[name]), 1)
    synapses.gather.when, synapses.gather.order = schedule.PROPAGATE
    parts.add(pooling, synapses, "forward")
    parts.groups[name].variables.add_reference("pooled", parts.groups[pool], "count", index="0")
    parts.run_code(name, "pool", model.pooled, schedule.ARRIVE, "forward")


def _observe(parts: Parts, name: str) -> None:
    """Let a layer be given spikes in place of its own, if there is room for them, and record its spikes."""
    if parts.setup.forced_capacity:
        spikes.give_spikes(parts, name, parts.setup.forced_capacity)
    spikes.add_spike_monitor(parts, name)


def surrogate_code(setup: Setup, layer: str = "hidden1") -> str:
    """Return the statement that takes the derivative of a neuron's output at the membrane potential of the decision."""
    model = setup.network.model_of(layer)
    if not model.spiking:
        return "psi = per_step"
    surrogate = setup.network.surrogate
    derivative = substituted(surrogate.derivative, {"drive": model.drive, **held_numbers(surrogate)})
    return f"psi = int(not ({model.refractory})) * ({derivative})" if model.refractory else f"psi = {derivative}"
