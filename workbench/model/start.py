"""What a neuron does in the first step of a trial, before anything has reached it."""

from functools import lru_cache

import numpy as np
from brian2.stateupdaters.base import StateUpdateMethod

from workbench.equations import linear_system, parse_differential
from workbench.errors import ModelError
from workbench.expressions import evaluate, execute
from workbench.model.integration import stepped
from workbench.model.numbers import step_matrices
from workbench.model.setup import Propagator
from workbench.network import Network
from workbench.neuron import NeuronModel


def refuse_spikes_at_start(network: Network) -> None:
    """Refuse a network whose neurons spike in the first step of a trial, without input.

    Raises
    ------
    ModelError
        With the drive that the neuron then has, and what to do.
    """
    for model in (network.neuron, network.readout):
        drive = first_drive(model, network.dt)
        if drive > 0:
            begins = ", ".join(f"{name} = {value:g}" for name, value in _first(model).items())
            raise ModelError(
                f"Neuron '{model.name}' spikes in the first step of each trial without input: it begins at {begins} "
                f"(SI units), so that '{model.drive}' is {drive:g}, above 0. Let it begin at rest by `initial`, as in "
                'initial=(("v", "E_L"),).'
            )


@lru_cache(maxsize=256)
def first_drive(model: NeuronModel, dt: float) -> float:
    """Return the drive of a neuron in the first step of a trial without input; minus infinity where it cannot spike.

    Parameters
    ----------
    model : NeuronModel
        Whose equations hold together.
    dt : float
        Length of the step [second].
    """
    if not model.spiking:
        return -np.inf
    model = model.plain()
    known = {**model.values(), "dt": dt, "t": 0.0}
    with np.errstate(all="ignore"):
        known |= _after_a_step(model, dt, known | _first(model))
        if model.refractory and bool(evaluate(model.refractory, known, np)):
            return -np.inf
        return float(evaluate(model.drive, known, np))


def _first(model: NeuronModel) -> dict[str, float]:
    states = (item.name for item in parse_differential(model.equations, f"Neuron '{model.name}'"))
    return dict.fromkeys(states, 0.0) | model.first_values()


def _after_a_step(model: NeuronModel, dt: float, known: dict[str, float]) -> dict[str, float]:
    """Return the variables after a step, as the model's own method has them."""
    equations = parse_differential(model.equations, f"Neuron '{model.name}'")
    if model.method != "exact" and model.method not in StateUpdateMethod.stateupdaters:
        # It is refused by its name where the network is built.
        return {}
    if model.method != "exact":
        code = stepped(equations, model.method)
        return {name: float(value) for name, value in execute(code, known, np).items()}
    system = linear_system(equations, model.units())
    constants = {name: name for name in model.units()}
    once, integral = step_matrices(Propagator("", system, constants, (), ()), model.values(), dt)
    before = np.array([known[state] for state in system.states])
    rest = np.array([float(evaluate(system.rest[state], known, np)) for state in system.states])
    return dict(zip(system.states, once @ before + integral @ rest, strict=True))
