"""What a rule may keep of pairs of presynaptic neurons, and between whom."""

from brian2 import second
from brian2.units.fundamentalunits import DIMENSIONLESS, Dimension

from workbench.common.errors import RuleError
from workbench.declare.rule import Rule
from workbench.model.checks.units import EquationText, Units, states_in
from workbench.model.rule_text import rule_text
from workbench.model.setup import Setup
from workbench.text.equation_text import Differential
from workbench.text.syntax import identifiers


def check_pairs(rule: Rule, pre: tuple[Differential, ...], numbers: Units) -> dict[str, Dimension]:
    """Refuse pairs whose texts do not hold together, and return what they give synapses to read.

    Parameters
    ----------
    rule : Rule
        With its texts.
    pre : tuple of Differential
        The equations of its presynaptic traces.
    numbers : Units
        The units of its parameters.

    Raises
    ------
    RuleError
        With the line.
    """
    if rule.pairs is None:
        return {}
    text = EquationText(f"Rule '{rule.name}'", "pairs", RuleError)
    equations = text.equations(rule.pairs.equations)
    known = dict(numbers) | states_in(equations) | {"dt": second.dim}
    known |= states_in(pre, "_pre") | states_in(pre, "_post")
    sums = EquationText(f"Rule '{rule.name}'", "pairs.sums", RuleError)
    for line, (name, expression) in enumerate(rule.pairs.sums, 1):
        unit = sums.unit_of(expression, known, line)
        sums.need(f"what '{name}' sums up", unit, DIMENSIONLESS, "divide it by a parameter that has this unit")
        known |= dict.fromkeys((name, _of_first(name)), DIMENSIONLESS)
    text.check_equations(equations, known)
    text.check_subexpressions(rule.pairs.equations, known)
    return {_of_first(name): DIMENSIONLESS for name, _ in rule.pairs.sums}


def _of_first(name: str) -> str:
    """Return what a sum is called as the presynaptic neuron's."""
    return f"{name.removesuffix('_post')}_pre"


def refuse_unpaired(setup: Setup) -> None:
    """Refuse weights that learn by pairs of presynaptic neurons, and do not all reach the same neurons in one way.

    Raises
    ------
    RuleError
        Which, and what to do.
    """
    for item in setup.network.all_projections:
        rule = setup.rule_of(item)
        if rule.pairs is None or not setup.learns_by_rule(item):
            continue
        where = f"Rule '{rule.name}' learns by pairs of all presynaptic neurons"
        if not item.dense:
            raise RuleError(
                f"{where}, and weights '{item.name}' do not connect all neurons. Let them, or fix these weights."
            )
        model = setup.network.model_of(item.target)
        read = {name for each in rule_text(rule).pre for name in identifiers(each.expression)}
        differing = sorted(name for name in model.differing if f"{name}_post" in read)
        if differing:
            raise RuleError(
                f"{where}, and these have other traces for each neuron that weights '{item.name}' reach, since "
                f"'{differing[0]}' differs between them. Give it one value, or fix these weights."
            )
