"""What the projections of a network must be, given the equations of what they reach."""

from brian2.units.fundamentalunits import DIMENSIONLESS

from workbench.common.errors import ModelError, nearest
from workbench.declare.network import Network
from workbench.declare.projection import Projection
from workbench.declare.transmission import Transmission
from workbench.model.checks.reserved_names import why_not
from workbench.model.checks.units import EquationText, states_in
from workbench.text.equations import dimension_of, linear_system, unit_name
from workbench.text.syntax import identifiers


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
        if item.transmits is not None:
            _check_transmission(network, item, item.transmits)
        if item.target == "readout" and item.plastic and item.receptor != "I":
            raise ModelError(f"{where} of the readout takes no weights that learn, which arrive in 'I'.")


def _check_transmission(network: Network, projection: Projection, transmission: Transmission) -> None:
    """Refuse what spikes transmit where there are none, where weights learn by a rule without it, or by its texts."""
    where = f"Projection '{projection.name}', `transmits`"
    if not network.spikes(projection.source):
        raise ModelError(f"{where}: '{projection.source}' has no spikes that could transmit anything. Drop it.")
    if projection.target == "readout" and projection.plastic:
        raise ModelError(
            f"{where}: weights of the readout learn by the exact delta rule, which does not know of it. Set `plastic` "
            "to False, or leave `transmits` out."
        )
    owner = f"Transmission '{transmission.name}'"
    text = EquationText(owner, "equations", ModelError)
    equations = text.equations(transmission.equations)
    states = states_in(equations)
    numbers = {name: dimension_of(unit) for name, unit in transmission.units().items()}
    for number, name in enumerate(named := [*states, *numbers]):
        reason = why_not(name) or ("is taken" if name in (*named[:number], "sent") else "")
        if reason:
            raise ModelError(f"{owner}: '{name}' {reason}. Choose another name.")
    text.check_equations(equations, states | numbers)
    system = linear_system(equations, numbers)
    for item in equations:
        if identifiers(system.rest[item.name]) & states.keys():
            raise ModelError(
                f"{text.where}: 'd{item.name}/dt = {item.expression}' is not linear, and is to be integrated exactly. "
                "Write it as a constant times the variables, plus a constant."
            )
    for name, _ in transmission.initial:
        if name not in states:
            raise ModelError(f"{owner}, `initial` sets '{name}', which nothing defines. {nearest(name, states)}")
    settable = states | {"sent": DIMENSIONLESS}
    EquationText(owner, "on_spike", ModelError).check_statements(transmission.on_spike, settable, settable | numbers)
