"""Oja's rule finds the direction in which a neuron's inputs are largest, and a weight of norm 1."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

from tests.networks import RULES, error_of
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.neuron_models import LINEAR_RATE
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.model.setup import Setup

N_INPUTS, STEPS, COUNT = 6, 60, 256


def correlated(generator: np.random.Generator) -> Trials:
    """Return trials whose inputs spike together in two groups of different rates."""
    groups = generator.random((COUNT, STEPS, 2)) < np.array([0.10, 0.04])
    of_input = np.array([0, 0, 0, 1, 1, 1])
    dense = groups[:, :, of_input] & (generator.random((COUNT, STEPS, N_INPUTS)) < 0.8)
    trial, step, neuron = np.nonzero(dense)
    start = np.searchsorted(trial, np.arange(COUNT + 1)).astype(np.int64)
    return Trials(start, step.astype(np.int32), neuron.astype(np.int32), np.zeros((COUNT, 1)))


def second_moment(trials: Trials) -> NDArray[np.float64]:
    """Return the mean over trials and steps of p p^T, from the spikes, by another program."""
    over_a_step = expm(np.array([[-1 / 20, 1 / 20], [0, -1 / 10]]))
    raster = trials.raster(STEPS, N_INPUTS)
    state, total = np.zeros((2, COUNT, N_INPUTS)), np.zeros((N_INPUTS, N_INPUTS))
    for step in range(STEPS):
        state = np.tensordot(over_a_step, state, axes=1)
        total += state[0].T @ state[0] / COUNT / STEPS
        state[1] += raster[:, step]
    return total


def a_neuron(generator: np.random.Generator) -> tuple[Setup, State]:
    """Return one linear neuron with random weights, which learns by the rule."""
    network = Network(
        n_inputs=N_INPUTS, hidden=(1,), n_outputs=1, neuron=LINEAR_RATE, n_steps=STEPS, loss=SQUARED_ERROR
    )
    setup = Setup(
        network=network, rule=RULES["oja"], feedback="none", trial_capacity=COUNT, event_capacity=1 << 15, form="clock"
    )
    weights = {"hidden1": generator.uniform(-0.5, 0.5, size=(N_INPUTS, 1)), "readout": np.zeros((1, 1))}
    return setup, State(weights, {}, {})


def test_estimate_is_that_of_the_second_moment() -> None:
    """Of a linear neuron v = w p, so that the mean of -v (p - v w) is -(C w - (w C w) w), C the mean of p p."""
    generator = np.random.default_rng(3)
    trials = correlated(generator)
    setup, state = a_neuron(generator)
    plan = Plan(learning=True, record_gradient=True)
    found = simulator(setup).run(state, trials, plan)[0].gradient["hidden1"].mean(axis=0)
    moment, weights = second_moment(trials), state.weights["hidden1"]
    growth, decay = moment @ weights, (weights.T @ moment @ weights) * weights
    assert error_of(found, decay - growth) < 1e-9
    assert error_of(found, -growth) > 1e-2


@pytest.mark.parametrize("seed", range(3))
def test_a_linear_neuron_finds_the_top_eigenvector(seed: int) -> None:
    generator = np.random.default_rng(seed)
    trials = correlated(generator)
    setup, state = a_neuron(generator)
    run = simulator(setup)
    values, vectors = np.linalg.eigh(second_moment(trials))
    top = vectors[:, -1]
    assert values[-1] > 1.5 * values[-2], "the largest eigenvalue is not apart from the others"
    for epoch in range(12):
        plan = Plan(learning=True, update_after=np.ones(COUNT, dtype=np.int64), learning_rate=0.1 * 0.7**epoch)
        _, state = run.run(state, trials, plan)
    found = state.weights["hidden1"][:, 0]
    angle = np.degrees(np.arccos(abs(found @ top) / np.linalg.norm(found)))
    # The figures to reach: within 10 degrees, and a norm of 1.
    assert angle < 10
    assert np.linalg.norm(found) == pytest.approx(1, abs=0.05)
    # Another eigenvector is not what it finds, nor is where it started.
    assert abs(found @ vectors[:, -2]) / np.linalg.norm(found) < 0.3
