"""The gradient on a recorded raster is the slope of another program's loss: the network in NumPy, in a few lines.

Surrogate BPTT differentiates a network whose spikes depend on the drive by ``raster + psi * (drive - recorded drive)``.
Such a network can be run, so that differences of its loss judge `workbench.reference`, of which nothing is used here.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

from tests.networks import SETUPS, assert_alive, error_of, with_numbers
from workbench.declare.neuron import NeuronModel
from workbench.declare.recording import Recording
from workbench.declare.references import Reset
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.case import Case, random_case, random_state

Array = NDArray[np.float64]

#: Reset by subtraction, and to zero below one and two further layers; both losses, three surrogates; loops, delays.
NAMES = ("eprop_2", "chained_2", "frozen_3", "recurrent_1", "delayed_2")

RESETS: tuple[Reset, Reset] = ("constant", "differentiated")

PSI: dict[str, Callable[[Array, float, float], Any]] = {
    "exponential": lambda drive, gamma, beta: gamma * np.exp(-beta * np.abs(drive)),
    "fast_sigmoid": lambda drive, gamma, beta: gamma / (1 + beta * np.abs(drive)) ** 2,
    "boxcar": lambda drive, gamma, beta: gamma * (np.abs(drive) < 0.5 / beta),
}

LOSS: dict[str, Callable[[Array, Array], Any]] = {
    "squared_error": lambda y, target: 0.5 * ((y - target) ** 2).sum(),
    "cross_entropy": lambda y, target: (np.log(np.exp(y).sum(axis=1)) - (target * y).sum(axis=1)).sum(),
}


@dataclass(frozen=True)
class Trace:
    """What the hidden layers did in each step, from the lowest up; arrays of shape (n_steps, n_trials, n_neurons)."""

    raster: list[Array]
    drive: list[Array]
    moved: list[Array]


def over_a_step(model: NeuronModel, dt: float) -> Array:
    """Return the matrix that takes v and I over a step."""
    tau = model.values()
    return np.asarray(expm(dt * np.array([[-1 / tau["tau_mem"], 1 / tau["tau_mem"]], [0, -1 / tau["tau_syn"]]])))


def simulate(
    case: Case, weights: dict[str, Array], raster: list[Array], reset: Reset, at: Trace | None = None
) -> tuple[float, Trace]:
    """Return the mean loss on a raster and what led to it; around a trace, that of the linearised network."""
    network = case.setup.network
    n_hidden = len(network.hidden)
    matrices = [over_a_step(model, network.dt) for model in (*[network.neuron] * n_hidden, network.readout)]
    v_th = network.neuron.values()["v_th"]
    bump = dict(network.surrogate.parameters)
    gamma = bump["gamma"] * (network.dt / 1e-3 if network.scale_surrogate else 1)
    states = [np.zeros((2, len(case.trials), size)) for size in network.sizes[1:]]
    trace = Trace(raster, *([np.zeros_like(spikes) for spikes in raster] for _ in range(2)))
    inputs = case.trials.raster(network.n_steps, network.n_inputs)
    start, stop = network.steps_in_window
    loss = 0.0
    history: list[list[Array]] = []
    for n in range(network.n_steps):
        for matrix, state in zip(matrices, states, strict=True):
            state[:] = np.tensordot(matrix, state, axes=1)
        emitted = [inputs[:, n]]
        for layer in range(n_hidden):
            spikes, drive = raster[layer][n], states[layer][0] - v_th
            if at is not None:
                psi = PSI[network.surrogate.name](at.drive[layer][n], gamma, bump["beta"])
                spikes = spikes + psi * (drive - at.drive[layer][n])
            emitted.append(spikes)
            trace.drive[layer][n] = drive
        if start <= n < stop:
            loss += LOSS[network.loss.name](states[-1][0], case.trials.target)
        history.append(emitted)
        for projection in network.all_projections:
            source = ("inputs", *network.layers).index(projection.source)
            (_, current) = states[network.layers.index(projection.target)]
            if n >= projection.delay:
                current += history[n - projection.delay][source] @ weights[projection.name]
        for layer in range(n_hidden):
            v = states[layer][0]
            moved = -emitted[layer + 1] * {"lif": v_th, "zero_reset": v}[network.neuron.name]
            trace.moved[layer][n] = moved
            v += moved if at is None or reset == "differentiated" else at.moved[layer][n]
    return loss / (stop - start) / len(case.trials), trace


def slopes(case: Case, at: Trace, layer: str, directions: Array, reset: Reset) -> Array:
    """Return central differences of the linearised network's loss along directions in a layer's weights."""
    # The loss is a polynomial of high order in the lower weights: larger steps see its curvature.
    weights, step = case.state.weights, 3e-7
    ends = [
        simulate(case, weights | {layer: weights[layer] + sign * step * direction}, at.raster, reset, at)[0]
        for direction in directions
        for sign in (1, -1)
    ]
    return np.subtract(ends[::2], ends[1::2]) / (2 * step)


def recorded(name: str, number: int) -> tuple[Case, Recording]:
    """Return a network with random numbers, and what it did in Brian2."""
    generator = np.random.default_rng([number, *name.encode()])
    setup = with_numbers(SETUPS[name], generator, n_steps=40)
    case = replace(random_case(setup, number, count=4), state=random_state(setup, generator))
    recording = case.record()
    assert_alive(recording, setup)
    return case, recording


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("name", NAMES)
def test_gradient_on_a_raster_is_the_slope_of_the_linearised_network(name: str, number: int) -> None:
    case, recording = recorded(name, number)
    network, weights = case.setup.network, case.state.weights
    sizes = zip(network.layers[:-1], network.hidden, strict=True)
    dense = [recording.spikes[layer].raster(len(case.trials), network.n_steps, size) for layer, size in sizes]
    raster = [spikes.transpose(1, 0, 2).astype(np.float64) for spikes in dense]
    loss, trace = simulate(case, weights, raster, "constant")
    # So the decisions and the loss of Brian2 have another opinion, too.
    assert all(np.array_equal(drive > 0, spikes > 0) for drive, spikes in zip(trace.drive, raster, strict=True))
    assert loss == pytest.approx(recording.loss.mean(), rel=1e-11)
    model, generator = reference(case.setup), np.random.default_rng(8)
    forward = ForwardPass(weights, case.state.feedback, case.trials, recording)
    gradients = {reset: model.gradients(forward, reset=reset).mean for reset in RESETS}
    for layer, array in weights.items():
        directions = generator.normal(size=(4, *array.shape))
        found = {reset: slopes(case, trace, layer, directions, reset) for reset in RESETS}
        expected = {reset: (directions * gradients[reset][layer]).sum(axis=(1, 2)) for reset in RESETS}
        for reset, other in (RESETS, RESETS[::-1]):
            assert np.abs(found[reset]).max() > 1e-3, f"the loss is flat in the weights of {layer}"
            assert error_of(expected[reset], found[reset]) < 1e-7, f"{layer}, reset {reset}"
            # The readout's weights act after the last reset.
            if layer != "readout":
                assert error_of(expected[reset], found[other]) > 1e-3, f"{layer} does not tell the two resets apart"
