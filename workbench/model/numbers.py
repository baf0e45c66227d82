"""The numbers of a setup, and the values that its model's variables take from them."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from workbench.expressions import evaluate
from workbench.model.setup import FIRST, Binding, Propagator, Setup


def numbers(setup: Setup) -> dict[str, float]:
    """Return every number of a setup by its name, in SI base units."""
    network = setup.network
    start, stop = network.steps_in_window
    gamma = network.surrogate.gamma * (network.dt / 1e-3 if network.scale_surrogate else 1.0)
    values = {
        "dt": network.dt,
        "dt_in_ms": network.dt / 1e-3,
        "n_steps": network.n_steps,
        "flush_every": network.n_steps,
        "window_start": start,
        "window_stop": stop,
        "window_duration": (stop - start) * network.dt,
        "surrogate.gamma": gamma,
        "surrogate.beta": network.surrogate.beta,
    }
    values |= {f"optimizer.{name}": value for name, value in setup.optimizer.parameters}
    values |= {f"rule.{name}": value for name, value in setup.rule.values().items()}
    for source, model in (("neuron", network.neuron), ("readout", network.readout)):
        values |= {f"{source}.{name}": value for name, value in model.values().items()}
        values |= {f"{source}.{FIRST}{name}": value for name, value in model.first_values().items()}
    return values


def variable_values(setup: Setup, bindings: Iterable[Binding], propagators: Iterable[Propagator]) -> dict[str, float]:
    """Return the value of each variable of a model that holds a number of the setup."""
    known = numbers(setup)
    values: dict[str, float] = {}
    rates: dict[str, float] = {}
    for propagator in propagators:
        constants = {name: known[source] for name, source in propagator.constants.items()}
        once, integral = step_matrices(propagator, constants, known["dt"])
        if propagator.inverse:
            rates[propagator.owner] = rates.get(propagator.owner, 0.0) + _fastest_decay(once)
            once = np.asarray(np.linalg.pinv(once))
        values |= {f"{propagator.owner}.{name}": once[row, column] for name, row, column in propagator.homogeneous}
        values |= {f"{propagator.owner}.{name}": integral[row, column] for name, row, column in propagator.driven}
    if rates and max(rates.values()) > 0:
        # Powers of the inverses grow by exp(8) at most, which costs 4 of 16 digits.
        known["flush_every"] = min(known["n_steps"], max(1, int(8 / max(rates.values()))))
    return values | {binding.variable: known[binding.source] for binding in bindings}


def _fastest_decay(once: NDArray[np.float64]) -> float:
    """Return the rate per step at which the fastest of some variables decays."""
    fastest = np.abs(np.linalg.eigvals(once)).min() if once.size else 1.0
    return float(-np.log(np.clip(fastest, 1e-300, 1.0)))


def step_matrices(
    propagator: Propagator, constants: dict[str, float], dt: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return exp(A dt) and its integral over the step, both of shape (n_states, n_states).

    One matrix exponential gives both, and is right for equal time constants, where the closed form is 0/0.
    """
    size = len(propagator.system.states)
    augmented = np.zeros((2 * size, 2 * size))
    for row, entries in enumerate(propagator.system.matrix):
        for column, entry in enumerate(entries):
            augmented[row, column] = float(evaluate(entry, constants, np)) * dt
    augmented[:size, size:] = np.eye(size) * dt
    full = expm(augmented) if propagator.order == 0 else _series(augmented, propagator.order)
    return full[:size, :size], full[:size, size:]


def _series(matrix: NDArray[np.float64], order: int) -> NDArray[np.float64]:
    """Return the first terms of the series of a matrix exponential, which a Runge-Kutta method amounts to."""
    total = term = np.eye(len(matrix))
    for power in range(1, order + 1):
        term = term @ matrix / power
        total = total + term
    return total
