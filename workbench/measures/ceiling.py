"""How well so many trials know the gradient at all: what no estimate can be expected to exceed."""

import numpy as np
from numpy.typing import NDArray

from workbench.declare.measured import Measured, undefined
from workbench.measures.alignment import cosine

Array = NDArray[np.float64]


def ceiling(even: Array, odd: Array, n_trials: int) -> Measured:
    """Return the cosine between the sums over two halves of the trials: how well the reference knows itself.

    Parameters
    ----------
    even, odd : ndarray of shape (n_pre, n_post)
        The sums of the gradients of the trials 0, 2, 4, ... and 1, 3, 5, ...
    n_trials : int
        How many trials there are in both.
    """
    if n_trials < 2:
        return undefined("A ceiling needs at least two trials.")
    return cosine(even, odd)
