"""A second opinion on the gradient: a loss that has differences, and the slope of it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from workbench.declare.references import Reset
from workbench.declare.trials import Trials
from workbench.reference.arguments import arguments
from workbench.reference.bptt import Reference
from workbench.reference.by_jax import differentiate, typed
from workbench.reference.compiled import compiled, to_numpy
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.mode import Mode


def smooth_loss(
    model: Reference, weights: Mapping[str, NDArray[np.float64]], trials: Trials, reset: Reset
) -> NDArray[np.float64]:
    """Return each trial's loss with a smooth function in the place of the threshold, shape (n_trials,)."""
    model.refuse_misfit(trials)
    with typed(model):
        function = compiled(model.program, model.setup.network, Mode("smooth", reset), "run", "")
        told = to_numpy(function(*arguments(model, ForwardPass(weights, {}, trials))[0]))
        return np.asarray(told["loss"]["readout"])


def smooth_gradients(
    model: Reference,
    weights: Mapping[str, NDArray[np.float64]],
    trials: Trials,
    reset: Reset = "differentiated",
    pad: int = 0,
) -> dict[str, NDArray[np.float64]]:
    """Return the gradient of the mean of `smooth_loss` by each layer's weights; arguments as of `gradients`."""
    return differentiate(model, ForwardPass(weights, {}, trials), Mode("smooth", reset), "mean", "readout", pad)[0]
