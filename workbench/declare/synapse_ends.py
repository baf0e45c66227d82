"""Between whom synapses are: populations, and neurons."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Indices(NamedTuple):
    """The two ends of each synapse, ordered by source and then by target.

    Attributes
    ----------
    pre, post : ndarray of int32 of shape (n_synapses,)
        Numbers of neurons.
    """

    pre: NDArray[np.int32]
    post: NDArray[np.int32]


class Between(NamedTuple):
    """The populations at both ends of a projection.

    Attributes
    ----------
    n_pre, n_post : int
        Numbers of neurons.
    recurrent : bool
        Whether the two are one.
    name : str
        Of the projection, by which its draws are others than those of the next.
    """

    n_pre: int
    n_post: int
    recurrent: bool
    name: str
