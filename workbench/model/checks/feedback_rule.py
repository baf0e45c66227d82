"""What a rule for feedback weights must be between some neurons."""

from functools import lru_cache

from brian2 import second
from brian2.units.fundamentalunits import DIMENSIONLESS, Dimension

from workbench.common.errors import RuleError
from workbench.declare.feedback_rule import FeedbackRule
from workbench.declare.neuron import NeuronModel
from workbench.model.checks.reserved_names import why_not
from workbench.model.checks.units import EquationText, states_in
from workbench.model.neuron_text import equations_of
from workbench.text.equation_text import Differential
from workbench.text.equations import dimension_of
from workbench.text.syntax import identifiers


@lru_cache(maxsize=256)
def check_feedback_rule(rule: FeedbackRule, above: NeuronModel, below: NeuronModel) -> None:
    """Refuse a rule whose text does not hold together, or reads what these neurons do not have.

    Raises
    ------
    RuleError
        With the line of the rule.
    """
    text = EquationText(f"FeedbackRule '{rule.name}'", "synapse", RuleError)
    equations = text.equations(rule.synapse)
    numbers = {name: dimension_of(unit) for name, unit in rule.units().items()}
    for number, name in enumerate(named := [*(item.name for item in equations), *numbers]):
        reason = why_not(name) or ("is the weight" if name == "b" else "is taken" if name in named[:number] else "")
        if reason:
            raise RuleError(f"{text.where}: '{name}' {reason}. Choose another name.")
    known: dict[str, Dimension] = {"b": DIMENSIONLESS, "dt": second.dim, **numbers, **states_in(equations)}
    known |= {"forward_w": DIMENSIONLESS} if rule.copies else {}
    for side, model in (("_pre", above), ("_post", below)):
        known |= states_in(equations_of(model), side)
        # Whatever gets a signal sends something.
        known |= {f"spiked{side}": DIMENSIONLESS} if model.spiking or side == "_post" else {}
    _check_sums(rule, equations, known)
    known |= {name: DIMENSIONLESS for name, _ in rule.sums}
    text.check_equations(equations, known)
    text.need("'g'", states_in(equations)["g"], second.dim, "the host divides by time")


def _check_sums(rule: FeedbackRule, equations: tuple[Differential, ...], known: dict[str, Dimension]) -> None:
    """Refuse sums whose names are taken or that have a unit, and equations that would read them too early."""
    text = EquationText(f"FeedbackRule '{rule.name}'", "sums", RuleError)
    named = set[str]()
    for line, (name, expression) in enumerate(rule.sums, 1):
        reason = why_not(name.rpartition("_")[0]) or ("is taken" if name in {*known, *named} else "")
        if reason:
            raise RuleError(f"{text.where}: '{name}' {reason}. Choose another name.")
        named.add(name)
        readable = {key: unit for key, unit in known.items() if key != "g"}
        text.need(f"'{name}'", text.unit_of(expression, readable, line), DIMENSIONLESS, "divide it by its unit")
    for item in equations:
        early = sorted(identifiers(item.expression) & named) if item.name != "g" else []
        if early:
            raise RuleError(
                f"FeedbackRule '{rule.name}', line {item.line} of `synapse`: 'd{item.name}/dt' reads the sum "
                f"'{early[0]}', which is taken when '{item.name}' has changed. Only 'dg/dt' may read it."
            )
