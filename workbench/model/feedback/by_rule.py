"""Feedback weights that learn by a rule of their own, in a phase without a task."""

from dataclasses import replace

from workbench.common.errors import RuleError
from workbench.declare.feedback_rule import FeedbackRule
from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.bindings import Binding
from workbench.model.feedback.clock_driven import add_carrier
from workbench.model.learning_slot import learning_code
from workbench.model.renaming import Held
from workbench.text.equations import Differential, parse_differential
from workbench.text.syntax import identifiers, substituted

#: Before the names of what a feedback rule has, beside those of the learning signal.
OWN = "feedback__"


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
    read = {name for item in _equations(rule) for name in identifiers(item.expression)}
    ways = [network.way_up(layer) for layer in network.learning_layers]
    above = {way.target for way in ways if way is not None and network.spikes(way.target)}
    return (group in network.learning_layers and "spiked_post" in read) or (group in above and "spiked_pre" in read)


def _equations(rule: FeedbackRule) -> tuple[Differential, ...]:
    return parse_differential(rule.synapse, f"FeedbackRule '{rule.name}', `synapse`", RuleError)


def add_by_rule(parts: Parts, layer: str, source: str, distance: int, variable: str) -> None:
    """Add weights ``b_<layer>`` that learn by the pathway's rule; else as `clock_driven.add_fixed`."""
    rule, name = rule_of(parts), f"b_{layer}"
    renamed = {item.name: f"{OWN}{item.name}" for item in _equations(rule)}
    renamed |= {item.name: f"{OWN}{item.name}" for item in rule.parameters}
    equations = [
        replace(item, name=renamed[item.name], expression=substituted(item.expression, renamed))
        for item in _equations(rule)
    ]
    held = Held(
        {renamed[key]: f"feedback_rule.{key}" for key in rule.units()},
        {renamed[key]: unit for key, unit in rule.units().items()},
    )
    estimate = f"{OWN}g"
    (grows,) = [item for item in equations if item.name == estimate]
    filters = [item for item in equations if item.name != estimate]
    code, declared = learning_code(parts, name, filters, held)
    declared = [*declared, f"{estimate} : second", *held.declarations()]
    add_carrier(parts, layer, source, distance, f"b * {variable}_pre", "\n".join(["b : 1", *declared]))
    parts.bindings.extend(Binding(f"{name}.{key}", number) for key, number in held.numbers.items())
    learn = "\n".join([code, f"{estimate} = {estimate} + dt * ({grows.expression})"])
    parts.run_code(name, "mirror", learn, schedule.LEARN, "learning", gate="mirroring")
    if filters:
        clear = "\n".join(f"{item.name} = 0" for item in filters)
        parts.run_code(name, "clear", clear, schedule.TRIAL_START, "clock", gate="trial_start")
    for scalar in ("feedback_rate", "duration", "update_size"):
        parts.refer(name, scalar, "clock")
    step = f"b = b - feedback_rate * {estimate} / (duration * update_size)\n{estimate} = 0"
    parts.run_code(name, "follow", step, schedule.FOLLOW, "learning", gate="mirror_update")
