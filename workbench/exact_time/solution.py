"""The equations of a neuron, solved: what it does between spikes is a sum of exponentials, for any time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import ModelError
from workbench.declare.neuron import NeuronModel
from workbench.model.neuron_text import equations_of
from workbench.text.derivative import NoDerivativeError, derivative
from workbench.text.equations import linear_system
from workbench.text.expressions import evaluate
from workbench.text.syntax import identifiers, statements, substituted

Array = NDArray[np.float64]

#: Variables for which the compiled code has room: 16 terms of a drive, one of which is a constant.
_MOST = 15

#: What modes add up to loses some digits: as many as the exponent of this may go.
_MOST_LOST = 1e6


@dataclass(frozen=True, eq=False)
class Solution:
    """What a neuron does between spikes.

    Its variables are those that fade, ``x = vectors @ z`` with ``dz/dt = rates * z``, and those that do not, ``s``:
    each of these is held, or grows by numbers and what is held, ``ds/dt = growth @ s + slope``.

    Attributes
    ----------
    model : NeuronModel
        The neuron.
    names : tuple of str
        Its variables, those that fade first; among these a 1 without a name where equations have a constant.
    rates : ndarray of shape (n_modes,)
        Of the modes [1/s].
    vectors, inverse : ndarray of shape (n_modes, n_modes)
        From modes to variables, and back.
    growth : ndarray of shape (n_held, n_held)
        [1/s].
    slope : ndarray of shape (n_held,)
        [1/s].
    first : ndarray of shape (n_names,)
        What the variables are when a trial begins.
    drive_of_modes, drive_of_held : ndarray of shape (n_modes,), (n_held,)
        The drive is ``drive_of_modes @ z + drive_of_held @ s + drive_at_0``; of a neuron without spikes all are 0.
    drive_at_0 : float
        See there.
    """

    model: NeuronModel
    names: tuple[str, ...]
    rates: Array
    vectors: Array
    inverse: Array
    growth: Array
    slope: Array
    first: Array
    drive_of_modes: Array
    drive_of_held: Array
    drive_at_0: float

    @property
    def n_modes(self) -> int:
        """How many variables fade."""
        return len(self.rates)


def solved(model: NeuronModel) -> Solution:
    """Return the solution of a neuron's equations.

    Parameters
    ----------
    model : NeuronModel
        Of a layer.

    Raises
    ------
    ModelError
        Where its equations are not linear, oscillate, or have equal time constants; or where something but the
        crossing of a threshold decides on its spikes.
    """
    where = f"Neuron '{model.name}' in continuous time"
    _refuse(model, where)
    plain = model.plain()
    values = plain.values()
    system = linear_system(equations_of(plain), plain.units())
    for state, rest in system.rest.items():
        if identifiers(rest) & {*system.states, "t", "dt"}:
            raise ModelError(f"{where}: equations must be linear with constant coefficients; that of '{state}' is not.")
    matrix = np.array([[_number(entry, values) for entry in row] for row in system.matrix])
    constant = np.array([_number(system.rest[state], values) for state in system.states])
    held = _held(matrix, constant)
    fading = [k for k in range(len(system.states)) if k not in held]
    rates, vectors = _modes(matrix[np.ix_(fading, fading)], constant[fading], where)
    names = [system.states[k] for k in fading] + [""] * (len(rates) - len(fading)) + [system.states[k] for k in held]
    if len(names) > _MOST:
        raise ModelError(f"{where}: it has {len(names)} variables, and {_MOST} may be told apart. Leave some out.")
    first = plain.first_values()
    begun = np.array([1.0 if not name else first.get(name, 0.0) for name in names])
    inverse = np.asarray(np.linalg.inv(vectors), dtype=np.float64)
    weights, at_0 = _drive(plain, names, values, where)
    count = len(rates)
    if (weights[count:] * (np.abs(matrix[held]).sum(axis=1) + np.abs(constant[held]))).any():
        raise ModelError(f"{where}: 'drive' must not read what grows with time and never fades.")
    return Solution(
        model=plain, names=tuple(names), rates=rates, vectors=vectors, inverse=inverse,
        growth=matrix[np.ix_(held, held)], slope=constant[held], first=begun,
        drive_of_modes=weights[:count] @ vectors, drive_of_held=weights[count:], drive_at_0=at_0,
    )  # fmt: skip


def arriving(solution: Solution, receptor: str) -> Array:
    """Return what a weight of 1 that arrives adds to each mode, shape (n_modes,).

    Parameters
    ----------
    solution : Solution
        Of the neuron.
    receptor : str
        The variable to which it is added.

    Raises
    ------
    ModelError
        Where that does not fade, or the drive reads it.
    """
    where = f"Neuron '{solution.model.name}' in continuous time"
    place = solution.names.index(receptor)
    if place >= solution.n_modes:
        raise ModelError(f"{where}: what arrives at '{receptor}' must fade. Give it a time constant.")
    added = solution.inverse[:, place]
    if abs(solution.drive_of_modes @ added) > 1e-12 * np.abs(solution.drive_of_modes * added).sum():
        raise ModelError(f"{where}: what arrives must not move the drive at once. Let 'drive' not read '{receptor}'.")
    return np.ascontiguousarray(added)


def _refuse(model: NeuronModel, where: str) -> None:
    if model.besides_threshold:
        raise ModelError(f"{where}: {model.besides_threshold} has a part in its spikes. Name one without.")
    if model.persistent:
        raise ModelError(f"{where}: '{model.persistent[0]}' outlives a trial, which nothing does there. Name another.")
    if not model.is_uniform:
        raise ModelError(f"{where}: all neurons of a layer must have the same numbers. Give each of them one value.")


def _number(text: str, values: dict[str, float]) -> float:
    return float(evaluate(text, values, np))


def _held(matrix: Array, constant: Array) -> list[int]:
    """Return the variables that do not fade and that none which fades reads."""
    count = len(matrix)
    still = [k for k in range(count) if not matrix[k].any()]
    # What grows by what is held does not fade either.
    grows = [k for k in range(count) if matrix[k].any() and set(np.nonzero(matrix[k])[0]) <= set(still)]
    found = [*still, *grows]
    while True:
        read = {k for k in found for row in range(count) if row not in found and matrix[row, k] != 0}
        read |= {k for k in found if constant[k] and any(matrix[row, k] for row in found)}
        if not read:
            return sorted(found)
        found = [k for k in found if k not in read]


def _modes(matrix: Array, constant: Array, where: str) -> tuple[Array, Array]:
    """Return the rates and vectors of the modes of ``dx/dt = matrix @ x + constant``."""
    if constant.any():
        size = len(matrix)
        whole = np.zeros((size + 1, size + 1))
        whole[:size, :size], whole[:size, size] = matrix, constant
        matrix = whole
    rates, vectors = np.linalg.eig(matrix)
    if np.iscomplexobj(rates) and np.abs(rates.imag).max() > 0:
        raise ModelError(f"{where}: its equations oscillate, so that they are no sum of exponentials that fade.")
    rates, vectors = np.real(rates), np.real(vectors)
    terms = np.abs(vectors) @ np.diag(np.abs(rates)) @ np.abs(np.linalg.pinv(vectors, rcond=1e-300))
    if (terms > _MOST_LOST * np.abs(matrix))[matrix != 0].any():
        raise ModelError(f"{where}: two of its time constants are equal. Move one of them by a thousandth of itself.")
    return rates, vectors


def _drive(model: NeuronModel, names: list[str], values: dict[str, float], where: str) -> tuple[Array, float]:
    """Return the slopes of the drive by each variable, and what it is where all are 0."""
    if not model.drive:
        return np.zeros(len(names)), 0.0
    known = {name for name in names if name}
    at_0 = values | dict.fromkeys(known, 0.0)
    try:
        slopes = {name: derivative(model.drive, name) for name in known}
    except NoDerivativeError as error:
        raise ModelError(f"{where}: {error} in 'drive' has no derivative here.") from error
    if any(identifiers(text) & known for text in slopes.values()):
        raise ModelError(f"{where}: 'drive' must be a sum of its variables, times numbers.")
    return np.array([_number(slopes[name], at_0) if name else 0.0 for name in names]), _number(model.drive, at_0)


def displacements(solution: Solution) -> dict[str, str]:
    """Return what a spike sets each variable to, as an expression of what all were before it.

    Parameters
    ----------
    solution : Solution
        Of the neuron.
    """
    found: dict[str, str] = {}
    for target, text in statements(solution.model.reset):
        found[target] = substituted(text, found)
    return {name: text for name, text in found.items() if name in solution.names}
