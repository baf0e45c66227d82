"""Feedback weights that learn by a rule of their own, in a phase without a task."""

from dataclasses import replace

from workbench.common.errors import RuleError
from workbench.declare.feedback_rule import FeedbackRule
from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.bindings import Binding
from workbench.model.feedback.clock_driven import MIRROR, add_carrier, mirror, noise_added, noise_declared, way_up
from workbench.model.learning_slot import learning_code
from workbench.model.renaming import Held
from workbench.model.synapses import pin_summed
from workbench.text.equation_text import Differential
from workbench.text.equations import parse_differential
from workbench.text.syntax import identifiers, substituted

#: Before the names of what a feedback rule has, beside those of the learning signal.
OWN = "feedback__"

#: What it descends along.
ESTIMATE = f"{OWN}g"


def rule_of(parts: Parts) -> FeedbackRule:
    """Return the rule of the feedback weights."""
    rule = parts.setup.pathway.rule
    # A pathway whose weights learn by a rule has one.
    assert rule is not None
    return rule


def reads_spikes_of(parts: Parts, group: str) -> bool:
    """Return whether the rule of feedback weights reads a group's spikes, at either end of theirs."""
    rule, network = parts.setup.pathway.rule, parts.setup.network
    if rule is None or parts.rule.rule.signal is None:
        return False
    texts = [*(item.expression for item in _equations(rule)), *dict(rule.sums).values()]
    read = {name for text in texts for name in identifiers(text)}
    ways = [network.way_up(layer) for layer in network.learning_layers]
    above = {way.target for way in ways if way is not None and network.spikes(way.target)}
    return (group in network.learning_layers and "spiked_post" in read) or (group in above and "spiked_pre" in read)


def sums_declared_at(parts: Parts, group: str) -> list[str]:
    """Return the variables in which neurons of a group hold what the rule sums up over their feedback synapses."""
    rule, network = parts.setup.pathway.rule, parts.setup.network
    if rule is None or not parts.setup.mirrors:
        return []
    found = []
    for layer in network.learning_layers:
        ends = {"pre": way_up(parts, layer).target, "post": layer}
        names = [name.rpartition("_") for name, _ in rule.sums]
        found += [f"{_sum(base, layer)} : 1" for base, _, end in names if ends[end] == group]
    return found


def _sum(base: str, layer: str) -> str:
    """Return what a neuron calls a sum over feedback synapses to a layer, of which it may have several."""
    return f"{OWN}{base}__{layer}"


def _equations(rule: FeedbackRule) -> tuple[Differential, ...]:
    return parse_differential(rule.synapse, f"FeedbackRule '{rule.name}', `synapse`", RuleError)


def add_by_rule(parts: Parts, layer: str, source: str, distance: int, variable: str) -> None:
    """Add weights ``b_<layer>`` that learn by the pathway's rule; else as `clock_driven.add_fixed`."""
    rule, name = rule_of(parts), f"b_{layer}"
    renamed = {key: f"{OWN}{key}" for key in (*(item.name for item in _equations(rule)), *rule.units())}
    for key, _ in rule.sums:
        base, _, end = key.rpartition("_")
        renamed[key] = f"{_sum(base, layer)}_{end}"
    equations = [
        replace(item, name=renamed[item.name], expression=substituted(item.expression, renamed))
        for item in _equations(rule)
    ]
    held = Held(
        {renamed[key]: f"feedback_rule.{key}" for key in rule.units()},
        {renamed[key]: unit for key, unit in rule.units().items()},
    )
    (grows,) = [item for item in equations if item.name == ESTIMATE]
    filters = [item for item in equations if item.name != ESTIMATE]
    code, declared = learning_code(parts, name, filters, held)
    sums = {renamed[key]: substituted(expression, renamed) for key, expression in rule.sums}
    declared = ["b : 1", *declared, f"{ESTIMATE} : second", *held.declarations(), *noise_declared(parts)]
    declared += [f"{key} = {expression} : 1 (summed)" for key, expression in sums.items()]
    declared += [MIRROR] if rule.copies else []
    carrier = add_carrier(parts, layer, source, distance, f"b * {variable}_pre", "\n".join(declared))
    if rule.copies:
        mirror(parts, carrier, layer)
    parts.bindings.extend(Binding(f"{name}.{key}", number) for key, number in held.numbers.items())
    estimate = f"{ESTIMATE} = {ESTIMATE} + dt * ({grows.expression})"
    if sums:
        parts.run_code(name, "filter", code, schedule.LEARN, "learning", gate="mirroring")
        for key in sums:
            parts.tag(pin_summed(carrier, key, schedule.FEEDBACK_SUM), "learning", "mirroring")
        parts.run_code(name, "mirror", estimate, schedule.FEEDBACK_LEARN, "learning", gate="mirroring")
    else:
        parts.run_code(name, "mirror", f"{code}\n{estimate}", schedule.LEARN, "learning", gate="mirroring")
    if filters:
        clear = "\n".join(f"{item.name} = 0" for item in filters)
        parts.run_code(name, "clear", clear, schedule.TRIAL_START, "clock", gate="trial_start")
    _add_step(parts, layer)


def _add_step(parts: Parts, layer: str) -> None:
    """Let feedback weights take their step when trials of the phase say so."""
    name = f"b_{layer}"
    for scalar in ("feedback_rate", "duration", "update_size"):
        parts.refer(name, scalar, "clock")
    noise = noise_added(parts, layer, "mirror_update")
    step = f"b = b - feedback_rate * {ESTIMATE} / (duration * update_size){noise}\n{ESTIMATE} = 0"
    parts.run_code(name, "follow", step, schedule.FOLLOW, "learning", gate="mirror_update")
