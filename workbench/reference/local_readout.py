"""Exact gradients of the losses of local readouts, each by the weights onto its own layer."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from workbench.declare.recording import Recording
from workbench.declare.trials import Trials
from workbench.reference.agreement import refuse_disagreement
from workbench.reference.blocks import block_length
from workbench.reference.bptt import Reference
from workbench.reference.compiled import compiled, to_numpy
from workbench.reference.mode import TOLERANCE, Mode


def local_gradients(
    reference: Reference,
    weights: Mapping[str, NDArray[np.float64]],
    feedback: Mapping[str, NDArray[np.float64]],
    trials: Trials,
    recording: Recording,
    pad: int = 0,
) -> dict[str, NDArray[np.float64]]:
    """Return the gradient of the mean loss of each hidden layer's own readout by the weights onto that layer.

    Parameters
    ----------
    reference : Reference
        Of a setup whose layers have readouts of their own.
    weights, feedback, trials, recording, pad
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
    network = reference.setup.network
    reference.refuse_misfit(trials)
    index, share = reference.padded(len(trials), max(pad, len(trials)))
    block = block_length(network, len(index), reference.precision)
    mode = Mode("given", "constant", block, TOLERANCE[reference.coarser])
    with reference.typed():
        arguments = reference.arguments(weights, feedback, trials, recording, index)
        gradient, told = to_numpy(compiled(reference.program, network, mode, "local", "")(*arguments, share))
    for layer in network.layers[:-1]:
        refuse_disagreement(told, recording, f"{layer}_readout", reference.coarser)
    return dict(gradient)
