"""Gradients of a loss, as the reference gives them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Gradients:
    """Gradients of a loss by the weights.

    Attributes
    ----------
    mean : dict of str to ndarray of shape (n_pre, n_post)
        Of the mean loss over trials.
    trials : dict of str to ndarray of shape (n_trials, n_pre, n_post)
        Of each trial's loss; empty where not asked for.
    loss : ndarray of shape (n_trials,)
        The losses.
    differing : int
        Decisions within the tolerance of the threshold in which the reference differs from the recording.
    """

    mean: dict[str, NDArray[np.float64]]
    trials: dict[str, NDArray[np.float64]]
    loss: NDArray[np.float64]
    differing: int
