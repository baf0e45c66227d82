"""The numbers of a setup, and the values that its model's variables take from them.

Matrices are small here and are multiplied element by element, in long doubles that are rounded once: libraries of
linear algebra choose their code, and so the last bit, by the processor.
"""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from workbench.model.bindings import Binding, Propagator
from workbench.model.noise_keys import noise_keys
from workbench.model.setup import FIRST, Setup
from workbench.text.expressions import evaluate

#: Terms of the series of exp(x) for |x| up to 1/2, the next of which is below 2e-20.
_TERMS = 15


#: Numbers by name, one for each neuron where they differ.
Numbers = dict[str, float | NDArray[np.float64]]


def numbers(setup: Setup) -> Numbers:
    """Return every number of a setup by its name, in SI base units; of shape (n_neurons,) where neurons differ."""
    network = setup.network
    start, stop = network.steps_in_window
    values: Numbers = {
        "dt": network.dt,
        "dt_in_ms": network.dt / 1e-3,
        "n_steps": network.n_steps,
        "flush_every": network.n_steps,
        "window_start": start,
        "window_stop": stop,
        "window_duration": (stop - start) * network.dt,
    }
    for name, value in network.surrogate.parameters:
        scaled = network.scale_surrogate and name == network.surrogate.height
        values[f"surrogate.{name}"] = value * (network.dt / 1e-3 if scaled else 1.0)
    values |= {f"optimizer.{name}": value for name, value in setup.optimizer.parameters}
    values["duration"] = network.n_steps * network.dt
    if setup.pathway.rule is not None:
        values |= {f"feedback_rule.{name}": value for name, value in setup.pathway.rule.values().items()}
    values |= {f"update_every{mark}": setup.steps_between_updates_of(mark) for mark in setup.rules}
    for projection in network.all_projections:
        values[f"learning_rate.{projection.name}"] = projection.learning_rate
        for number, constraint in enumerate(setup.constraints_on(projection.name)):
            held = {f"constraint.{projection.name}.{number}.{name}": float(n) for name, n in constraint.parameters}
            values |= held
        if projection.transmits is not None:
            own = projection.transmits.values() | {f"{FIRST}{key}": n for key, n in projection.transmits.initial}
            values |= {f"transmission.{projection.name}.{name}": value for name, value in own.items()}
    for mark, rule in setup.rules.items():
        values |= {f"rule{mark}.{name}": value for name, value in rule.values().items()}
    values |= {name: np.array(key) for name, key in noise_keys(setup).items()}
    for source in network.models:
        values |= {f"{source}.{name}": value for name, value in network.parameters_of(source).items()}
        values |= {f"{source}.{FIRST}{name}": value for name, value in network.first_values_of(source).items()}
    return values


def variable_values(setup: Setup, bindings: Iterable[Binding], propagators: Iterable[Propagator]) -> Numbers:
    """Return the value of each variable of a model that holds a number of the setup; one of each synapse where it has.

    Returns
    -------
    dict of str to float or ndarray of shape (n_neurons,) or (n_synapses,)
        By ``<group>.<variable>``.
    """
    known = numbers(setup)
    dt = setup.network.dt
    values: Numbers = {}
    rates: dict[str, float] = {}
    for propagator in propagators:
        constants = {name: known[source] for name, source in propagator.constants.items()}
        once, integral = step_matrices(propagator, constants, dt)
        if propagator.inverse:
            rates[propagator.owner] = rates.get(propagator.owner, 0.0) + _fastest_decay(once)
            once = _inverse(once)
        values |= {f"{propagator.owner}.{name}": once[..., row, column] for name, row, column in propagator.homogeneous}
        values |= {f"{propagator.owner}.{name}": integral[..., row, column] for name, row, column in propagator.driven}
    if rates and max(rates.values()) > 0:
        # Powers of the inverses grow by exp(8) at most, which costs 4 of 16 digits.
        # Eigenvalues are known to some digits only, which must not decide where the quotient is a whole number.
        known["flush_every"] = min(setup.network.n_steps, max(1, int(round(8 / max(rates.values()), 9))))
    values |= {binding.variable: known[binding.source] for binding in bindings}
    return {name: _of_synapses(setup, name, value) for name, value in values.items()}


def _of_synapses(setup: Setup, name: str, value: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
    """Return a number as the synapses hold it that reach neurons in which it differs: that of the target of each."""
    group, _ = name.split(".")
    if np.ndim(value) == 0 or not group.startswith("w_") or name.startswith(f"{group}._"):
        return value
    projection = setup.network.projection(group.removeprefix("w_"))
    array = np.asarray(value)
    return np.tile(array, projection.ends[0]) if projection.dense else array[projection.indices.post]


def _fastest_decay(once: NDArray[np.float64]) -> float:
    """Return the rate per step at which the fastest of some variables decays."""
    fastest = np.abs(np.linalg.eigvals(once)).min() if once.size else 1.0
    return float(-np.log(np.clip(fastest, 1e-300, 1.0)))


def step_matrices(
    propagator: Propagator, constants: Numbers, dt: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return exp(A dt) and its integral over the step, both of shape (n_states, n_states), or (n_neurons, ...).

    One matrix exponential gives both, and is right for equal time constants, where the closed form is 0/0.
    """
    size = len(propagator.system.states)
    found = [[np.asarray(evaluate(entry, constants, np)) for entry in row] for row in propagator.system.matrix]
    differ = np.broadcast_shapes(*(entry.shape for row in found for entry in row))
    augmented = np.zeros((*differ, 2 * size, 2 * size))
    for row, entries in enumerate(found):
        for column, entry in enumerate(entries):
            augmented[..., row, column] = entry * dt
    augmented[..., :size, size:] = np.eye(size) * dt
    full = _series(augmented, propagator.order) if propagator.order else _exponential(augmented)
    return full[..., :size, :size], full[..., :size, size:]


def _exponential(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the exponential of a matrix: the series of a part that is small, squared as often as it was halved."""
    size = float(np.abs(matrix).sum(axis=-1).max(initial=0.0))
    halvings = max(0, math.frexp(size)[1] + 1)
    total = _terms(matrix.astype(np.longdouble) / 2.0**halvings, _TERMS)
    for _ in range(halvings):
        total = _product(total, total)
    return total.astype(np.float64)


def _series(matrix: NDArray[np.float64], order: int) -> NDArray[np.float64]:
    """Return the first terms of the series of a matrix exponential, which a Runge-Kutta method amounts to."""
    return _terms(matrix.astype(np.longdouble), order).astype(np.float64)


def _terms(matrix: NDArray[np.longdouble], order: int) -> NDArray[np.longdouble]:
    total = term = np.eye(matrix.shape[-1], dtype=np.longdouble)
    for power in range(1, order + 1):
        term = _product(term, matrix) / power
        total = total + term
    return total


def _product(left: NDArray[np.longdouble], right: NDArray[np.longdouble]) -> NDArray[np.longdouble]:
    product: NDArray[np.longdouble] = (left[..., :, :, None] * right[..., None, :, :]).sum(axis=-2)
    return product


def _inverse(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the inverse of a matrix, by elimination with the largest pivot; of what has faded at once, the nearest."""
    size = len(matrix)
    rows = np.hstack([matrix, np.eye(size)]).astype(np.longdouble)
    for column in range(size):
        pivot = column + int(np.argmax(np.abs(rows[column:, column])))
        if rows[pivot, column] == 0:
            return np.asarray(np.linalg.pinv(matrix))
        rows[[column, pivot]] = rows[[pivot, column]]
        rows[column] /= rows[column, column]
        others = np.arange(size) != column
        rows[others] -= rows[others, column, None] * rows[column]
    return rows[:, size:].astype(np.float64)
