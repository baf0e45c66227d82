"""The reset after a spike, and what gradients see of it."""

from typing import Any

import jax
import jax.numpy as jnp

from workbench.reference.mode import Mode


def after_reset(before: Any, displaced: Any, spikes: Any, mode: Mode) -> Any:
    """Return the values after a reset; exactly `displaced` where there was a spike, whatever the gradient sees.

    Parameters
    ----------
    before, displaced : array of shape (n_neurons,)
        A variable as it was, and as the reset would have it.
    spikes : array of shape (n_neurons,)
        1 where there was a spike; between 0 and 1 where the mode has a smooth function in the place of spikes.
    mode : Mode
        Whether gradients see the displacement as a constant or go through it.
    """
    if mode.spike == "smooth":
        moved = spikes * (displaced - before)
        return before + (jax.lax.stop_gradient(moved) if mode.reset == "constant" else moved)
    after = jnp.where(spikes > 0.5, displaced, before)
    if mode.reset == "constant":
        return jax.lax.stop_gradient(after) + (before - jax.lax.stop_gradient(before))
    # The first factor is 0, so that its own derivative is all that counts.
    return after + (spikes - jax.lax.stop_gradient(spikes)) * jax.lax.stop_gradient(displaced - before)
