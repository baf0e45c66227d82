"""Node perturbation is, on average, the gradient of the expected loss: by draws of noise beside finite differences."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tests.networks import RULES
from workbench import Network, Trials
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
