"""A part of a trial in which neurons do for a rule what they do in no other, as data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbench.common.errors import RuleError, nearest, shown
from workbench.declare.field_types import declared
from workbench.declare.rule_parts import OnStep
from workbench.text.equation_text import read_equations
from workbench.text.syntax import changes, identifiers, substituted, with_substituted

if TYPE_CHECKING:
    from workbench.declare.rule import Rule

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@declared(RuleError, "Phase")
@dataclass(frozen=True, kw_only=True)
class Phase:
    """A part of each trial, whose name a rule's steps read: 1 in its steps, else 0.

    Where `synapse` reads the name with ``_post``, neurons keep it as a variable.

    Attributes
    ----------
    name : str
        Lower-case letters, digits and underscores.
    begins, ends : float or str
        The shares of the trial that are over then, from 0 to 1, or names of the rule's numbers without a unit.
    """

    name: str
    begins: float | str = 0.0
    ends: float | str = 1.0

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise RuleError(
                f"Phase '{self.name}': the name must be lower-case letters, digits and underscores. Choose another."
            )
        for field in ("begins", "ends"):
            value = getattr(self, field)
            if not isinstance(value, str) and not 0 <= value <= 1:
                must = f"`{field}` must be a share of the trial, from 0 to 1"
                raise RuleError(f"Phase '{self.name}': {must}, not {shown(value)}.")
        if not isinstance(self.begins, str) and not isinstance(self.ends, str) and not self.begins < self.ends:
            raise RuleError(
                f"Phase '{self.name}' must end after it begins, and is from {self.begins:g} to {self.ends:g}."
            )

    @property
    def text(self) -> str:
        """Whether a step is in it, as an expression; the middle of a step counts."""
        after = [f"int(elapsed > {self.begins})"] if self.begins != 0 else []
        before = [f"int(elapsed < {self.ends})"] if self.ends != 1 else []
        return f"({' * '.join([*after, *before]) or '1'})"


def refuse_phases(rule: "Rule") -> None:
    """Refuse phases that nothing reads, whose name is that of something else, or that begin with no number.

    Raises
    ------
    RuleError
        Which.
    """
    if not rule.phases:
        return
    steps = [step for step in (rule.on_step, rule.output_step) if step is not None]
    kept = {item.name for text in (rule.pre, rule.post, rule.synapse) for item in read_equations(text, "")}
    kept |= {name for step in steps for name in (*step.state, *dict(step.sums), *step.writes)}
    kept |= {item.name for item in rule.parameters}
    units = rule.units()
    numbers = [name for name, unit in units.items() if unit == "1"]
    for phase in rule.phases:
        where = f"Rule '{rule.name}', phase '{phase.name}'"
        if phase.name in kept:
            raise RuleError(f"{where}: the rule has something else of this name. Rename one of the two.")
        for value in (phase.begins, phase.ends):
            if isinstance(value, str) and value not in numbers:
                raise RuleError(
                    f"{where}: '{value}' is none of the rule's numbers without a unit. {nearest(value, numbers)}"
                )
        if not _in_synapses(rule, phase) and not any(_reads(step, phase.name) for step in steps):
            raise RuleError(f"{where}: no statement of a step reads it, and no synapse. Drop it.")


def with_phases(rule: "Rule") -> "Rule":
    """Return a rule without phases, in whose texts they are written out.

    Parameters
    ----------
    rule : Rule
        With them, or without.
    """
    if not rule.phases:
        return rule
    kept = tuple(phase for phase in rule.phases if _in_synapses(rule, phase))
    read = {phase.name: phase.text for phase in rule.phases if phase not in kept}
    of_hidden = rule.on_step or (OnStep(code="") if kept else None)
    of_outputs = rule.output_step or (OnStep(code="") if kept and rule.trains_readout else None)
    outputs_keep = kept if rule.trains_readout else ()
    # Outputs that no synapse reads have nothing to keep.
    read_there = {phase.name: phase.text for phase in rule.phases if phase not in outputs_keep}
    return replace(
        rule,
        phases=(),
        on_step=None if of_hidden is None else _written(of_hidden, read, kept),
        output_step=None if of_outputs is None else _written(of_outputs, read_there, outputs_keep),
    )


def _written(step: OnStep, read: Mapping[str, str], kept: tuple[Phase, ...]) -> OnStep:
    lines = [f"{phase.name} = {phase.text}" for phase in kept]
    return replace(
        step,
        code="\n".join(filter(None, [*lines, with_substituted(step.code, read)])),
        state=(*(phase.name for phase in kept), *step.state),
        sums=tuple((name, substituted(text, read)) for name, text in step.sums),
    )


def _in_synapses(rule: "Rule", phase: Phase) -> bool:
    texts = [item.expression for item in read_equations(rule.synapse, "")] + list(dict(rule.sums).values())
    return any(f"{phase.name}_post" in identifiers(text) for text in texts)


def _reads(step: OnStep, name: str) -> bool:
    texts = [*dict(step.sums).values(), *(text for *_, text in changes(step.code))]
    return any(name in identifiers(text) for text in texts)
