"""Second opinions on the gradient: another direction of differentiation, and a loss that has differences."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from workbench.recording import Recording
from workbench.reference.bptt import Reference
from workbench.reference.compiled import compiled, to_numpy
from workbench.reference.step import Mode, Reset, trial_function
from workbench.task import Trials

#: Untyped in JAX.
_forward_jacobian: Any = jax.jacfwd


def smooth_loss(
    model: Reference, weights: Mapping[str, NDArray[np.float64]], trials: Trials, reset: Reset
) -> NDArray[np.float64]:
    """Return each trial's loss with a smooth function in the place of the threshold, shape (n_trials,)."""
    with model.typed():
        function = compiled(model.program, model.setup.network, Mode("smooth", reset), "run", "")
        told = to_numpy(function(*model.arguments(weights, {}, trials)))
        return np.asarray(told["loss"]["readout"])


def forward_mode(
    model: Reference,
    weights: Mapping[str, NDArray[np.float64]],
    feedback: Mapping[str, NDArray[np.float64]],
    trials: Trials,
    recording: Recording,
    reset: Reset,
) -> dict[str, NDArray[np.float64]]:
    """Return the gradient of the mean loss by forward-mode differentiation (RTRL), a test of the reverse mode."""
    run = trial_function(model.program, model.setup.network, Mode("given", reset))

    def mean(values: Any, *rest: Any) -> Any:
        def loss(*arguments: Any) -> Any:
            return run(values, *arguments)["loss"]["readout"]

        return jnp.mean(jax.vmap(loss, in_axes=(None, 0, 0, None, 0))(*rest))

    with model.typed():
        differentiate: Any = jax.jit(_forward_jacobian(mean))
        gradient: dict[str, NDArray[np.float64]] = to_numpy(
            differentiate(*model.arguments(weights, feedback, trials, recording))
        )
        return gradient
