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
from workbench.text.equations import dimension_of


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
    for side, model in (("_pre", above), ("_post", below)):
        known |= states_in(equations_of(model), side)
        known |= {f"spiked{side}": DIMENSIONLESS} if model.spiking else {}
    text.check_equations(equations, known)
    text.need("'g'", states_in(equations)["g"], second.dim, "the host divides by time")
