"""Node perturbation is, on average, the gradient of what is expected, of loss and of reward: by draws of noise beside
finite differences.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tests.networks import RULES
from workbench import Network, Rewards, Trials
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.neuron_models import NOISY
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.model.setup import Setup
from workbench.testing.case import random_case

DRAWS = 40_000

NETWORK = Network(
    n_inputs=5,
    hidden=(3,),
    n_outputs=2,
    n_steps=25,
    neuron=NOISY.with_parameters({"sigma": 0.4}),
    loss=SQUARED_ERROR,
)


def test_mean_estimate_is_the_slope_of_the_expected_loss() -> None:
    setup = Setup(
        network=NETWORK, rule=RULES["node_perturbation"], feedback="global_scalar", trial_capacity=4096,
        event_capacity=1 << 17,
    )  # fmt: skip
    case = random_case(setup, count=2, gain=1.5)
    raster = np.random.default_rng(1).random((1, NETWORK.n_steps, NETWORK.n_inputs)) < 0.15
    target = np.array([[0.3, -0.2]])
    once = Trials.from_raster(raster, target)
    trials = replace(once.take(np.zeros(DRAWS, dtype=int)), draw=np.arange(DRAWS))
    run = simulator(setup)

    def losses(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        state = case.state.with_weights({**case.state.weights, "hidden1": weights})
        return run.run(State(state.weights, state.feedback, {}), trials, Plan(record_spikes=False))[0].loss

    weights = case.state.weights["hidden1"]
    begun = losses(weights)
    # Any baseline leaves the mean alone; that of the loss, less a silent readout's, leaves the least variance.
    silent = 0.5 * (target**2).sum()
    baseline = np.full(3, (begun.mean() - silent) * NETWORK.n_steps)
    state = State(case.state.weights, case.state.feedback, {}, 0, {"hidden1.baseline": baseline})
    recording, _ = run.run(state, trials, Plan(learning=True, record_gradient=True, record_spikes=False))
    found = recording.gradient["hidden1"]
    mean, error = found.mean(axis=0), found.std(axis=0) / np.sqrt(DRAWS)
    slopes = np.zeros_like(weights)
    for place in np.ndindex(weights.shape):
        moved = [weights.copy(), weights.copy()]
        moved[0][place] += 0.4
        moved[1][place] -= 0.4
        slopes[place] = (losses(moved[0]) - losses(moved[1])).mean() / 0.8
    assert np.abs(slopes / error).max() > 10
    # A weight's share of the current decays within a step, by a tenth at most.
    assert (np.abs(mean - slopes) < 4 * error + 0.15 * np.abs(slopes)).all()
    # With the losses of other draws nothing is left but chance.
    advantage = begun - begun.mean()
    shuffled = found / advantage[:, None, None] * np.roll(advantage, 1)[:, None, None]
    assert (np.abs(shuffled.mean(axis=0)) < 4.5 * shuffled.std(axis=0) / np.sqrt(DRAWS)).all()


def test_mean_estimate_is_the_slope_of_the_expected_reward() -> None:
    """Of the worth of the answer, which is one or the other in each trial, and a smooth number on average."""
    network = replace(NETWORK, window=(10, 25))
    setup = Setup(
        network=network, rule=RULES["node_perturbation"], feedback="global_scalar", trial_capacity=4096,
        event_capacity=1 << 17, rewarded=True,
    )  # fmt: skip
    # Whichever neurons spike more decide.
    for_one = np.array([[1.0, -1.0], [-1.0, 1.0], [0.3, -0.3]])
    case = random_case(setup, count=2, gain=0.7)
    case = case.with_weights(readout=for_one, hidden1=np.abs(case.state.weights["hidden1"]))
    raster = np.random.default_rng(1).random((1, network.n_steps, network.n_inputs)) < 0.15
    rewards = Rewards(np.tile([1.0, 2.0], (DRAWS, 1)), np.tile([0.2, 0.7], (DRAWS, 1)))
    once = Trials.from_raster(raster, rewards.target[:1])
    trials = replace(once.take(np.zeros(DRAWS, dtype=int)), draw=np.arange(DRAWS), rewards=rewards)
    run = simulator(setup)

    def brought(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        state = case.state.with_weights({**case.state.weights, "hidden1": weights})
        recording, _ = run.run(State(state.weights, state.feedback, {}), trials, Plan(record_spikes=False))
        return np.asarray(rewards.of(recording.prediction))

    weights = case.state.weights["hidden1"]
    begun = brought(weights)
    assert 0.1 < np.mean(begun == 1.4) < 0.9
    # The signal is minus the worth, over the 15 steps of the window; any baseline leaves the mean alone.
    baseline = np.full(3, -begun.mean() * 15)
    state = State(case.state.weights, case.state.feedback, {}, 0, {"hidden1.baseline": baseline})
    recording, _ = run.run(state, trials, Plan(learning=True, record_gradient=True, record_spikes=False))
    # Two inputs will do.
    busiest = np.argsort(raster.sum(axis=(0, 1)))[-2:]
    found = recording.gradient["hidden1"][:, busiest]
    mean, error = found.mean(axis=0), found.std(axis=0) / np.sqrt(DRAWS)
    slopes = np.zeros_like(mean)
    for row, neuron in np.ndindex(slopes.shape):
        moved = [weights.copy(), weights.copy()]
        moved[0][busiest[row], neuron] += 0.15
        moved[1][busiest[row], neuron] -= 0.15
        # The same noise on both sides takes most of the chance out of the difference.
        slopes[row, neuron] = -(brought(moved[0]) - brought(moved[1])).mean() / 0.3
    assert np.abs(slopes / error).max() > 10
    # A weight's share of the current decays within a step, by a tenth at most.
    assert (np.abs(mean - slopes) < 4 * error + 0.15 * np.abs(slopes)).all()
    # With the rewards of other draws nothing is left but chance.
    worth = rewards.drawn(trials.draw)[np.arange(DRAWS), recording.prediction]
    advantage = worth - begun.mean()
    shuffled = found / advantage[:, None, None] * np.roll(advantage, 1)[:, None, None]
    assert (np.abs(shuffled.mean(axis=0)) < 4.5 * shuffled.std(axis=0) / np.sqrt(DRAWS)).all()
