"""What is read of a network after a run: what it did, and the state that it is left in."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import DivergedError, SimulationError
from workbench.declare.recording import Recording, Spikes
from workbench.engine.presentation import Plan
from workbench.engine.state import State, plastic_weights
from workbench.model.constraint_names import memory_of_constraints
from workbench.model.outlasting import KEPT, of_neurons, sizes_of
from workbench.model.setup import Setup


def memory_names(setup: Setup) -> list[str]:
    """Return the names of what a state remembers besides weights and feedback."""
    return [
        f"{layer}.{name}"
        for layer in plastic_weights(setup)
        for name in ("g", *setup.memory_of_optimizer(layer), *memory_of_constraints(setup, layer))
    ]


def kept_names(setup: Setup) -> dict[str, str]:
    """Return the variables that outlive a trial, by ``<group>.<variable>``, and where they are between trials."""
    names = {name: name.split(".") for name in sizes_of(setup)}
    return {name: f"{group}.{KEPT}{variable}" for name, (group, variable) in names.items()}


def names_read(setup: Setup, plan: Plan) -> list[str]:
    """Return the variables that are read after a run, by ``<group>.<variable>``."""
    network = setup.network
    read = ["readout_record.loss", "readout_record.output_sum", "clock.n_updates"]
    read += [f"clock.n_updates{mark}" for mark in setup.marks_beside]
    read += ["readout_record.score"] if network.decision.code else []
    if plan.record_spikes:
        read += [f"{layer}_spikes.{key}" for layer in network.spiking_layers for key in ("i", "t")]
    if _has_local_readouts(setup):
        read += [f"{layer}_readout_record.{key}" for layer in network.learning_layers for key in ("loss", "output_sum")]
    if plan.learning:
        read += [f"w_{name}.w" for name in network.weight_shapes()]
        read += [f"b_{layer}.b" for layer in setup.learned_feedback]
        read += [f"w_{name}" for name in memory_names(setup)]
    read += [f"{layer}_begun.{KEPT}{name}" for layer, names in of_neurons(setup).items() for name in names]
    if plan.keeps:
        read += kept_names(setup).values()
    if plan.record_gradient:
        read += [f"g_{layer}.g" for layer in plastic_weights(setup)]
    return read


def _has_local_readouts(setup: Setup) -> bool:
    return setup.rule.has_equations and setup.pathway.origin == "layer"


def recording_of(setup: Setup, found: dict[str, NDArray[Any]], count: int, plan: Plan) -> Recording:
    """Return what a network did in a number of trials, from the variables that were read."""
    network = setup.network
    start, stop = network.steps_in_window
    window = stop - start
    sums = found["readout_record.output_sum"].reshape(-1, network.n_outputs)
    if len(sums) != count:
        raise SimulationError(f"{count} trials were to be presented, but {len(sums)} ended.")
    spikes = {}
    for layer in network.spiking_layers if plan.record_spikes else ():
        step = np.rint(found[f"{layer}_spikes.t"] / network.dt).astype(np.int64)
        neuron = found[f"{layer}_spikes.i"].astype(np.int64)
        spikes[layer] = Spikes(step // network.n_steps, step % network.n_steps, neuron)

    def loss(name: str) -> NDArray[np.float64]:
        parts: NDArray[np.float64] = found[f"{name}_record.loss"].reshape(count, -1)
        return np.asarray(parts.sum(axis=1) / window)

    own = network.learning_layers if _has_local_readouts(setup) else ()
    local = {layer: loss(f"{layer}_readout") for layer in own}
    answers = {layer: found[f"{layer}_readout_record.output_sum"].reshape(sums.shape) / window for layer in own}
    gradient = {}
    if plan.record_gradient:
        for layer in plastic_weights(setup):
            duration = 1.0 if setup.is_per_second(network.projection(layer)) else window * network.dt
            shape = (count, *network.weight_shapes()[layer])
            gradient[layer] = found[f"g_{layer}.g"].reshape(shape) / duration
    begun = {
        f"{layer}.{name}": found[f"{layer}_begun.{KEPT}{name}"].reshape(count, -1)
        for layer, names in of_neurons(setup).items()
        for name in names
    }
    score = found["readout_record.score"].reshape(sums.shape) if network.decision.code else None
    if network.decision.assigns:
        # Nobody has said yet which class a neuron stands for.
        score = np.full(sums.shape, np.nan)
    return Recording(loss("readout"), sums / window, spikes, local, answers, gradient, begun, score)


def state_after(setup: Setup, state: State, found: dict[str, NDArray[Any]], plan: Plan) -> State:
    """Return the state in which a run leaves a network, from the variables that were read."""
    if plan.keeps:
        shaped = {name: found[held].reshape(sizes_of(setup)[name]) for name, held in kept_names(setup).items()}
        state = replace(state, outlasting=shaped)
    if not plan.learning or plan.record_gradient:
        return state
    shapes = setup.network.weight_shapes()
    weights = {layer: found[f"w_{layer}.w"].reshape(shape) for layer, shape in shapes.items()}
    if not all(np.isfinite(array).all() for array in weights.values()):
        raise DivergedError("The weights are not finite any more. Lower the learning rate.")
    memory = {name: found[f"w_{name}"].reshape(shapes[name.split(".")[0]]) for name in memory_names(setup)}
    feedback = dict(state.feedback)
    for layer in setup.learned_feedback:
        feedback[layer] = found[f"b_{layer}.b"].reshape(feedback[layer].shape)
    counts = {mark: int(found[f"clock.n_updates{mark}"][0]) for mark in setup.rules}
    state = replace(state, n_updates=counts.pop(""), updates_beside=counts)
    return replace(state, weights=weights, feedback=feedback, memory=memory)
