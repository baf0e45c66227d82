"""Names in equation text: whose constants they are, and what stands in their place."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from workbench.common.errors import RuleError
from workbench.declare.neuron import NeuronModel
from workbench.declare.rule import Rule
from workbench.declare.rule_parts import OnStep
from workbench.text.equation_text import differentials, with_substituted_equations
from workbench.text.equations import Differential, parse_differential
from workbench.text.syntax import identifiers, statements, substituted, with_substituted


def constants_of(model: NeuronModel, source: str, prefix: str = "", suffix: str = "") -> dict[str, str]:
    """Return the names of a neuron model's parameters (with a prefix or suffix) -> numbers of the setup."""
    return {f"{prefix}{name}{suffix}": f"{source}.{name}" for name, _ in model.parameters}


#: Neurons hold the numbers of a rule under this prefix. Authors' names have no double underscore, names of the
#: workbench's own that are made from theirs have one, so that neither is taken for the other.
OWN = "rule__"

#: A synapse may not name a variable as its neurons do, which hold the same constants.
IN_SYNAPSE = "synapse__"


def numbers_of(rule: Rule, prefix: str = "") -> dict[str, str]:
    """Return the names under which a rule's numbers are held -> numbers of the setup."""
    return {f"{prefix}{OWN}{name}": f"rule.{name}" for name, _ in rule.numbers}


def units_of_numbers(rule: Rule, prefix: str = "") -> dict[str, str]:
    """Return the names under which a rule's numbers are held -> units."""
    return {f"{prefix}{OWN}{name}": unit for name, unit in rule.units().items()}


def as_held(rule: Rule) -> Rule:
    """Return a rule whose texts read its numbers under the names under which they are held."""
    held = {name: f"{OWN}{name}" for name, _ in rule.numbers}
    signal = rule.signal

    def equations(field: str, held: Mapping[str, str]) -> str:
        found = differentials(getattr(rule, field), f"Rule '{rule.name}', `{field}`", RuleError)
        return with_substituted_equations(found, held)

    return replace(
        rule,
        pre=equations("pre", held),
        pre_on_spike=with_substituted(rule.pre_on_spike, held),
        post=equations("post", held),
        on_step=_held(rule.on_step, held),
        output_step=_held(rule.output_step, held),
        synapse=equations("synapse", {name: f"{IN_SYNAPSE}{text}" for name, text in held.items()}),
        signal=None if signal is None else replace(signal, relay=substituted(signal.relay, held)),
    )


def _held(step: OnStep | None, held: Mapping[str, str]) -> OnStep | None:
    return None if step is None else replace(step, code=with_substituted(step.code, held))


#: Brian2 keeps the suffix ``_post`` for the variables of neurons, so a target's constants are held under this prefix.
TARGET = "target__"


def arriving_from(source: str) -> str:
    """Return the variable in which a layer gets what neurons without spikes send it, of one source."""
    return f"arriving__{source}"


def own_names(equations: Iterable[Differential], target: NeuronModel, prefix: str) -> tuple[Differential, ...]:
    """Return equations in which ``tau_..._post`` reads ``<prefix>tau_...``."""
    held = {f"{name}_post": f"{prefix}{name}" for name, _ in target.parameters}
    return tuple(replace(item, expression=substituted(item.expression, held)) for item in equations)


#: Before the names of the variables of a readout that filter wanted spikes as it filters its own.
WANTED = "wanted__"


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
