"""What a rule must be in a network of some neuron models, before anything is built of it."""

from functools import lru_cache

from brian2 import second
from brian2.units.fundamentalunits import DIMENSIONLESS, Dimension

from workbench.common.errors import ModelError, RuleError, nearest
from workbench.declare.neuron import NeuronModel
from workbench.declare.rule import Rule
from workbench.declare.rule_parts import OnStep
from workbench.model.checks.pairs import check_pairs
from workbench.model.checks.units import EquationText, Units, parameters_in, states_in
from workbench.model.renaming import DRIVE, SPIKED
from workbench.text.equation_text import Differential
from workbench.text.equations import dimension_of
from workbench.text.syntax import identifiers


@lru_cache(maxsize=256)
def check_rule(rule: Rule, neuron: NeuronModel, readout: NeuronModel) -> None:
    """Refuse a rule whose texts do not hold together, or read what these neurons do not have.

    Raises
    ------
    RuleError
        With the line of the rule.
    """
    texts = {
        name: EquationText(f"Rule '{rule.name}'", name, RuleError)
        for name in ("pre", "pre_on_spike", "post", "synapse")
    }
    numbers = {name: dimension_of(unit) for name, unit in rule.units().items()}
    target = parameters_in(neuron, "_post") | numbers
    pre = texts["pre"].equations(rule.pre)
    texts["pre"].check_equations(pre, states_in(pre) | target)
    texts["pre"].check_subexpressions(rule.pre, states_in(pre) | target)
    texts["pre_on_spike"].check_statements(rule.pre_on_spike, states_in(pre), states_in(pre) | numbers)
    of_pairs = check_pairs(rule, pre, numbers)
    post = texts["post"].equations(rule.post)
    synapse = texts["synapse"].equations(rule.synapse)
    hidden = _hidden_names(rule, neuron) | states_in(post) | _states_of(rule.on_step)
    outputs = (
        _output_names(rule, readout) | (states_in(post) if rule.trains_readout else {}) | _states_of(rule.output_step)
    )
    _check_step(rule, "on_step", rule.on_step, neuron, hidden | parameters_in(neuron) | numbers)
    told = {"target": DIMENSIONLESS} | parameters_in(readout) | numbers
    _check_step(rule, "output_step", rule.output_step, readout, outputs | told)
    _refuse_differing(rule, readout, synapse)
    # What learns by the rule finds in its target what the rule reads there.
    ends = [(hidden, neuron)] + ([(outputs, readout)] if rule.trains_readout else [])
    for own, model in ends:
        of_target = own | parameters_in(model) | numbers | {"dt": second.dim}
        texts["post"].check_equations(post, of_target)
        texts["post"].check_subexpressions(rule.post, of_target)
        known = states_in(synapse) | states_in(pre, "_pre") | parameters_in(model, "_post") | numbers
        known |= parameters_in(readout, "_readout") | {f"{SPIKED}_pre": DIMENSIONLESS}
        known |= {name: DIMENSIONLESS for name, _ in rule.noise} | of_pairs
        known |= {f"{name}_post": unit for name, unit in own.items()} | {"w": DIMENSIONLESS, "dt": second.dim}
        known |= _sums(rule, known)
        texts["synapse"].check_equations(synapse, known)
        texts["synapse"].check_subexpressions(rule.synapse, known)
    texts["synapse"].need("'g'", states_in(synapse)["g"], second.dim, "the host divides by time")
    for item in synapse:
        if "g" in identifiers(item.expression):
            raise RuleError(
                f"Rule '{rule.name}', line {item.line} of `synapse`: '{item.expression}' reads 'g', which only adds up "
                "until the host takes it. Give what it should read a variable of its own."
            )
    _check_signal(rule, hidden | parameters_in(neuron) | numbers)


def _sums(rule: Rule, known: Units) -> dict[str, Dimension]:
    """Return what a rule sums up over a neuron's synapses, as these read it, or refuse it."""
    text = EquationText(f"Rule '{rule.name}'", "sums", RuleError)
    for line, (name, expression) in enumerate(rule.sums, 1):
        unit = text.unit_of(expression, {key: value for key, value in known.items() if key != "g"}, line)
        text.need(f"what '{name}' sums up", unit, DIMENSIONLESS, "divide it by a parameter that has this unit")
    return {name: DIMENSIONLESS for name, _ in rule.sums}


def _refuse_differing(rule: Rule, readout: NeuronModel, synapse: tuple[Differential, ...]) -> None:
    """Refuse a rule that reads of the readout, from another layer, what differs between its neurons."""
    for name in sorted(f"{name}_readout" for name in readout.differing):
        if any(name in identifiers(item.expression) for item in synapse):
            number = name.removesuffix("_readout")
            raise RuleError(
                f"Rule '{rule.name}', `synapse`: '{name}' is no one number, since '{number}' differs between the "
                f"neurons of readout '{readout.name}'. Give these one value, or take another rule."
            )


def _check_signal(rule: Rule, known: Units) -> None:
    """Refuse a signal that comes of nothing that outputs have, or is handed down as what no hidden neuron has."""
    if rule.signal is None:
        return
    relay = EquationText(f"Rule '{rule.name}'", "relay", RuleError)
    relay.unit_of(rule.signal.relay, known, 1)
    handed = ("error", *(() if rule.output_step is None else rule.output_step.state))
    if rule.signal.source not in handed:
        raise RuleError(
            f"Rule '{rule.name}': its signal comes from '{rule.signal.source}', no state of its `output_step`. "
            f"{nearest(rule.signal.source, handed)}"
        )


def _hidden_names(rule: Rule, neuron: NeuronModel) -> dict[str, Dimension]:
    """Return what a rule may read of a hidden neuron, besides its parameters and the rule's own."""
    names = states_in(EquationText(f"Neuron '{neuron.name}'", "equations", ModelError).equations(neuron.equations))
    signal = {} if rule.signal is None else {rule.signal.name: DIMENSIONLESS}
    names |= {name: DIMENSIONLESS for name, _ in neuron.noise}
    return names | signal | {"psi": DIMENSIONLESS, DRIVE: DIMENSIONLESS, SPIKED: DIMENSIONLESS}


def _output_names(rule: Rule, readout: NeuronModel) -> dict[str, Dimension]:
    """Return the same of an output."""
    names = states_in(EquationText(f"Neuron '{readout.name}'", "equations", ModelError).equations(readout.equations))
    spiking = {"psi": DIMENSIONLESS, SPIKED: DIMENSIONLESS} if readout.spiking else {}
    return names | spiking | {"error": DIMENSIONLESS}


def _states_of(step: OnStep | None) -> dict[str, Dimension]:
    return {} if step is None else dict.fromkeys(step.state, DIMENSIONLESS)


def _check_step(rule: Rule, field: str, step: OnStep | None, model: NeuronModel, known: Units) -> None:
    """Refuse statements of a rule that set what they may not, or read what is not there."""
    if step is None:
        return
    text = EquationText(f"Rule '{rule.name}'", field, RuleError)
    names = states_in(EquationText(f"Neuron '{model.name}'", "equations", ModelError).equations(model.equations))
    for name in step.writes:
        if name not in names:
            raise RuleError(f"{text.where} writes '{name}', which is not of the neuron. {nearest(name, names)}")
    may_set = _states_of(step) | {name: names[name] for name in step.writes}
    may_set |= {"error": DIMENSIONLESS} if field == "output_step" else {}
    seen = dict(known) | {"dt": second.dim, "elapsed": DIMENSIONLESS, "ends": DIMENSIONLESS}
    seen |= {"answered": DIMENSIONLESS, "brought": DIMENSIONLESS} if field == "output_step" else {}
    for name, expression in step.sums:
        unit = text.unit_of(expression, seen, 1)
        text.need(f"what '{name}' sums up", unit, DIMENSIONLESS, "divide it by a parameter that has this unit")
    seen |= {name: DIMENSIONLESS for name, _ in step.sums}
    text.check_statements(step.code, may_set, seen)
