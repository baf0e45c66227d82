"""What learning changes, and what it does not: the weights and memory that are carried from run to run."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import ModelError, SimulationError, nearest
from workbench.model.setup import Setup

Weight = NDArray[np.float64]
Weights = dict[str, Weight]


@dataclass(frozen=True, eq=False)
class State:
    """Weights, fixed feedback, and everything that an interrupted epoch needs to go on bit for bit.

    Attributes
    ----------
    weights : dict of str to ndarray of shape (n_pre, n_post)
        By name: the layer that they reach, or ``hidden1_recurrent`` where it reaches itself.
    feedback : dict of str to ndarray of shape (n_source, n_target)
        Weights of the learning signal, by hidden layer: from the layer above or the output to the hidden layer;
        of a local readout, from the hidden layer to its outputs.
    memory : dict of str to ndarray of shape (n_pre, n_post)
        The unfinished batch's `g` and the optimizer's variables, by ``<layer>.<variable>``; absent ones are 0.
    n_updates : int
        Updates so far.
    outlasting : dict of str to ndarray
        The variables that outlive a trial, by ``<group>.<variable>``; absent ones have their first values.
    updates_beside : dict of str to int
        Updates of weights that have a rule of their own, by the mark of the rule; absent ones are 0.
    """

    weights: Weights
    feedback: Weights
    memory: Weights
    n_updates: int = 0
    outlasting: Weights = field(default_factory=dict)
    updates_beside: dict[str, int] = field(default_factory=dict)

    def with_weights(self, weights: Weights) -> "State":
        """Return the same state with other forward weights."""
        return replace(self, weights=weights)


def fitting_weights(given: Mapping[str, Weight], shapes: Mapping[str, tuple[int, ...]], what: str) -> Weights:
    """Return weights that a user gives, where they are those that a network has.

    Parameters
    ----------
    given : mapping of str to ndarray
        By name.
    shapes : mapping of str to (int, int)
        What there must be: names, and (n_pre, n_post).
    what : str
        What they are called, as the start of a sentence.

    Raises
    ------
    ModelError
        Where one is missing, there is one too many, or one has another shape or numbers that are not finite.
    """
    for name, shape in shapes.items():
        if name not in given:
            raise ModelError(f"{what} of '{name}' are missing, of shape {shape}; there must be: {', '.join(shapes)}.")
        array = given[name]
        if array.shape != shape:
            raise ModelError(f"{what} of '{name}' must have shape {shape}, not {array.shape}.")
        if not np.isfinite(array).all():
            raise ModelError(f"{what} of '{name}' must be finite, and hold {array[~np.isfinite(array)][0]}.")
    for name in given:
        if name not in shapes:
            raise ModelError(f"{what} of '{name}' have no place. {nearest(name, shapes)}")
    return {name: given[name].astype(np.float64) for name in shapes}


def plastic_weights(setup: Setup) -> tuple[str, ...]:
    """Return the names of the weights that the network itself changes."""
    return tuple(item.name for item in setup.network.all_projections if setup.learns(item))


def shaped(array: NDArray[np.float64], shape: tuple[int, ...], what: str) -> NDArray[np.float64]:
    """Return an array, or raise a `SimulationError` where it has another shape than the network needs."""
    if array.shape != shape:
        raise SimulationError(f"The {what} have shape {array.shape}, but the network needs {shape}.")
    return array
