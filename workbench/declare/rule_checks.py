"""What a rule must be where it is declared, told in the words of whoever wrote it."""

import re
from typing import TYPE_CHECKING

from workbench.common.errors import RuleError, nearest
from workbench.declare.phase import refuse_phases
from workbench.declare.references import BESIDE_RULES
from workbench.text.equation_text import read_equations
from workbench.text.time_constants import refuse_times

if TYPE_CHECKING:
    from workbench.declare.rule import Rule

_NAME = re.compile(r"[a-z][a-z0-9_]*$")


def refuse_rule(rule: "Rule") -> None:
    """Refuse a rule whose fields do not fit together.

    Raises
    ------
    RuleError
        Which, and what to do.
    """
    if not _NAME.match(rule.name):
        raise RuleError(
            f"Rule '{rule.name}': a name has lower-case letters, digits and underscores and starts with a letter."
        )
    if rule.name in BESIDE_RULES:
        raise RuleError(f"Rule '{rule.name}': the name is taken by a row of every comparison. Choose another.")
    if rule.has_equations and not re.search(r"\bdg\s*/\s*dt\s*=", rule.synapse):
        raise RuleError(
            f"Rule '{rule.name}': `synapse` must define 'g', the gradient estimate, as 'dg/dt = ... : second'."
        )
    equations = (rule.pre, rule.post, rule.synapse, rule.pairs, rule.on_step, rule.output_step)
    if not rule.has_equations and any(equations):
        raise RuleError(
            f"Rule '{rule.name}' has equations, but engine '{rule.engine}' would never run them. "
            "Use engine 'equations', or drop the equations."
        )
    _refuse_on_gradient(rule)
    _refuse_circuit(rule)
    refuse_phases(rule)
    if rule.regularizer is not None and rule.regularizer.strength not in {item.name for item in rule.parameters}:
        raise RuleError(f"Rule '{rule.name}': the regularizer's '{rule.regularizer.strength}' is no parameter of it.")
    _refuse_sums(rule)
    if rule.trains_readout and rule.signal is not None and rule.signal.name != "error":
        raise RuleError(f"Rule '{rule.name}' trains the readout, so that its signal must be called 'error', as there.")
    if rule.signal is not None and rule.signal.feedback not in rule.feedback_choices():
        raise RuleError(
            f"Rule '{rule.name}': a learning signal cannot come by feedback '{rule.signal.feedback}'. "
            f"{nearest(rule.signal.feedback, rule.feedback_choices())}"
        )
    _refuse_what_outlasts(rule)
    _refuse_limits(rule)
    steps = [step.code for step in (rule.on_step, rule.output_step) if step is not None]
    texts = [rule.pre, rule.pre_on_spike, rule.post, rule.synapse, *dict(rule.sums).values(), *steps]
    texts += [] if rule.pairs is None else rule.pairs.texts
    if rule.regularizer is not None:
        texts += rule.regularizer.texts
    refuse_times(rule.values(), rule.units(), texts, f"Rule '{rule.name}'", RuleError)


def _refuse_sums(rule: "Rule") -> None:
    """Refuse sums that nothing could read, and pairs that begin with what is not there."""
    pairs = rule.pairs
    for field, sums in (("sums", rule.sums), ("pairs.sums", () if pairs is None else pairs.sums)):
        for name, _ in sums:
            if not name.endswith("_post"):
                raise RuleError(
                    f"Rule '{rule.name}', `{field}`: a sum is the postsynaptic neuron's, so that its name ends in "
                    f"'_post', unlike '{name}'. Rename it."
                )
    if pairs is None:
        return
    where = f"Rule '{rule.name}', `pairs.diagonal`"
    equations = read_equations(pairs.equations, f"Rule '{rule.name}', `pairs`", RuleError)
    own = {item.name for item in equations if item.kind == "differential"}
    if not own:
        raise RuleError(f"Rule '{rule.name}': `pairs` keep nothing. Give them an equation 'dx/dt = ...', or drop them.")
    known = [name for name, unit in rule.units().items() if unit == "1"]
    for name, value in pairs.diagonal:
        if name not in own:
            raise RuleError(f"{where}: '{name}' is none of the variables of pairs. {nearest(name, own)}")
        if value not in known:
            raise RuleError(
                f"{where}: '{name}' begins at '{value}', which is none of its parameters that are numbers without "
                f"unit. {nearest(value, known)}"
            )


def _refuse_what_outlasts(rule: "Rule") -> None:
    """Refuse what is to outlive a trial and is not there."""
    if not rule.persistent:
        return
    pairs = "" if rule.pairs is None else rule.pairs.equations
    texts = (("pre", rule.pre), ("post", rule.post), ("synapse", rule.synapse), ("pairs", pairs))
    own = {
        item.name for name, text in texts for item in read_equations(text, f"Rule '{rule.name}', `{name}`", RuleError)
    }
    own |= {name for step in (rule.on_step, rule.output_step) if step is not None for name in step.state}
    for name in rule.persistent:
        if name not in own - {"g"}:
            raise RuleError(
                f"Rule '{rule.name}', `persistent`: '{name}' is none of its variables. {nearest(name, own - {'g'})}"
            )


def _refuse_on_gradient(rule: "Rule") -> None:
    """Refuse statements on a gradient that nobody computes, or that read what is not there."""
    if rule.on_gradient is None:
        return
    where = f"Rule '{rule.name}', `on_gradient`"
    if not rule.follows_reference:
        raise RuleError(f"{where} is of a gradient that the reference computes, and engine '{rule.engine}' has none.")
    rule.on_gradient.refuse((name for name, _ in rule.numbers), where)


def _refuse_circuit(rule: "Rule") -> None:
    """Refuse neurons that it brings along for nobody, or whose names do not hold together."""
    if rule.circuit is None:
        return
    where = f"Rule '{rule.name}', `circuit`"
    if not rule.has_equations:
        raise RuleError(f"{where} is beside layers that learn by equations, and engine '{rule.engine}' has none.")
    rule.circuit.refuse([name for name, unit in rule.units().items() if unit == "1"], where)


def _refuse_limits(rule: "Rule") -> None:
    """Refuse constraints with numbers of the rule that it does not have."""
    units = rule.units()
    known = [name for name, unit in units.items() if unit == "1"]
    for name, value in (pair for one in rule.updates.constraints for pair in one.parameters):
        if isinstance(value, str) and value not in known:
            raise RuleError(
                f"Rule '{rule.name}': a constraint's '{name}' is '{value}', which is none of its parameters that "
                f"are numbers without unit. {nearest(value, known)}"
            )
