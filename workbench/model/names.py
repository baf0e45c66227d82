"""Names in equation text: whose constants they are, and what stands in their place."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from workbench.equations import Differential, parse_differential
from workbench.errors import RuleError
from workbench.expressions import identifiers, statements
from workbench.neuron import NeuronModel
from workbench.rule import OnStep, Rule


def constants_of(model: NeuronModel, source: str, prefix: str = "", suffix: str = "") -> dict[str, str]:
    """Return the names of a neuron model's parameters (with a prefix or suffix) -> numbers of the setup."""
    return {f"{prefix}{name}{suffix}": f"{source}.{name}" for name, _ in model.parameters}


#: Neurons hold the numbers of a rule under this prefix, so that no name of theirs is in the way.
OWN = "rule_"

#: A synapse may not name a variable as its neurons do, which hold the same constants.
IN_SYNAPSE = "synapse_"


def numbers_of(rule: Rule, prefix: str = "") -> dict[str, str]:
    """Return the names under which a rule's numbers are held -> numbers of the setup."""
    return {f"{prefix}{OWN}{name}": f"rule.{name}" for name, _ in rule.numbers}


def units_of_numbers(rule: Rule, prefix: str = "") -> dict[str, str]:
    """Return the names under which a rule's numbers are held -> units."""
    return {f"{prefix}{OWN}{name}": unit for name, unit in rule.units().items()}


def as_held(rule: Rule) -> Rule:
    """Return a rule whose texts read its numbers under the names under which they are held."""

    def renamed(text: str, prefix: str = "") -> str:
        for name, _ in rule.numbers:
            text = substitute(text, name, f"{prefix}{OWN}{name}")
        return text

    return replace(
        rule,
        pre=renamed(rule.pre),
        pre_on_spike=renamed(rule.pre_on_spike),
        post=renamed(rule.post),
        on_step=_held(rule.on_step, renamed),
        output_step=_held(rule.output_step, renamed),
        synapse=renamed(rule.synapse, IN_SYNAPSE),
        signal=None if rule.signal is None else replace(rule.signal, relay=renamed(rule.signal.relay)),
    )


def _held(step: OnStep | None, renamed: Callable[[str], str]) -> OnStep | None:
    return None if step is None else replace(step, code=renamed(step.code))


#: Brian2 keeps the suffix ``_post`` for the variables of neurons, so a target's constants are held under this prefix.
TARGET = "target_"


def arriving_from(source: str) -> str:
    """Return the variable in which a layer gets what neurons without spikes send it, of one source."""
    return f"arriving_{source}"


def own_names(equations: Iterable[Differential], target: NeuronModel, prefix: str) -> tuple[Differential, ...]:
    """Return equations in which ``tau_..._post`` reads ``<prefix>tau_...``."""
    renamed = []
    for item in equations:
        expression = item.expression
        for name, _ in target.parameters:
            expression = substitute(expression, f"{name}_post", f"{prefix}{name}")
        renamed.append(replace(item, expression=expression))
    return tuple(renamed)


#: Before the names of the variables of a readout that filter wanted spikes as it filters its own.
WANTED = "wanted_"


#: 1 in the steps in which a neuron spikes, else 0; rules may read it at both ends of a synapse.
SPIKED = "spiked"


#: How far a neuron is above threshold, or the output of one without spikes; rules may read it of hidden neurons.
DRIVE = "drive"


def step_reads(step: OnStep | None, name: str) -> bool:
    """Return whether statements of a rule read a name."""
    return step is not None and any(name in identifiers(expression) for _, expression in statements(step.code))


def reads(rule: Rule, name: str, field: str) -> bool:
    """Return whether an equation of a rule's `post` or `synapse` reads a name."""
    equations = parse_differential(getattr(rule, field), f"Rule '{rule.name}', `{field}`", RuleError)
    return any(name in identifiers(item.expression) for item in equations)


def substitute(expression: str, name: str, text: str) -> str:
    """Return an expression with a name replaced by a piece of text."""
    return re.sub(rf"\b{name}\b", text, expression)
