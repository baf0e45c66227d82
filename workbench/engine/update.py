"""The host's optimizers outside of Brian2: the same statements, for gradients that do not come from a network."""

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.common.errors import BuildError
from workbench.declare.constraint import Constraint
from workbench.declare.optimizer import Optimizer
from workbench.declare.options import Target
from workbench.declare.projection import Projection
from workbench.engine.state import State, Weight, Weights
from workbench.model.constraint_names import held_as
from workbench.model.setup import Setup
from workbench.text.cpp import NoFormError
from workbench.text.expressions import evaluate, execute

if TYPE_CHECKING:
    from workbench.engine.compiled.elementwise import Elementwise


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


def update(setup: Setup, state: State, gradient: Weights, learning_rate: float, target: Target = "numpy") -> State:
    """Return the state after one update of the weights that have a gradient.

    Parameters
    ----------
    setup : Setup
        Whose optimizer and constraints are followed.
    state : State
        Before.
    gradient : dict of str to ndarray of shape (n_pre, n_post)
        By name of the weights; those that are fixed stay as they are.
    learning_rate : float
        By what the optimizer's step is multiplied.
    target : {"cpp", "numpy"}
        Whether weights that may be any are changed by compiled code, in one pass, where there is a compiler and the
        optimizer's statements have a form in C++: the same bits.
    """
    followed = {name: array for name, array in gradient.items() if name in setup.network.plastic_weights}
    weights, memory = dict(state.weights), Weights()
    compiled = _compiled(setup.optimizer) if target == "cpp" else None
    if compiled is not None:
        for name in [name for name in followed if not setup.constraints_on(name)]:
            gradient_of = followed.pop(name)
            weights[name], kept = _in_one_pass(compiled, setup.optimizer, state, name, gradient_of, learning_rate)
            memory |= kept
    made, kept = steps(setup.optimizer, state, followed)
    memory |= kept
    for name, step in made.items():
        weights[name], kept = _constrained(setup, state, name, -learning_rate * step)
        memory |= kept
    return replace(state, weights=weights, memory=state.memory | memory, n_updates=state.n_updates + 1)


@cache
def _compiled(optimizer: Optimizer) -> "Elementwise | None":
    """Return a step of weights by an optimizer, compiled; None where it cannot be."""
    from workbench.engine.compiled.elementwise import elementwise

    try:
        return elementwise(f"{optimizer.code}\nw = w - learning_rate * step", ("gradient", "w", *optimizer.state))
    except (BuildError, NoFormError):
        return None


def _in_one_pass(
    compiled: "Elementwise", optimizer: Optimizer, state: State, name: str, gradient: Weight, learning_rate: float
) -> tuple[Weight, Weights]:
    """Return weights after a step of the optimizer, and its memory, by compiled code."""
    arrays = {"gradient": gradient, "w": state.weights[name]}
    arrays |= {key: state.memory.get(f"{name}.{key}", np.zeros_like(gradient)) for key in optimizer.state}
    numbers = {"n_updates": state.n_updates + 1, "learning_rate": learning_rate, **dict(optimizer.parameters)}
    made = compiled.run(arrays, numbers)
    return made["w"], {f"{name}.{key}": made[key] for key in optimizer.state}


def _constrained(setup: Setup, state: State, name: str, change: Weight) -> tuple[Weight, Weights]:
    """Return weights after a change as far as their constraints allow it, and what these remember of them."""
    before = state.weights[name]
    constraints = list(enumerate(setup.constraints_on(name)))
    memory: Weights = {}

    def run(code: str, number: int, constraint: Constraint, **values: Any) -> dict[str, Any]:
        held = {key: f"{name}.{held_as(number, key)}" for key in constraint.state}
        kept = {key: memory.get(place, state.memory.get(place, np.zeros_like(before))) for key, place in held.items()}
        names = {"n_updates": state.n_updates + 1, **dict(constraint.parameters), **kept, **values}
        written = execute(code, names, np)
        memory.update({held[key]: np.asarray(written[key]) for key in constraint.state if key in written})
        return names | written

    for number, constraint in constraints:
        change = run(constraint.soften, number, constraint, w=before, change=change)["change"]
    weights = np.asarray(before + change)
    for number, constraint in constraints:
        if constraint.project:
            numbers = dict(constraint.parameters)
            total: Any = 0.0
            if constraint.total:
                terms = evaluate(constraint.total, {"w": weights, **numbers}, np)
                total = totals(setup.network.projection(name), terms)
            weights = np.asarray(run(constraint.project, number, constraint, w=weights, total=total)["w"])
    return weights, memory


def totals(projection: Projection, terms: Weight) -> Weight:
    """Return what the terms of the weights onto each neuron add up to, shaped to be seen from each weight.

    Parameters
    ----------
    projection : Projection
        Whose weights they are.
    terms : ndarray of shape (n_pre, n_post) or (n_synapses,)
        Of each weight.

    Returns
    -------
    ndarray of shape (n_post,) or (n_synapses,)
        Their sums.
    """
    if projection.dense:
        return np.asarray(terms.sum(axis=0))
    post = projection.indices.post
    return np.asarray(np.bincount(post, terms, minlength=projection.ends[1])[post])
