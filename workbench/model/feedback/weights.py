"""The weights that pathways have of their own: their shapes, and how they are drawn."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from workbench.declare.feedback import Origin, Pathway, Weighing
from workbench.declare.network import Network

Weight = NDArray[np.float64]

#: Where a signal begins -> the shape of what weighs it, of the sizes of the layer, the layer above and the output.
_SHAPES: dict[Origin, Callable[[int, int, int], tuple[int, int]]] = {
    "above": lambda size, above, outputs: (above, size),
    "output": lambda size, above, outputs: (outputs, size),
    "layer": lambda size, above, outputs: (size, outputs),
}

#: What weighs a signal -> weights whose mean square is 1; nothing where these are not the pathway's own.
_DRAWN: dict[Weighing, Callable[[np.random.Generator, tuple[int, int]], Weight]] = {
    "sign": lambda generator, shape: np.abs(generator.standard_normal(shape)),
    "random": lambda generator, shape: generator.standard_normal(shape),
    "learned": lambda generator, shape: generator.standard_normal(shape),
    "by_rule": lambda generator, shape: generator.standard_normal(shape),
    "constant": lambda generator, shape: np.ones(shape),
}


def feedback_shapes(network: Network, pathway: Pathway) -> dict[str, tuple[int, int]]:
    """Return the shapes of the weights that a pathway has of its own; none where it uses the forward weights."""
    if pathway.weights not in _DRAWN:
        return {}
    shape, sizes = _SHAPES[pathway.origin], network.layer_sizes
    found = {}
    for layer in network.learning_layers:
        way = network.way_up(layer)
        above = sizes["readout" if way is None else way.target]
        found[layer] = shape(sizes[layer], above, sizes["readout"])
    return found


def draw_feedback(pathway: Pathway, shape: tuple[int, int], std: float, generator: np.random.Generator) -> Weight:
    """Return the weights of a pathway, as they are at the start.

    Parameters
    ----------
    pathway : Pathway
        Whose weights they are.
    shape : tuple of int
        As of `feedback_shapes`.
    std : float
        Root of the mean square; that of a sum over the source is as large.
    generator : numpy.random.Generator
        Of their stream.

    Returns
    -------
    ndarray of shape (n_source, n_target)
        Of a layer.
    """
    drawn = _DRAWN[pathway.weights](generator, shape)
    if pathway.density < 1:
        drawn = np.where(generator.random(shape) < pathway.density, drawn, 0.0) / np.sqrt(pathway.density)
    return np.asarray(std / np.sqrt(shape[0]) * drawn)
