"""Mistakes in the equations of a rule."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from workbench.declare.rule import Rule
from workbench.testing.mutants.mutant import Mutant
from workbench.text.equation_text import Equation, read_equations
from workbench.text.syntax import identifiers, substituted
from workbench.text.time_constants import is_time_constant

#: The texts of a rule that are equations.
TEXTS = ("pre", "post", "synapse")


def equations_of(rule: Rule, text: str) -> tuple[Equation, ...]:
    """Return the equations of one of the texts."""
    return read_equations(getattr(rule, text), f"Rule '{rule.name}', `{text}`")


def with_equations(rule: Rule, text: str, equations: tuple[Equation, ...]) -> Rule:
    """Return the rule with other equations in one of its texts."""
    written = "\n".join(item.written() for item in equations)
    if text == "pre":
        return replace(rule, pre=written)
    return replace(rule, post=written) if text == "post" else replace(rule, synapse=written)


def with_expression(rule: Rule, text: str, name: str, expression: str) -> Rule:
    """Return the rule with another expression for one of its variables."""
    changed = tuple(
        replace(item, expression=expression) if item.name == name else item for item in equations_of(rule, text)
    )
    return with_equations(rule, text, changed)


def reading(rule: Rule, text: str, name: str, instead: str, except_of: str = "") -> Rule:
    """Return the rule whose text reads something else in the place of a name."""
    changed = tuple(
        item if item.name == except_of else replace(item, expression=substituted(item.expression, {name: instead}))
        for item in equations_of(rule, text)
    )
    return with_equations(rule, text, changed)


def wrong_sizes(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule that goes the other way, and one that goes twice as far."""
    (g,) = (item for item in equations_of(rule, "synapse") if item.name == "g")
    yield Mutant("sign of g", "sign", with_expression(rule, "synapse", "g", f"-({g.expression})"))
    yield Mutant("twice g", "size", with_expression(rule, "synapse", "g", f"2 * ({g.expression})"))


def flipped_terms(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule with plus for minus, or minus for plus, in one place."""
    for text in TEXTS:
        for item in equations_of(rule, text):
            tree = ast.parse(item.expression, mode="eval")
            sums = [
                node
                for node in ast.walk(tree)
                # The decay of a variable is none: without it, it would grow beyond all bounds.
                if isinstance(node, ast.BinOp)
                and isinstance(node.op, ast.Add | ast.Sub)
                and not _is(node.left, item.name)
                and not _is(node.right, item.name)
            ]
            for number, node in enumerate(sums, 1):
                before = node.op
                node.op = ast.Add() if isinstance(before, ast.Sub) else ast.Sub()
                told = f"sign of term {number} in {item.name}" if len(sums) > 1 else f"sign of a term in {item.name}"
                yield Mutant(told, "term", with_expression(rule, text, item.name, ast.unparse(tree)))
                node.op = before


def _is(node: ast.expr, name: str) -> bool:
    return name in identifiers(ast.unparse(node))


def missing_filters(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule that reads what a filter is given in the place of what it gives."""
    own = {text: {item.name for item in equations_of(rule, text)} for text in TEXTS}
    numbers = {name for name, _ in rule.numbers}
    for text in TEXTS:
        for item in equations_of(rule, text):
            times = [name for name in sorted(identifiers(item.expression)) if is_time_constant(name)]
            if item.name == "g" or not times or item.name not in identifiers(item.expression):
                continue
            drive = substituted(item.expression, {item.name: "0"})
            given = f"(({drive}) * {times[0]})"
            if text == "synapse":
                yield Mutant(f"no filter {item.name}", "filter", reading(rule, text, item.name, given, item.name))
                continue
            end = f"_{text}"
            if text == "pre" and not identifiers(drive) - set(times):
                # It is given spikes.
                given_at_end = "spiked_pre"
            else:
                outer = {name: f"{name}{end}" for name in _of_the_neuron(drive, own[text], numbers)}
                given_at_end = substituted(given, outer)
            if _is_read(rule, f"{item.name}{end}"):
                changed = reading(rule, "synapse", f"{item.name}{end}", given_at_end)
                yield Mutant(f"no filter {item.name}", "filter", changed)


def _of_the_neuron(expression: str, own: set[str], numbers: set[str]) -> set[str]:
    """Return the names in an expression of `pre` or `post` that a synapse reads with an ending."""
    return {
        name
        for name in identifiers(expression) - numbers - {"dt", "second", "ms", "hertz", "Hz", "volt", "mV"}
        if name in own or not name.endswith(("_post", "_readout"))
    }


def _is_read(rule: Rule, name: str) -> bool:
    return any(name in identifiers(item.expression) for item in equations_of(rule, "synapse"))


def wrong_times(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule with one time constant of one equation doubled."""
    for text in TEXTS:
        for item in equations_of(rule, text):
            for name in sorted(identifiers(item.expression)):
                if is_time_constant(name):
                    twice = substituted(item.expression, {name: f"(2 * {name})"})
                    changed = with_expression(rule, text, item.name, twice)
                    yield Mutant(f"twice {name} of {item.name}", "time constant", changed)


def dropped_factors(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule that takes 1 for something that synapses read of a neuron."""
    read = {name for item in equations_of(rule, "synapse") for name in identifiers(item.expression)}
    for name in sorted(read):
        if name.endswith(("_pre", "_post")) and not is_time_constant(name):
            yield Mutant(f"no {name}", "factor", reading(rule, "synapse", name, "1"))
