"""OTTT and ETLP by another program: traces, derivatives and errors of recorded spikes, in plain NumPy."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import CAPACITY, RULES, assert_alive, error_of
from workbench import Network
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.options import Form
from workbench.model.setup import Setup
from workbench.testing.case import random_case

Array = NDArray[np.float64]
DT, TAU_MEM, TAU_SYN = 1e-3, 20e-3, 10e-3
STEPS = 40


def potentials(arriving: Array, spikes: Array) -> tuple[Array, Array]:
    """Return potentials at the threshold and the readout's, (n_steps, n), of neurons with given spikes."""
    mem, syn = np.exp(-DT / TAU_MEM), np.exp(-DT / TAU_SYN)
    share = TAU_SYN / (TAU_MEM - TAU_SYN) * (mem - syn)
    v, current = np.zeros(arriving.shape[1]), np.zeros(arriving.shape[1])
    found = []
    for step in range(STEPS):
        v, current = v * mem + current * share, current * syn
        found.append(v.copy())
        current, v = current + arriving[step], v - spikes[step]
    return np.array(found), mem


def estimates(rasters: list[Array], weights: list[Array], target: Array) -> list[Array]:
    """Return OTTT_A of the mean loss for two hidden layers, from the spikes of inputs and of both."""
    out, mem = potentials(rasters[2] @ weights[2], np.zeros((STEPS, len(target))))
    total = [np.zeros_like(weights[0]), np.zeros_like(weights[1])]
    drives = [potentials(rasters[layer] @ weights[layer], rasters[layer + 1])[0] - 1 for layer in (0, 1)]
    psi = [1 / (1 + 5 * np.abs(drive)) ** 2 for drive in drives]
    traces = [np.zeros(len(weights[0])), np.zeros(len(weights[1]))]
    for step in range(STEPS):
        error = out[step] - target
        upper = weights[2] @ error
        lower = weights[1] @ (upper * psi[1][step])
        for layer, signal in ((0, lower), (1, upper)):
            traces[layer] = traces[layer] * mem + rasters[layer][step]
            total[layer] += np.outer(traces[layer], signal * psi[layer][step]) / STEPS
    return total


@pytest.mark.parametrize("form", ["events", "clock"])
def test_estimates_are_those_of_the_script(form: Form) -> None:
    network = Network(n_inputs=8, hidden=(7, 6), n_outputs=3, n_steps=STEPS, loss=SQUARED_ERROR)
    setup = Setup(network=network, rule=RULES["ottt"], feedback="symmetric", form=form, **CAPACITY)
    case = random_case(setup, gain=2.0)
    recording = case.record()
    assert_alive(recording, setup)
    count = len(case.trials)
    rasters: list[Array] = [case.trials.raster(STEPS, 8)]
    for name, size in network.spiking_layers.items():
        rasters.append(recording.spikes[name].raster(count, STEPS, size).astype(np.float64))
    weights = [case.state.weights[layer] for layer in network.layers]
    for layer, found in recording.gradient.items():
        if layer != "readout":
            place = network.layers.index(layer)
            wanted = [
                estimates([raster[trial] for raster in rasters], weights, target)[place]
                for trial, target in enumerate(case.trials.target)
            ]
            assert error_of(found, np.array(wanted)) < 1e-9


def test_label_events_teach_as_in_the_script() -> None:
    network = Network(n_inputs=8, hidden=(7,), n_outputs=3, n_steps=STEPS, loss=SQUARED_ERROR)
    setup = Setup(network=network, rule=RULES["etlp"], feedback="random_direct", **CAPACITY)
    case = random_case(setup, gain=2.0)
    recording = case.record()
    assert_alive(recording, setup)
    count, weights = len(case.trials), case.state.weights["hidden1"]
    inputs = case.trials.raster(STEPS, 8)
    spikes = recording.spikes["hidden1"].raster(count, STEPS, 7).astype(np.float64)
    wanted = np.zeros((count, 8, 7))
    for trial in range(count):
        course, mem = potentials(inputs[trial] @ weights, spikes[trial])
        trace, phase = np.zeros(8), 0.0
        for step in range(STEPS):
            trace, phase = trace * mem + inputs[trial, step], phase + DT * 100
            if phase >= 1:
                # A label event of 100 Hz is as much as ten steps of what is wanted.
                label = case.trials.target[trial] / (100 * DT) @ case.state.feedback["hidden1"]
                wanted[trial] += np.outer(trace, label * (1 - np.tanh(course[step] - 1) ** 2)) / STEPS
                phase -= 1
    assert error_of(recording.gradient["hidden1"], wanted) < 1e-9
