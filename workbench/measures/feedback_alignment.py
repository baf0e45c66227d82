"""How far feedback weights point along the transpose of the weights that they stand for."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from workbench.declare.feedback import Pathway
from workbench.declare.measured import Measured
from workbench.declare.network import Network
from workbench.measures.alignment import cosine

Weights = Mapping[str, NDArray[np.float64]]

#: Weights of a pathway's own that come down from the layer above one for one.
_OWN = ("random", "learned", "by_rule")


def feedback_cosines(network: Network, pathway: Pathway, weights: Weights, feedback: Weights) -> dict[str, Measured]:
    """Return the cosine of feedback weights with the transpose of the forward weights, by hidden layer.

    Parameters
    ----------
    network : Network
        Of the weights.
    pathway : Pathway
        Of the learning signal; where it does not come from the layer above by weights of its own, nothing is returned.
    weights, feedback : mapping of str to ndarray
        Forward weights by name, and feedback weights by hidden layer.

    Returns
    -------
    dict of str to Measured
        Of layers whose weights to the layer above are a matrix.
    """
    if pathway.origin != "above" or pathway.weights not in _OWN:
        return {}
    ways = {layer: network.way_up(layer) for layer in feedback}
    return {
        layer: cosine(feedback[layer], weights[way.name].T)
        for layer, way in ways.items()
        if way is not None and way.dense
    }
