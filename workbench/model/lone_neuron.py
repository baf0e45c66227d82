"""What a neuron does alone: in the first step of a trial, before anything has reached it, and after one spike."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from brian2.stateupdaters.base import StateUpdateMethod
from numpy.typing import NDArray

from workbench.common.errors import ModelError
from workbench.declare.network import Network
from workbench.declare.neuron import NeuronModel
from workbench.model.bindings import Propagator
from workbench.model.integration import stepped
from workbench.model.neuron_text import equations_of, states_of
from workbench.model.numbers import Numbers, step_matrices
from workbench.text.equations import linear_system
from workbench.text.expressions import evaluate, execute


def refuse_spikes_at_start(network: Network) -> None:
    """Refuse a network whose neurons spike in the first step of a trial, without input.

    Raises
    ------
    ModelError
        With the drive that the neuron then has, and what to do.
    """
    for owner, model in network.models.items():
        first, drives = _first(model), np.asarray(first_drive(model, network.dt))
        if not model.is_uniform:
            first |= network.first_values_of(owner)
            drives = _drives(model, first, network.parameters_of(owner), network.dt)
        drive, most = drives.max(), int(drives.argmax())
        if drive > 0:
            of_it = {name: value if np.ndim(value) == 0 else np.asarray(value)[most] for name, value in first.items()}
            begins = ", ".join(f"{name} = {value:g}" for name, value in of_it.items())
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
    return float(_drives(model, _first(model), {**model.values()}, dt).max())


def _drives(model: NeuronModel, first: Numbers, parameters: Numbers, dt: float) -> NDArray[np.float64]:
    """Return the drive of each of some neurons in the first step of a trial."""
    if not model.spiking:
        return np.array(-np.inf)
    model = model.plain()
    with np.errstate(all="ignore"):
        values = _step(model, parameters, dt)(first)
        drive = np.asarray(evaluate(model.drive, values, np), dtype=np.float64)
        return np.where(evaluate(model.refractory, values, np), -np.inf, drive) if model.refractory else drive


@lru_cache(maxsize=256)
def weight_to_threshold(model: NeuronModel, dt: float, n_steps: int) -> float:
    """Return the weight of one spike that brings a neuron to threshold, or the output of one without spikes to 1.

    A neuron that saturates before, as one whose chance to spike stays small, gets the largest weight that still does
    nine tenths of what weights do at most per unit.

    Parameters
    ----------
    model : NeuronModel
        Whose equations hold together.
    dt : float
        Length of a step [second].
    n_steps : int
        Within which the spike acts; within 100, where these are fewer.

    Returns
    -------
    float
        The threshold is as far as at its farthest without input; 1 where weights do nothing, or the neuron needs none.
    """
    model = model.plain()
    # A tenth of a step, so that the peak is not missed.
    step, read = _step(model, {**model.values()}, dt / 10), model.drive or model.output
    weights = 1e-3 * np.exp2(np.arange(-60.0, 61.0, 0.5))
    rest = _first(model)
    kicked = rest | {"I": np.asarray(rest["I"] + weights)}
    away, peaks = 0.0 if model.spiking else 1.0, np.zeros(len(weights))
    with np.errstate(all="ignore"):
        for _ in range(10 * max(n_steps, 100)):
            rest, kicked = step(rest), step(kicked)
            before, after = (np.asarray(evaluate(read, values | {"dt": dt}, np)) for values in (rest, kicked))
            away = max(away, float(-before)) if model.spiking else away
            peaks = np.fmax(peaks, after - before)
    return _enough(weights, peaks, away)


def _enough(weights: NDArray[np.floating], peaks: NDArray[np.floating], away: float) -> float:
    """Return the weight whose peak is so far away, or the largest that is not much weaker per unit than another."""
    reach = int(np.argmax(peaks >= away)) or len(peaks)
    # Differences that rounding makes say nothing.
    known = np.isfinite(peaks) & (peaks > 1e-9 * away) & (np.arange(len(peaks)) <= reach)
    if not away or not known.any():
        return 1.0
    per_unit = np.where(known, peaks / weights, 0.0)
    largest = float(weights[per_unit >= 0.9 * per_unit.max()].max())
    near = slice(reach - 1, reach + 1)
    return min(largest, float(np.interp(away, peaks[near], weights[near], right=np.inf)))


def _first(model: NeuronModel) -> Numbers:
    return {**dict.fromkeys(states_of(model), 0.0), **model.first_values()}


def _step(model: NeuronModel, parameters: Numbers, dt: float) -> Callable[[Numbers], Numbers]:
    """Return a function that lets a neuron's variables take a step, by the model's own method, and adds its numbers."""
    equations = equations_of(model)
    # Noise as it is in the middle.
    drawn = {name: 0.0 if kind == "normal" else 0.5 for name, kind in model.noise}
    numbers: Numbers = {**parameters, **drawn, "dt": dt, "t": 0.0}
    if model.method != "exact":
        # A method that there is not is refused by its name where the network is built.
        code = stepped(equations, model.method) if model.method in StateUpdateMethod.stateupdaters else ""
        return lambda states: numbers | states | execute(code, numbers | states, np)
    system = linear_system(equations, model.units())
    constants = {name: name for name in model.units()}
    once, integral = step_matrices(Propagator("", system, constants, (), ()), parameters, dt)

    def exactly(states: Numbers) -> Numbers:
        known = numbers | states
        before = [known[state] for state in system.states]
        rest = [np.asarray(evaluate(system.rest[state], known, np)) for state in system.states]
        after = [
            sum(once[..., row, column] * value for column, value in enumerate(before))
            + sum(integral[..., row, column] * value for column, value in enumerate(rest))
            for row in range(len(system.states))
        ]
        return known | dict(zip(system.states, after, strict=True))

    return exactly
