"""What the projections of a network must be, given the equations of what they reach."""

from brian2.units.fundamentalunits import DIMENSIONLESS

from workbench.common.errors import ModelError, RuleError, nearest
from workbench.declare.feedback import Pathway
from workbench.declare.network import Network
from workbench.declare.rule import Rule
from workbench.model.checks.units import EquationText, states_in
from workbench.text.equations import unit_name


def refuse_misconnected(network: Network) -> None:
    """Refuse projections into what their targets do not have.

    Raises
    ------
    ModelError
        Where a receptor is no variable of the target, or has a unit.
    """
    for item in network.projections:
        model = network.model_of(item.target)
        states = states_in(EquationText(f"Neuron '{model.name}'", "equations", ModelError).equations(model.equations))
        where = f"Projection '{item.name}': receptor '{item.receptor}'"
        if item.receptor not in states:
            raise ModelError(f"{where} is no variable of neuron '{model.name}'. {nearest(item.receptor, states)}")
        if states[item.receptor] != DIMENSIONLESS:
            raise ModelError(
                f"{where} is in {unit_name(states[item.receptor])}, and weights have no unit. Give it one where it is "
                "read."
            )
        if item.target == "readout" and item.plastic and item.receptor != "I":
            raise ModelError(f"{where} of the readout takes no weights that learn, which arrive in 'I'.")


def refuse_pathless(network: Network, pathway: Pathway, rule: Rule) -> None:
    """Refuse populations to which a pathway does not lead.

    Raises
    ------
    RuleError
        Where it comes down by weights that are not there, or have no place in it.
    """
    if pathway.origin != "above":
        return
    for layer in network.learning_layers:
        way = network.way_up(layer)
        where = f"Rule '{rule.name}': feedback '{pathway.name}' comes down by the weights"
        if way is None:
            raise RuleError(
                f"{where} onto the readout, and population '{layer}' has none or several. Connect it once, or choose a "
                "pathway from the outputs."
            )
        if pathway.weights == "learned" and not way.plastic:
            raise RuleError(f"{where} of '{way.name}', which must learn for that. Choose another pathway.")
        if not way.dense and pathway.weights in ("sign", "learned"):
            raise RuleError(
                f"{where} of '{way.name}', which must connect all neurons for that. Choose another pathway."
            )
