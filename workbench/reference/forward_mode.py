"""Gradients that are carried along with time: real-time recurrent learning, N^3 numbers for N neurons."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp

#: The state after a step, and what the step gave: spikes, and what the sources of each weights sent.
Stepped = tuple[Any, tuple[Any, Any]]


def carry_along(
    step: Callable[..., Stepped], start: Any, sequence: Any, weights: Mapping[str, Any]
) -> tuple[Any, dict[tuple[str, str], Any]]:
    """Run steps, with the derivative of every variable by every weight.

    A weight acts on its target by what its source sends, and nowhere else; so its derivative is that of a kick to the
    target, as large as what is sent, and no direction in the space of all weights is ever written down.

    Parameters
    ----------
    step : callable
        ``step(carry, given, kicks)``, with what is added to the targets of each weights.
    start : tuple
        The state, a dict of (group, variable) to array, and what else is carried.
    sequence : tree of arrays of shape (n_steps, ...)
        What each step is given.
    weights : mapping of str to array of shape (n_pre, n_post)
        By name.

    Returns
    -------
    carry : tuple
        After the last step.
    slopes : dict of (group, variable) to array of shape (n_weights, ...)
        Derivatives of the last state by all weights, in the order of `weights`, each flattened.
    """
    still = {f"w_{name}": jnp.zeros(array.shape[1]) for name, array in weights.items()}
    count = sum(array.size for array in weights.values())
    state, *_ = start
    flat = {key: jnp.zeros((count, *array.shape)) for key, array in state.items()}

    def one(carry: Any, given: Any) -> tuple[Any, None]:
        (state, *rest), slopes = carry

        def moved(state: Any, kicks: Any) -> Any:
            (after, *_), _ = step((state, *rest), given, kicks)
            return after

        after, (_, sources) = step((state, *rest), given, still)
        kicks = _kicks(sources, weights)

        def push(slope: Any, kick: Any) -> Any:
            return jax.jvp(moved, (state, still), (slope, kick))[1]

        return (after, jax.vmap(push)(slopes, kicks)), None

    (final, slopes), _ = jax.lax.scan(one, (start, flat), sequence)
    return final, slopes


def _kicks(sources: Mapping[str, Any], weights: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a unit of each weight adds to the targets of each weights, (n_weights, n_post)."""
    found = {}
    for name, array in weights.items():
        n_pre, n_post = array.shape
        own = (sources[f"w_{name}"][:, None, None] * jnp.eye(n_post)).reshape(n_pre * n_post, n_post)
        blocks = [own if other == name else jnp.zeros((each.size, n_post)) for other, each in weights.items()]
        found[f"w_{name}"] = jnp.concatenate(blocks)
    return found


def by_weight(slope: Any, weights: Mapping[str, Any]) -> dict[str, Any]:
    """Return a derivative by all weights as arrays of their shapes."""
    found, first = {}, 0
    for name, array in weights.items():
        found[name] = slope[first : first + array.size].reshape(array.shape)
        first += array.size
    return found
