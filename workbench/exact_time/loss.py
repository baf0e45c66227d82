"""The loss of what a readout put out, and its slope by that."""

import numpy as np
from numpy.typing import NDArray

from workbench.declare.network import Network
from workbench.text.expressions import evaluate

Array = NDArray[np.float64]


def losses(network: Network, target: Array, output: Array) -> tuple[Array, Array]:
    """Return each trial's loss, and its slope by the output in each step of the window.

    Parameters
    ----------
    network : Network
        Whose loss it is.
    target : ndarray of shape (n_trials, n_outputs) or (n_trials, n_steps, n_outputs)
        What is wanted.
    output : ndarray of shape (n_trials, n_window, n_outputs)
        What there is.

    Returns
    -------
    loss : ndarray of shape (n_trials,)
        Mean over the window.
    slopes : ndarray of shape (n_trials, n_window, n_outputs)
        Of each trial's own loss.
    """
    loss, (begin, stop) = network.loss, network.steps_in_window
    wanted = target[:, None] if target.ndim == 2 else target[:, begin:stop]
    known = {"y": output, "target": np.broadcast_to(wanted, output.shape)}
    if loss.share:
        known["greatest"] = output.max(axis=2, keepdims=True)
        known["share"] = np.asarray(evaluate(loss.share, known, np))
        known["total"] = known["share"].sum(axis=2, keepdims=True)
    value, error = (np.broadcast_to(evaluate(text, known, np), output.shape) for text in (loss.value, loss.error))
    steps = stop - begin
    return value.sum(axis=(1, 2)) / steps, np.ascontiguousarray(error / steps)
