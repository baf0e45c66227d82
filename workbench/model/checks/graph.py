"""What the projections of a network must be, given the equations of what they reach."""

from brian2.units.fundamentalunits import DIMENSIONLESS

from workbench.common.errors import ModelError, nearest
from workbench.declare.network import Network
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
