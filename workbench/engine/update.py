"""The host's optimizers outside of Brian2: the same statements, for gradients that do not come from a network."""

from dataclasses import replace
from typing import Any

import numpy as np

from workbench.declare.optimizer import Optimizer
from workbench.engine.state import State, Weights
from workbench.text.expressions import execute


def steps(optimizer: Optimizer, state: State, gradient: Weights) -> tuple[Weights, Weights]:
    """Return the step that an optimizer makes of a gradient, and its memory afterwards.

    Parameters
    ----------
    optimizer : Optimizer
        Whose statements are run.
    state : State
        With the memory so far.
    gradient : dict of str to ndarray of shape (n_pre, n_post)
        By layer.

    Returns
    -------
    steps, memory : dict of str to ndarray
        By layer, and by ``<layer>.<variable>``.
    """
    made: Weights = {}
    memory: Weights = {}
    for layer, array in gradient.items():
        names: dict[str, Any] = {
            name: state.memory.get(f"{layer}.{name}", np.zeros_like(array)) for name in optimizer.state
        }
        names |= {"gradient": array, "n_updates": state.n_updates + 1, **dict(optimizer.parameters)}
        written = execute(optimizer.code, names, np)
        made[layer] = np.asarray(written["step"])
        memory |= {f"{layer}.{name}": np.asarray(written[name]) for name in optimizer.state}
    return made, memory


def update(optimizer: Optimizer, state: State, gradient: Weights, learning_rate: float) -> State:
    """Return the state after one update of the layers that have a gradient."""
    made, memory = steps(optimizer, state, gradient)
    weights = {
        layer: array - learning_rate * made[layer] if layer in made else array for layer, array in state.weights.items()
    }
    return replace(state, weights=weights, memory=state.memory | memory, n_updates=state.n_updates + 1)
