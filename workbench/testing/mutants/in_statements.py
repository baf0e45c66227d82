"""Mistakes in what a rule's neurons do at a spike and in each step, and in what training makes of its gradient."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from workbench.declare.rule import Rule
from workbench.testing.mutants.in_expressions import OPPOSITE
from workbench.testing.mutants.mutant import Mutant
from workbench.text.syntax import changes

_Field = Literal["pre_on_spike", "on_step", "output_step", "on_gradient"]
_OTHER = {"+": "-", "-": "+"}


def flipped_steps(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule that takes away, in one statement, what it should add, or the other way round."""
    for field, code in _codes(rule):
        lines = changes(code)
        for number, (target, sign, text) in enumerate(lines):
            if field == "pre_on_spike" and sign == "+":
                # Of neurons that send numbers, traces only ever add.
                changed = [*lines[:number], (target, sign, f"-({text})"), *lines[number + 1 :]]
            elif sign in _OTHER:
                changed = [*lines[:number], (target, _OTHER[sign], text), *lines[number + 1 :]]
            elif not sign:
                changed = [*lines[:number], (target, sign, f"-({text})"), *lines[number + 1 :]]
            else:
                continue
            yield Mutant(f"sign of {target}, {field} {number + 1}", "statement", _with(rule, field, changed))


def flipped_comparisons(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule in which one condition is the opposite."""
    for field, code in _codes(rule):
        lines = changes(code)
        for number, (target, sign, text) in enumerate(lines):
            tree = ast.parse(text, mode="eval")
            for node in ast.walk(tree):
                if isinstance(node, ast.Compare) and type(node.ops[0]) in OPPOSITE:
                    before = node.ops[0]
                    node.ops[0] = OPPOSITE[type(before)]()
                    changed = [*lines[:number], (target, sign, ast.unparse(tree)), *lines[number + 1 :]]
                    told = f"condition of {target}, {field} {number + 1}"
                    yield Mutant(told, "condition", _with(rule, field, changed))
                    node.ops[0] = before
                    break


def _codes(rule: Rule) -> Iterator[tuple[_Field, str]]:
    if rule.on_step is not None:
        yield "on_step", rule.on_step.code
    if rule.output_step is not None:
        yield "output_step", rule.output_step.code
    if rule.on_gradient is not None:
        yield "on_gradient", rule.on_gradient.code
    if rule.pre_on_spike:
        yield "pre_on_spike", rule.pre_on_spike


def _with(rule: Rule, field: _Field, lines: list[tuple[str, str, str]]) -> Rule:
    code = "\n".join(f"{target} {sign}= {text}" for target, sign, text in lines)
    if field == "pre_on_spike":
        return replace(rule, pre_on_spike=code)
    step = getattr(rule, field)
    return replace(rule, **{field: replace(step, code=code)})
