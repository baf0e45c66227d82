"""Mistakes in the formulas of the way back through spikes in continuous time."""

import ast
from collections.abc import Iterator
from dataclasses import replace

from workbench.declare.references import EXACT_TIMES
from workbench.declare.rule import Rule
from workbench.exact_time.formulas import FORMULAS, Formula
from workbench.testing.mutants.in_expressions import wrong_nodes
from workbench.testing.mutants.mutant import Mutant, Replaced
from workbench.text.syntax import identifiers, substituted


def wrong_formulas(rule: Rule) -> Iterator[Mutant]:
    """Yield a rule that follows the gradient in continuous time, which has a mistake in one of its formulas."""
    if rule.gradient != EXACT_TIMES:
        return
    for number, formula in enumerate(FORMULAS):
        for kind, name, text in _texts(formula):
            wrong = (*FORMULAS[:number], replace(formula, text=text), *FORMULAS[number + 1 :])
            where = Replaced("workbench.exact_time.formulas:FORMULAS", wrong)
            yield Mutant(f"{formula.name}: {name}", kind, rule, (where,))


def _texts(formula: Formula) -> Iterator[tuple[str, str, str]]:
    """Yield the kind, the name and the text of each wrong version of a formula."""
    tree = ast.parse(formula.text, mode="eval")
    for kind, name in wrong_nodes(tree):
        yield kind, name, ast.unparse(tree)
    if "rate" in identifiers(formula.text):
        yield "time constant", "twice its time constant", substituted(formula.text, {"rate": "(rate / 2)"})
    yield "size", "twice", f"2 * ({formula.text})"
