"""What a neuron model must be, before anything is built of it."""

from functools import lru_cache

from brian2 import second
from brian2.units.fundamentalunits import DIMENSIONLESS

from workbench.common.errors import ModelError, nearest
from workbench.declare.neuron import NeuronModel
from workbench.model.checks.units import EquationText, Units, parameters_in, states_in
from workbench.text.equations import dimension_of
from workbench.text.syntax import is_condition


@lru_cache(maxsize=256)
def check_neuron(model: NeuronModel) -> None:
    """Refuse a neuron model whose texts do not hold together.

    Raises
    ------
    ModelError
        With the line of the model.
    """
    owner = f"Neuron '{model.name}'"
    text = EquationText(owner, "equations", ModelError)
    equations = text.equations(model.equations)
    states = states_in(equations)
    known = states | parameters_in(model) | {name: DIMENSIONLESS for name, _ in model.noise}
    known |= {"dt": second.dim} if model.noise else {}
    if "I" not in states:
        raise ModelError(f"{owner}, `equations`: 'I' must be defined, which collects what arrives: 'dI/dt = ... : 1'.")
    text.need("'I'", states["I"], DIMENSIONLESS, "weights have no unit, so give it one where it is read")
    text.check_equations(equations, known)
    _check_first_values(model, states)
    text.check_subexpressions(model.equations, known)
    model = model.plain()
    if model.spiking:
        drive = EquationText(owner, "drive", ModelError)
        remedy = "surrogates have no unit, so divide it by a parameter that has this one"
        unit = drive.unit_of(model.drive, known, 1)
        if is_condition(model.drive):
            raise ModelError(
                f"{drive.where}: '{model.drive}' is a condition, and a number is needed, which is compared with 0. "
                "Write 'v - v_th' for 'v > v_th'."
            )
        drive.need(f"'{model.drive}'", unit, DIMENSIONLESS, remedy)
        EquationText(owner, "reset", ModelError).check_statements(model.reset, states, known)
        for name in model.adapts:
            if name not in states:
                raise ModelError(f"{owner}: `adapts` names '{name}', which nothing defines. {nearest(name, states)}")
        if model.refractory:
            refractory = EquationText(owner, "refractory", ModelError)
            refractory.unit_of(f"int({model.refractory})", known | {"dt": second.dim}, 1)
    if model.pooled and not model.spiking:
        raise ModelError(f"{owner}: `pooled` counts spikes, and the neuron has none. Drop it.")
    EquationText(owner, "pooled", ModelError).check_statements(model.pooled, states, known | {"pooled": DIMENSIONLESS})
    if model.output.isidentifier() and model.output not in states:
        raise ModelError(
            f"{owner}: `output` is '{model.output}', which nothing defines. {nearest(model.output, states)}"
        )
    if model.output:
        remedy = "losses have no unit, so divide its equation by a parameter that has this one"
        unit = EquationText(owner, "output", ModelError).unit_of(model.output, known, 1)
        text.need(f"the output '{model.output}'", unit, DIMENSIONLESS, remedy)


def _check_first_values(model: NeuronModel, states: Units) -> None:
    """Refuse first values of what is no variable of the neuron, or in another unit than the variable."""
    for name, unit in model.first_units().items():
        text = EquationText(f"Neuron '{model.name}'", "initial", ModelError)
        if name not in states:
            raise ModelError(f"{text.where} sets '{name}', which nothing defines. {nearest(name, states)}")
        text.need(f"the first value of '{name}'", dimension_of(unit), states[name], "give it the variable's own unit")
