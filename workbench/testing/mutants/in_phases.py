"""Mistakes about when the phases of a trial begin and end."""

from collections.abc import Iterator
from dataclasses import replace

from workbench.declare.phase import Phase
from workbench.declare.rule import Rule
from workbench.testing.mutants.mutant import Mutant


def wrong_phases(rule: Rule) -> Iterator[Mutant]:
    """Yield the rule in which a phase lacks one half, or lasts from the beginning or to the end of the trial."""
    values = rule.values()
    for number, phase in enumerate(rule.phases):
        begins, ends = (values[share] if isinstance(share, str) else share for share in (phase.begins, phase.ends))
        middle = (begins + ends) / 2
        wrong = {"begins half-way": replace(phase, begins=middle), "ends half-way": replace(phase, ends=middle)}
        if begins > 0:
            wrong["begins at once"] = replace(phase, begins=0.0)
        if ends < 1:
            wrong["never ends"] = replace(phase, ends=1.0)
        for told, changed in wrong.items():
            yield Mutant(f"{phase.name} {told}", "phase", _with(rule, number, changed))


def _with(rule: Rule, number: int, phase: Phase) -> Rule:
    return replace(rule, phases=(*rule.phases[:number], phase, *rule.phases[number + 1 :]))
