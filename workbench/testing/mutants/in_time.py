"""Mistakes about when something happens, and to whom."""

from collections.abc import Iterator
from dataclasses import replace

from workbench.catalogue.registry import load_registry
from workbench.declare.rule import Rule
from workbench.declare.rule_parts import OnStep
from workbench.testing.mutants.in_equations import equations_of, reading, with_equations
from workbench.testing.mutants.mutant import Mutant
from workbench.text.equation_text import Equation
from workbench.text.syntax import changes, identifiers, substituted
from workbench.text.time_constants import is_time_constant


def late_by_a_step(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule that reads of the postsynaptic neuron what was there one step before."""
    read = {name for item in equations_of(rule, "synapse") for name in identifiers(item.expression)}
    # A number is what it was, and a sum is none of a neuron's variables.
    others = dict(load_registry().models_for(rule)[0].parameters).keys() | dict(rule.sums).keys()
    for name in sorted(read):
        inner = name.removesuffix("_post")
        if inner == name or {inner, name} & others or is_time_constant(name):
            continue
        outputs = _remembering(rule.output_step, inner) if rule.trains_readout else rule.output_step
        delayed = replace(rule, on_step=_remembering(rule.on_step, inner), output_step=outputs)
        yield Mutant(f"{name} of the step before", "step", reading(delayed, "synapse", name, f"late_{inner}_post"))


def _remembering(step: OnStep | None, name: str) -> OnStep:
    """Return a step in which a neuron keeps what was there one step before."""
    step = step or OnStep(code="")
    return replace(
        step,
        code=f"{step.code}\nlate_{name} = seen_{name}\nseen_{name} = {name}".strip(),
        state=(*step.state, f"late_{name}", f"seen_{name}"),
    )


def exchanged_ends(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule in which the synapse takes one neuron for the other."""
    texts = [item.expression for item in equations_of(rule, "synapse")]
    if any({"spiked_pre", "spiked_post"} & identifiers(text) for text in texts):
        swap = {"spiked_pre": "spiked_post", "spiked_post": "spiked_pre"}
        swapped = tuple(
            replace(item, expression=substituted(item.expression, swap)) for item in equations_of(rule, "synapse")
        )
        yield Mutant("spikes of the other neuron", "ends", with_equations(rule, "synapse", swapped))
    jumps = {target: text for target, sign, text in changes(rule.pre_on_spike) if sign == "+"}
    hidden, readout = load_registry().models_for(rule)
    spiking = hidden.spiking and (readout.spiking or not rule.trains_readout)
    # A neuron without spikes leaves no trace of them.
    if not rule.pre or (jumps and not spiking):
        return
    # The trace of the presynaptic neuron, kept of the postsynaptic one.
    moved = tuple(
        Equation(item.kind, f"own{item.name}", _of_the_target(rule, item, jumps), item.unit, item.line)
        for item in equations_of(rule, "pre")
    )
    changed = with_equations(rule, "post", (*equations_of(rule, "post"), *moved))
    for item in equations_of(rule, "pre"):
        changed = reading(changed, "synapse", f"{item.name}_pre", f"own{item.name}_post")
    yield Mutant("trace of the other neuron", "ends", changed)


def _of_the_target(rule: Rule, item: Equation, jumps: dict[str, str]) -> str:
    """Return the equation of a presynaptic trace as the postsynaptic neuron would keep it."""
    names = {other.name: f"own{other.name}" for other in equations_of(rule, "pre")}
    names |= {name: name.removesuffix("_post") for name in identifiers(item.expression) if name.endswith("_post")}
    jump = f" + ({jumps[item.name]}) * spiked / dt" if item.name in jumps else ""
    return substituted(item.expression, names) + jump


def forgotten_state(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule that begins each trial anew."""
    if rule.persistent:
        yield Mutant("nothing outlives a trial", "state", replace(rule, persistent=()))
