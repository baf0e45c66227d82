"""Reverse mode against forward mode, and against central differences with a smooth function for the threshold."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import SETUPS, SURROGATES, error_of
from workbench.declare.references import Reset
from workbench.declare.surrogate import Surrogate
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.mode import Direction
from workbench.reference.oracles import smooth_gradients, smooth_loss
from workbench.testing.case import Case, random_case

RESETS: tuple[Reset, ...] = ("constant", "differentiated")
WAYS: tuple[Direction, ...] = ("forward", "reverse")


@pytest.mark.parametrize(
    ("name", "reset"),
    [
        ("eprop_2", "constant"),
        ("eprop_2", "differentiated"),
        ("frozen_3", "differentiated"),
        ("recurrent_2", "constant"),
        ("recurrent_2", "differentiated"),
    ],
)
def test_reverse_mode_is_forward_mode(name: str, reset: Reset) -> None:
    case = random_case(SETUPS[name], count=3)
    recording = case.record()
    assert all(len(spikes.trial) > 20 for spikes in recording.spikes.values())
    model = reference(case.setup)
    recorded = ForwardPass(case.state.weights, case.state.feedback, case.trials, recording)
    forward = model.gradients(recorded, reset=reset, direction="forward").mean
    for layer, gradient in model.gradients(recorded, reset=reset).mean.items():
        assert error_of(gradient, forward[layer]) < 1e-12, layer
    ways = [model.gradients(recorded, reset=reset, per_trial=True, pad=5, direction=way) for way in WAYS]
    for layer, array in ways[0].trials.items():
        assert error_of(array, ways[1].trials[layer]) < 1e-12, layer
        assert error_of(array, ways[1].trials[layer][::-1]) > 1e-3, layer
    other = model.gradients(recorded, reset=RESETS[1 - RESETS.index(reset)]).mean
    assert error_of(other["hidden1"], forward["hidden1"]) > 1e-3


def small_case(surrogate: Surrogate) -> Case:
    """Return two hidden layers of few neurons, with a surrogate so wide that their potentials lie within it."""
    setup = SETUPS["eprop_2"]
    network = replace(setup.network, n_inputs=4, hidden=(5, 4), n_outputs=2, n_steps=30)
    numbers = {"gamma": 0.2, "beta": 0.15}
    wide = surrogate.with_parameters({name: numbers[name] for name, _ in surrogate.parameters})
    return random_case(replace(setup, network=replace(network, surrogate=wide)), count=3, gain=0.4, rate=0.1)


def slopes(case: Case, layer: str, directions: np.ndarray, reset: Reset) -> np.ndarray:
    """Return central differences of the mean loss along directions in the space of a layer's weights."""
    model = reference(case.setup)
    step = 1e-6
    found = []
    for direction in directions:
        ends = []
        for sign in (1, -1):
            weights = case.state.weights | {layer: case.state.weights[layer] + sign * step * direction}
            ends.append(smooth_loss(model, weights, case.trials, reset).mean())
        found.append((ends[0] - ends[1]) / (2 * step))
    return np.array(found)


@pytest.mark.parametrize("surrogate", SURROGATES.values(), ids=lambda surrogate: surrogate.name)
def test_gradient_is_the_slope_of_the_smooth_loss(surrogate: Surrogate) -> None:
    case = small_case(surrogate)
    model = reference(case.setup)
    gradients = smooth_gradients(model, case.state.weights, case.trials, "differentiated")
    generator = np.random.default_rng(8)
    for layer, gradient in gradients.items():
        directions = generator.normal(size=(4, *gradient.shape))
        found = slopes(case, layer, directions, "differentiated")
        expected = (directions * gradient).sum(axis=(1, 2))
        assert np.abs(expected).max() > 1e-4, f"the loss is flat in the weights of {layer}"
        assert error_of(found, expected) < 1e-6, layer


def test_slope_sees_a_path_that_is_left_out() -> None:
    """The negative control: with the reset held constant the gradient is not the slope."""
    case = small_case(SURROGATES["fast_sigmoid"])
    model = reference(case.setup)
    gradient = smooth_gradients(model, case.state.weights, case.trials, "constant")
    directions = np.random.default_rng(8).normal(size=(4, *gradient["hidden1"].shape))
    expected = (directions * gradient["hidden1"]).sum(axis=(1, 2))
    assert error_of(slopes(case, "hidden1", directions, "constant"), expected) > 1e-2
