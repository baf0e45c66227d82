"""Gradients that are carried along with time: real-time recurrent learning, N^3 numbers for N neurons."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp


class Ends(NamedTuple):
    """The ends of each weight, in the order of the weights flattened.

    Attributes
    ----------
    pre, post : array of int of shape (n_weights,)
        Numbers of neurons.
    n_post : int
        How many targets there are.
    """

    pre: Any
    post: Any
    n_post: int


#: The state after a step, and what the step gave: spikes, and what the sources of each weights sent.
Stepped = tuple[Any, tuple[Any, Any]]


def carry_along(
    step: Callable[..., Stepped], start: Any, sequence: Any, weights: Mapping[str, Any], ends: Mapping[str, Ends]
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
    weights : mapping of str to array of shape (n_pre, n_post) or (n_synapses,)
        By name.
    ends : mapping of str to Ends
        What they connect, by name.

    Returns
    -------
    carry : tuple
        After the last step.
    slopes : dict of (group, variable) to array of shape (n_weights, ...)
        Derivatives of the last state by all weights, in the order of `weights`, each flattened.
    """
    still = {f"w_{name}": jnp.zeros(ends[name].n_post) for name in weights}
    count = sum(array.size for array in weights.values())
    state, *_ = start
    flat = {key: jnp.zeros((count, *array.shape)) for key, array in state.items()}

    def one(carry: Any, given: Any) -> tuple[Any, None]:
        (state, *rest), slopes = carry

        def moved(state: Any, kicks: Any) -> Any:
            (after, *_), _ = step((state, *rest), given, kicks)
            return after

        after, (_, sources) = step((state, *rest), given, still)
        kicks = _kicks(sources, weights, ends)

        def push(slope: Any, kick: Any) -> Any:
            return jax.jvp(moved, (state, still), (slope, kick))[1]

        return (after, jax.vmap(push)(slopes, kicks)), None

    (final, slopes), _ = jax.lax.scan(one, (start, flat), sequence)
    return final, slopes


def _kicks(sources: Mapping[str, Any], weights: Mapping[str, Any], ends: Mapping[str, Ends]) -> dict[str, Any]:
    """Return what a unit of each weight adds to the targets of each weights, (n_weights, n_post)."""
    found = {}
    for name in weights:
        pre, post, n_post = ends[name]
        own = sources[f"w_{name}"][pre][:, None] * jnp.eye(n_post)[post]
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
