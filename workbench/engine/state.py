"""What learning changes, and what it does not: the weights and memory that are carried from run to run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import ModelError, nearest
from workbench.declare.feedback import FEEDBACK
from workbench.declare.network import Network
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
    """

    weights: Weights
    feedback: Weights
    memory: Weights
    n_updates: int = 0

    def with_weights(self, weights: Weights) -> "State":
        """Return the same state with other forward weights."""
        return replace(self, weights=weights)


def fitting_weights(given: Mapping[str, Weight], shapes: Mapping[str, tuple[int, int]], what: str) -> Weights:
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


def feedback_shapes(network: Network, feedback: str) -> dict[str, tuple[int, int]]:
    """Return the shapes of the weights that a pathway has of its own; none where it uses the forward weights."""
    pathway = FEEDBACK[feedback]
    shapes = {}
    for index, layer in enumerate(network.layers[:-1]):
        size, above = network.sizes[index + 1 : index + 3]
        if pathway.origin == "output":
            shapes[layer] = (network.n_outputs, size)
        elif pathway.origin == "layer":
            shapes[layer] = (size, network.n_outputs)
        elif pathway.weights in {"sign", "random", "learned"}:
            shapes[layer] = (above, size)
    return shapes


def draw_feedback(feedback: str, shape: tuple[int, int], std: float, generator: np.random.Generator) -> Weight:
    """Return the weights of a pathway, as they are at the start.

    Parameters
    ----------
    feedback : str
        The pathway.
    shape : tuple of int
        As of `feedback_shapes`.
    std : float
        Root of the mean square; that of a sum over the source is as large.
    generator : numpy.random.Generator
        Of their stream.
    """
    scale = std / np.sqrt(shape[0])
    if FEEDBACK[feedback].weights == "constant":
        return np.full(shape, scale)
    drawn: Weight = scale * generator.standard_normal(shape)
    return np.asarray(np.abs(drawn)) if FEEDBACK[feedback].weights == "sign" else drawn


def plastic_weights(setup: Setup) -> tuple[str, ...]:
    """Return the names of the weights that the network itself changes."""
    names = tuple(setup.network.weight_shapes())
    return names if setup.rule.has_equations else names[-1:]
