"""Mistakes in the neurons and weights that a rule brings along."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from workbench.declare.circuit import Circuit, CircuitProjection, number_of
from workbench.declare.completed import rule_of
from workbench.declare.rule import Rule
from workbench.testing.mutants.in_equations import (
    dropped_factors,
    flipped_terms,
    missing_filters,
    wrong_sizes,
    wrong_times,
)
from workbench.testing.mutants.in_statements import flipped_steps
from workbench.testing.mutants.in_time import exchanged_ends
from workbench.testing.mutants.mutant import Mutant

#: What can be wrong about the equations by which a projection learns.
_OF_EQUATIONS: tuple[Callable[[Rule], Iterator[Mutant]], ...] = (
    wrong_sizes,
    flipped_terms,
    missing_filters,
    wrong_times,
    dropped_factors,
    exchanged_ends,
    flipped_steps,
)


def wrong_circuits(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule with a mistake in one of its projections: in what it learns, how it begins, or what it reaches."""
    circuit = rule.circuit
    if circuit is None:
        return
    for number, item in enumerate(circuit.projections):
        for kind, wrongs in (
            ("circuit equation", _learning(rule, item)),
            ("circuit number", _beginning(rule, item)),
            ("circuit ends", _reaching(circuit, item)),
        ):
            for told, changed in wrongs:
                projections = (*circuit.projections[:number], changed, *circuit.projections[number + 1 :])
                wrong = replace(rule, circuit=replace(circuit, projections=projections))
                yield Mutant(f"{item.name}: {told}", kind, wrong)


def _learning(rule: Rule, item: CircuitProjection) -> Iterator[tuple[str, CircuitProjection]]:
    if not item.synapse:
        return
    right = rule_of(item, rule)
    for kind in _OF_EQUATIONS:
        for mutant in kind(right):
            wrong = mutant.rule
            changed = replace(item, pre=wrong.pre, pre_on_spike=wrong.pre_on_spike, synapse=wrong.synapse)
            # What a neuron would have to keep besides has no place in a projection.
            if rule_of(changed, rule) == wrong:
                yield mutant.name, changed
    twice = 2 * number_of(item.learning_rate, rule.values())
    yield "twice the learning rate", replace(item, learning_rate=twice)
    yield "sign of the learning rate", replace(item, learning_rate=-twice / 2)


def _beginning(rule: Rule, item: CircuitProjection) -> Iterator[tuple[str, CircuitProjection]]:
    if item.like:
        yield f"sign of {item.like}", replace(item, factor=-item.factor)
        yield f"drawn, not {item.like}", replace(item, like="", factor=1.0)
    elif item.weight is not None:
        weight = number_of(item.weight, rule.values())
        yield "sign of its weight", replace(item, weight=-weight)
        yield "twice its weight", replace(item, weight=2 * weight)


def _reaching(circuit: Circuit, item: CircuitProjection) -> Iterator[tuple[str, CircuitProjection]]:
    """Yield a projection to each other variable of its target that another projection reaches."""
    beside = {other.receptor for other in circuit.projections if other.target == item.target}
    for receptor in sorted(beside - {item.receptor}):
        yield f"{receptor} for {item.receptor}", replace(item, receptor=receptor)
