"""Oja's rule for spikes is counted by another program, and makes neurons differ where they compete, and only there."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

from tests.networks import CAPACITY, RULES, error_of
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.neuron_models import INHIBITED
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.model.setup import Setup
from workbench.testing.case import random_case

Array = NDArray[np.float64]

STEPS, SIZES = 60, {"inputs": 8, "hidden1": 8, "hidden2": 7}
#: Inputs of each pattern, and of all patterns.
PATTERNS, OF_A_PATTERN, OF_ALL = 4, 4, 2
NEURONS, COUNT = 12, 256


def filtered(raster: Array) -> Array:
    """Return p at each step, before the spikes of the step itself, shape (n_trials, n_steps, n_neurons)."""
    over_a_step = expm(np.array([[-1 / 20, 1 / 20], [0, -1 / 10]]))
    state, found = np.zeros((2, len(raster), raster.shape[2])), []
    for step in range(raster.shape[1]):
        state = np.tensordot(over_a_step, state, axes=1)
        found.append(state[0])
        state[1] += raster[:, step]
    return np.stack(found, axis=1)


@pytest.mark.parametrize("height", [2.0, 0.5])
def test_each_spike_takes_w_towards_what_is_filtered(height: float) -> None:
    network = Network(n_inputs=8, hidden=(8, 7), n_outputs=3, n_steps=STEPS)
    rule = RULES["oja_spikes"].with_parameters({"height": height})
    case = random_case(Setup(network=network, rule=rule, feedback="none", **CAPACITY), count=5, rate=0.15)
    recording = case.record()
    raster = {
        layer: recording.spikes[layer].raster(5, STEPS, SIZES[layer]).astype(np.float64)
        for layer in ("hidden1", "hidden2")
    } | {"inputs": case.trials.raster(STEPS, 8)}
    for source, layer in (("inputs", "hidden1"), ("hidden1", "hidden2")):
        growth = np.einsum("nti,ntj->nij", filtered(raster[source]), raster[layer])
        decay = height * raster[layer].sum(axis=1)[:, None] * case.state.weights[layer]
        assert raster[layer].sum() > 20
        # Neither part is beside the point, so that a mistake in one would be seen.
        assert 0.05 < np.abs(growth).max() / np.abs(decay).max() < 20
        # A spike counts for 1 of the 60 ms of a trial.
        expected = -height * (growth - decay) / STEPS
        assert error_of(recording.gradient[layer], expected) < 1e-9
        assert error_of(recording.gradient[layer], expected[::-1]) > 0.1
        assert error_of(recording.gradient[layer], -height * growth / STEPS) > 0.01


def patterns(generator: np.random.Generator) -> Trials:
    """Return trials in which inputs of one pattern spike, and those of all, each some milliseconds from the others."""
    shown = generator.integers(PATTERNS, size=(COUNT, 1)) * OF_A_PATTERN + np.arange(OF_A_PATTERN)
    of_all = np.broadcast_to(PATTERNS * OF_A_PATTERN + np.arange(OF_ALL), (COUNT, OF_ALL))
    neuron = generator.permuted(np.hstack([shown, of_all]), axis=1)
    step = np.sort(generator.integers(1, 10, size=neuron.shape), axis=1)
    start = neuron.shape[1] * np.arange(COUNT + 1)
    # What a silent output gives is wanted of it: the readout learns nothing.
    return Trials(start, step.ravel().astype(np.int32), neuron.ravel().astype(np.int32), np.zeros((COUNT, 1)))


def learnt(inhibition: float, epochs: int) -> Array:
    """Return the weights (n_inputs, n_neurons) of a layer that has seen the patterns for a while."""
    generator = np.random.default_rng(3)
    n_inputs = PATTERNS * OF_A_PATTERN + OF_ALL
    neuron = INHIBITED.with_parameters({"v_th": 0.02, "inhibition": inhibition})
    network = Network(n_inputs=n_inputs, hidden=(NEURONS,), n_outputs=1, n_steps=40, neuron=neuron, loss=SQUARED_ERROR)
    rule = RULES["oja_spikes"].with_parameters({"height": 1.0})
    setup = Setup(network=network, rule=rule, feedback="none", trial_capacity=COUNT, event_capacity=1 << 12)
    weights = {"hidden1": generator.uniform(0.0, 0.15, size=(n_inputs, NEURONS)), "readout": np.zeros((NEURONS, 1))}
    plan = Plan(learning=True, update_after=np.where(np.arange(COUNT) % 8 == 7, 8, 0), learning_rate=1.0)
    state, run = State(weights, {}, {}), simulator(setup)
    for _ in range(epochs):
        recording, state = run.run(state, patterns(generator), plan)
        assert len(recording.spikes["hidden1"].trial) > COUNT, "there is little to learn from"
    return state.weights["hidden1"]


def mean_cosine(weights: Array) -> float:
    unit = weights / np.linalg.norm(weights, axis=0)
    return float(np.abs((unit.T @ unit)[np.triu_indices(NEURONS, 1)]).mean())


def test_neurons_differ_where_they_compete_and_only_there() -> None:
    alone, competing = learnt(0.0, 30), learnt(0.1, 30)
    assert mean_cosine(alone) > 0.99
    assert mean_cosine(competing) < 0.6
    # They began more alike.
    assert mean_cosine(learnt(0.1, 0)) > 0.7
    # Each pattern has neurons that prefer it; without competition no neuron prefers any.
    by_pattern = competing[:-OF_ALL].reshape(PATTERNS, OF_A_PATTERN, NEURONS).mean(axis=1)
    assert set(by_pattern.argmax(axis=0)) == set(range(PATTERNS))
    assert np.median(np.sort(by_pattern, axis=0)[-1] / by_pattern.sum(axis=0)) > 0.5
    without = alone[:-OF_ALL].reshape(PATTERNS, OF_A_PATTERN, NEURONS).mean(axis=1)
    assert (without.max(axis=0) / without.sum(axis=0)).max() < 0.4
