"""Run the steps of a trial such that the gradient of a long one fits into memory."""

from collections.abc import Callable
from math import ceil, isqrt
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from workbench.declare.network import Network
from workbench.declare.options import Precision

#: About how much may be kept of what a block's steps computed [byte]. What fits into a processor's cache is fastest.
KEPT = 8_000_000

#: About how many numbers of each hidden neuron a step's gradient needs.
_PER_NEURON = 6


def block_length(network: Network, n_trials: int, precision: Precision) -> int:
    """Return the steps of a block for `scan_in_blocks`: as many as fit into `KEPT`, at least the root of all.

    Parameters
    ----------
    network : Network
        Its sizes and number of steps.
    n_trials : int
        That run at once.
    precision : {"float64", "float32"}
        Of what is kept.

    Returns
    -------
    int
        From 1; 0 where all steps fit.
    """
    numbers = network.n_inputs + _PER_NEURON * network.n_hidden
    fitting = KEPT // (n_trials * numbers * np.dtype(precision).itemsize)
    if fitting >= network.n_steps:
        return 0
    # Blocks of about equal length: a short last one costs as much as the others where gradients are large.
    n_blocks = ceil(network.n_steps / max(fitting, isqrt(network.n_steps)))
    return ceil(network.n_steps / n_blocks)


def scan_in_blocks(steps: Callable[[Any, Any], tuple[Any, Any]], carry: Any, sequence: Any, length: int) -> Any:
    """Run steps, keeping for the gradient the state at the beginning of each block, and all of one block at a time.

    Parameters
    ----------
    steps : callable
        ``steps(carry, sequence)`` runs any number of steps; it returns the state afterwards and a tree of what each
        step gave, stacked.
    carry : tree of arrays
        The state before the first step.
    sequence : tree of arrays of shape (n_steps, ...)
        What each step is given.
    length : int
        Steps of a block; the last one may be shorter. 0 runs all steps in one, and keeps everything.

    Returns
    -------
    carry, given : tree of arrays
        The state after the last step, and what each step gave.
    """
    n_steps = len(jax.tree.leaves(sequence)[0])
    whole = n_steps // length if length else 0
    if whole == 0:
        return steps(carry, sequence)

    def block(state: Any, number: Any) -> tuple[Any, Any]:
        def cut(array: Any) -> Any:
            return jax.lax.dynamic_slice_in_dim(array, number * length, length)

        # Cut here, and not by the scan: that would copy all that is given.
        return steps(state, jax.tree.map(cut, sequence))

    carry, given = jax.lax.scan(jax.checkpoint(block, prevent_cse=False), carry, jnp.arange(whole))
    given = jax.tree.map(lambda array: array.reshape(whole * length, *array.shape[2:]), given)
    if whole * length == n_steps:
        return carry, given
    # What the last block did is needed as soon as it is done.
    carry, rest = steps(carry, jax.tree.map(lambda array: array[whole * length :], sequence))
    return carry, jax.tree.map(lambda *parts: jnp.concatenate(parts), given, rest)
