"""FORCE, by recursive least squares and by their local approximation, and FOLLOW, by other programs: each step."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import CAPACITY, RULES, error_of
from workbench import Network
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.options import Target
from workbench.engine.presentation import Plan
from workbench.model.setup import Setup
from workbench.tasks.sum_of_sines import SUM_OF_SINES
from workbench.testing.case import random_case

Array = NDArray[np.float64]
DT, TAU_MEM, TAU_SYN, STEPS, PRE, POST, INITIAL = 1e-3, 20e-3, 10e-3, 40, 8, 3, 2.0


def script(weights: Array, before: Array, wanted: Array, rate: float, least: float) -> Array:
    """Return the weights after a trial: at each step w <- w - rate * e * r / (least + |r|^2), with y of all spikes."""
    mem, syn = np.exp(-DT / TAU_MEM), np.exp(-DT / TAU_SYN)
    share = TAU_SYN / (TAU_MEM - TAU_SYN) * (mem - syn)
    y, current, r, q = np.zeros(POST), np.zeros(POST), np.zeros(PRE), np.zeros(PRE)
    for step in range(STEPS):
        y, current = y * mem + current * share, current * syn + before[step] @ weights
        r, q = r * mem + q * share, q * syn + before[step]
        weights = weights - rate * np.outer(r, y - wanted[step]) / (least + r @ r)
    return weights


@pytest.mark.parametrize("target", ["cpp", "numpy"])
def test_weights_follow_the_script_in_each_step(target: Target) -> None:
    network = Network(n_inputs=PRE, hidden=(), n_outputs=POST, n_steps=STEPS, loss=SQUARED_ERROR)
    setup = Setup(network=network, rule=RULES["force_lms"], feedback="random_direct", targets="step", **CAPACITY)
    case = random_case(setup)
    trials = case.trials.take(np.array([2]))
    _, after = case.simulator(target).run(case.state, trials, Plan(learning=True, learning_rate=0.05))
    begun, before = case.state.weights["readout"], trials.raster(STEPS, PRE)[0]
    found = after.weights["readout"] - begun
    assert np.abs(found).max() > 1e-3
    assert error_of(found, script(begun, before, trials.target[0], 0.05, 0.1) - begun) < 1e-9
    # Nearly without a norm.
    plain = script(begun, before, trials.target[0], 0.05 * 1e3, 1e3) - begun
    assert error_of(found, plain) > 0.1


def least_squares(
    weights: Array, before: Array, wanted: Array, rate: float, lasting: bool = True
) -> tuple[Array, Array]:
    """Return the weights after some trials, and r' r of all steps: w <- w - rate * e * P r, P inverted anew each step.

    Sherman and Morrison's formula, which the rule computes, is of this inverse: P' r = k / (1 + r' k).
    """
    mem, syn = np.exp(-DT / TAU_MEM), np.exp(-DT / TAU_SYN)
    share = TAU_SYN / (TAU_MEM - TAU_SYN) * (mem - syn)
    summed = np.zeros((PRE, PRE))
    for trial, spikes in enumerate(before):
        y, current, r, q = np.zeros(POST), np.zeros(POST), np.zeros(PRE), np.zeros(PRE)
        summed = summed if lasting else np.zeros((PRE, PRE))
        for step in range(STEPS):
            y, current = y * mem + current * share, current * syn + spikes[step] @ weights
            r, q = r * mem + q * share, q * syn + spikes[step]
            summed = summed + np.outer(r, r)
            inverse = np.linalg.inv(np.eye(PRE) / INITIAL + summed)
            weights = weights - rate * np.outer(inverse @ r, y - wanted[trial, step])
    return weights, summed


@pytest.mark.parametrize("target", ["cpp", "numpy"])
def test_weights_are_those_of_least_squares_whose_matrix_outlives_trials(target: Target) -> None:
    network = Network(n_inputs=PRE, hidden=(), n_outputs=POST, n_steps=STEPS, loss=SQUARED_ERROR)
    rule = RULES["force"].with_parameters({"initial": INITIAL})
    setup = Setup(network=network, rule=rule, feedback="random_direct", targets="step", **CAPACITY)
    case = random_case(setup)
    _, after = case.simulator(target).run(case.state, case.trials, Plan(learning=True, learning_rate=0.3))
    begun, before, wanted = case.state.weights["readout"], case.trials.raster(STEPS, PRE), case.trials.target
    found = after.weights["readout"] - begun
    expected, summed = least_squares(begun, before, wanted, 0.3)
    assert np.abs(found).max() > 1e-2
    assert error_of(found, expected - begun) < 1e-11
    matrix, inverted = after.outlasting["pairs_readout.P"], np.eye(PRE) / INITIAL + summed
    assert error_of(matrix @ inverted, np.eye(PRE)) < 1e-11
    assert np.array_equal(matrix, matrix.T)
    # Where the matrix begins anew with each trial, and where it has nothing beside its diagonal.
    assert error_of(found, least_squares(begun, before, wanted, 0.3, lasting=False)[0] - begun) > 0.1
    alone = np.diag(1 / (1 / INITIAL + np.diag(summed)))
    assert error_of(matrix, alone) > 0.1


def test_sines_are_of_the_frequency_that_is_asked_for() -> None:
    course = SUM_OF_SINES.data(sines=2, frequency=5, steps=2000).test.target[0, :, 0]
    power = np.abs(np.fft.rfft(course)) ** 2
    # A second has five and ten periods, and each sine has half of the power, that of one alone.
    assert set(np.flatnonzero(power > 1e-6 * power.max())) == {5, 10}
    assert np.mean(course**2) == pytest.approx(0.5)


def follow(weights: dict[str, Array], before: Array, wanted: Array, gain: float = 1.0) -> tuple[Array, list[Array]]:
    """Return the spikes of a layer that errors correct, and what its weights learn: those from inputs and its own."""
    mem, syn, slow = np.exp(-DT / TAU_MEM), np.exp(-DT / TAU_SYN), np.exp(-DT / 80e-3)
    share = TAU_SYN / (TAU_MEM - TAU_SYN) * (mem - syn)
    size = weights["readout"].shape[0]
    v, current, fed = np.zeros(size), np.zeros(size), np.zeros(size)
    y, arriving = np.zeros(POST), np.zeros(POST)
    traces, learnt, spikes = [np.zeros(PRE), np.zeros(size)], [np.zeros((PRE, size)), np.zeros((size, size))], []
    for step in range(STEPS):
        v, current = v * mem + current * share, current * syn
        y, arriving = y * mem + arriving * share, arriving * syn
        spiked = (v > 1).astype(float)
        current = current + before[step] @ weights["hidden1"] + spiked @ weights["hidden1_recurrent"]
        arriving = arriving + spiked @ weights["readout"]
        error = weights["readout"] @ (y - wanted[step])
        current = current - gain * error * DT / TAU_SYN
        fed = fed * slow + gain * error * DT / 80e-3
        for place, sent in enumerate((before[step], spiked)):
            traces[place] = traces[place] * syn + sent
            learnt[place] += np.outer(traces[place], fed) / STEPS
        v = v - spiked
        spikes.append(spiked)
    return np.array(spikes), learnt


@pytest.mark.parametrize("target", ["cpp", "numpy"])
def test_network_follows_its_target_and_learns_from_what_corrects_it(target: Target) -> None:
    network = Network(n_inputs=PRE, hidden=(7,), n_outputs=POST, n_steps=STEPS, loss=SQUARED_ERROR, recurrent=True)
    setup = Setup(network=network, rule=RULES["follow"], feedback="symmetric", targets="step", **CAPACITY)
    case = random_case(setup)
    recording = case.record(target)
    raster = recording.spikes["hidden1"].raster(len(case.trials), STEPS, 7)
    assert 0.01 < raster.mean() < 0.5
    differs = False
    for trial, before in enumerate(case.trials.raster(STEPS, PRE)):
        spikes, learnt = follow(case.state.weights, before, case.trials.target[trial])
        assert (spikes == raster[trial]).all()
        for name, expected in zip(("hidden1", "hidden1_recurrent"), learnt, strict=True):
            if expected.any():
                assert error_of(recording.gradient[name][trial], expected) < 1e-9
        differs |= (follow(case.state.weights, before, case.trials.target[trial], gain=0.0)[0] != raster[trial]).any()
    # Left to itself the network does something else.
    assert differs
