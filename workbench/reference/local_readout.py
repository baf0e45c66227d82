"""Exact gradients of the losses of local readouts, each by the weights onto its own layer."""

import numpy as np
from numpy.typing import NDArray

from workbench.reference.bptt import Reference
from workbench.reference.by_jax import differentiate
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.mode import Mode


def local_gradients(reference: Reference, forward: ForwardPass, pad: int = 0) -> dict[str, NDArray[np.float64]]:
    """Return the gradient of the mean loss of each hidden layer's own readout by the weights onto that layer.

    Parameters
    ----------
    reference : Reference
        Of a setup whose layers have readouts of their own.
    forward, pad
        As of `Reference.gradients`.

    Returns
    -------
    dict of str to ndarray of shape (n_pre, n_post)
        By name of the weights, without the readout's; the reset is held constant.

    Raises
    ------
    GradientError
        Where a decision, a local loss or the readout disagrees with the recording.
    """
    gradient, _ = differentiate(reference, forward, Mode(reset="constant"), "local", "", pad)
    return gradient
