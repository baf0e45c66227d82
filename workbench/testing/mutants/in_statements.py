"""Mistakes in what a rule's neurons do in each step, and in what training makes of its gradient."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from workbench.declare.rule import Rule
from workbench.declare.rule_parts import OnGradient, OnStep
from workbench.testing.mutants.in_expressions import OPPOSITE
from workbench.testing.mutants.mutant import Mutant
from workbench.text.syntax import changes

_Field = Literal["on_step", "output_step", "on_gradient"]
_FIELDS: tuple[_Field, ...] = ("on_step", "output_step", "on_gradient")
_OTHER = {"+": "-", "-": "+"}


def flipped_steps(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule that takes away, in one statement, what it should add, or the other way round."""
    for field, step in _steps(rule):
        lines = changes(step.code)
        for number, (target, sign, text) in enumerate(lines):
            if sign in _OTHER:
                changed = [*lines[:number], (target, _OTHER[sign], text), *lines[number + 1 :]]
            elif not sign:
                changed = [*lines[:number], (target, sign, f"-({text})"), *lines[number + 1 :]]
            else:
                continue
            yield Mutant(f"sign of {target}, {field} {number + 1}", "statement", _with(rule, field, step, changed))


def flipped_comparisons(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule in which one condition is the opposite."""
    for field, step in _steps(rule):
        lines = changes(step.code)
        for number, (target, sign, text) in enumerate(lines):
            tree = ast.parse(text, mode="eval")
            for node in ast.walk(tree):
                if isinstance(node, ast.Compare) and type(node.ops[0]) in OPPOSITE:
                    before = node.ops[0]
                    node.ops[0] = OPPOSITE[type(before)]()
                    changed = [*lines[:number], (target, sign, ast.unparse(tree)), *lines[number + 1 :]]
                    told = f"condition of {target}, {field} {number + 1}"
                    yield Mutant(told, "condition", _with(rule, field, step, changed))
                    node.ops[0] = before
                    break


def _steps(rule: Rule) -> Iterator[tuple[_Field, OnStep | OnGradient]]:
    for field in _FIELDS:
        step: OnStep | OnGradient | None = getattr(rule, field)
        if step is not None:
            yield field, step


def _with(rule: Rule, field: _Field, step: OnStep | OnGradient, lines: list[tuple[str, str, str]]) -> Rule:
    code = "\n".join(f"{target} {sign}= {text}" for target, sign, text in lines)
    if isinstance(step, OnGradient):
        return replace(rule, on_gradient=replace(step, code=code))
    changed = replace(step, code=code)
    return replace(rule, on_step=changed) if field == "on_step" else replace(rule, output_step=changed)
