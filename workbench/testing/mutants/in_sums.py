"""Mistakes in what a rule sums up over synapses, pairs or neurons, and in what it keeps for pairs of neurons."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from workbench.declare.rule import Rule
from workbench.testing.mutants.in_expressions import wrong_versions
from workbench.testing.mutants.mutant import Mutant
from workbench.text.equation_text import Equation, read_equations
from workbench.text.syntax import identifiers, substituted
from workbench.text.time_constants import is_time_constant

_Sums = tuple[tuple[str, str], ...]


def wrong_sums(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule that sums up something else; over pairs, also what the other neuron has."""
    for field, sums, with_sums in _sums(rule):
        for number, (name, text) in enumerate(sums):
            wrong = list(wrong_versions(text))
            if field == "pairs":
                wrong += [(f"{other} for {read}", substituted(text, {read: other})) for read, other in _others(text)]
            for told, changed in wrong:
                found = (*sums[:number], (name, changed), *sums[number + 1 :])
                yield Mutant(f"{told}, sum {name} of {field}", "sum", with_sums(found))


def _sums(rule: Rule) -> Iterator[tuple[str, _Sums, Callable[[_Sums], Rule]]]:
    """Yield where there are sums, which, and what makes a rule that has others there."""
    yield "synapse", rule.sums, lambda sums: replace(rule, sums=sums)
    pairs, on_step, output_step, on_gradient = rule.pairs, rule.on_step, rule.output_step, rule.on_gradient
    if pairs is not None:
        yield "pairs", pairs.sums, lambda sums: replace(rule, pairs=replace(pairs, sums=sums))
    if on_step is not None:
        yield "on_step", on_step.sums, lambda sums: replace(rule, on_step=replace(on_step, sums=sums))
    if output_step is not None:
        yield "output_step", output_step.sums, lambda sums: replace(rule, output_step=replace(output_step, sums=sums))
    if on_gradient is not None:
        yield "on_gradient", on_gradient.sums, lambda sums: replace(rule, on_gradient=replace(on_gradient, sums=sums))


def _others(text: str) -> Iterator[tuple[str, str]]:
    """Yield the names of one end of a pair, and those of the other end."""
    for name in sorted(identifiers(text)):
        inner, _, end = name.rpartition("_")
        if inner and end in ("pre", "post") and not is_time_constant(name):
            yield name, f"{inner}_{'post' if end == 'pre' else 'pre'}"


def wrong_pairs(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule that keeps something else for pairs of neurons, or begins with nothing."""
    pairs = rule.pairs
    if pairs is None:
        return
    equations = read_equations(pairs.equations, f"Rule '{rule.name}', `pairs`")
    for number, item in enumerate(equations):
        for told, changed in _wrong_equations(item):
            found = (*equations[:number], replace(item, expression=changed), *equations[number + 1 :])
            text = "\n".join(one.written() for one in found)
            yield Mutant(f"{told}, {item.name} of pairs", "pairs", replace(rule, pairs=replace(pairs, equations=text)))
    if pairs.diagonal:
        yield Mutant("pairs begin at 0", "pairs", replace(rule, pairs=replace(pairs, diagonal=())))


def _wrong_equations(item: Equation) -> Iterator[tuple[str, str]]:
    read = identifiers(item.expression)
    # One that decays would grow beyond all bounds with the other sign.
    if item.name not in read:
        yield from wrong_versions(item.expression)
    for name in sorted(filter(is_time_constant, read)):
        yield f"twice {name}", substituted(item.expression, {name: f"(2 * {name})"})
