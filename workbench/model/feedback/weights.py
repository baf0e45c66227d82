"""The weights that pathways have of their own: their shapes, and how they are drawn."""

import numpy as np
from numpy.typing import NDArray

from workbench.declare.feedback import FEEDBACK
from workbench.declare.network import Network

Weight = NDArray[np.float64]


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
