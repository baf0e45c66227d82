"""Reward-modulated STDP, with a baseline and without, by another program: from the spikes that were recorded."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

from tests.networks import CAPACITY, LOSSES, RULES, error_of
from workbench.declare.network import Network
from workbench.engine.presentation import Plan
from workbench.model.setup import Setup
from workbench.testing.case import Case, random_case

Array = NDArray[np.float64]
STEPS, DT, COUNT = 60, 1e-3, 4


def case_of(name: str) -> Case:
    rule = RULES[name]
    network = Network(n_inputs=8, hidden=(7,), n_outputs=3, n_steps=STEPS, loss=LOSSES["squared_error"])
    return random_case(Setup(network=network, rule=rule, feedback=rule.default_feedback, **CAPACITY), count=COUNT)


def told(case: Case, spikes: Array, trial: int) -> Array:
    """Return in each step by how much the loss of each output is above that of 0: of a readout of its own."""
    numbers = case.setup.network.readout.values()
    mem, syn = numbers["tau_mem"], numbers["tau_syn"]
    moves = expm(DT * np.array([[-1 / mem, 1 / mem], [0, -1 / syn]]))
    state, target, found = np.zeros((2, 3)), case.trials.target[trial], []
    for step in range(STEPS):
        state = moves @ state
        found.append(0.5 * ((state[0] - target) ** 2 - target**2))
        state[1] += spikes[step] @ case.state.weights["readout"]
    return np.array(found)


def estimates(case: Case, values: dict[str, float], baseline: Array) -> tuple[Array, Array]:
    """Return what each trial is to teach the hidden layer at a baseline, and what that would be after all of them."""
    recorded = case.record().spikes["hidden1"].raster(COUNT, STEPS, 7).astype(float)
    inputs, feedback = case.trials.raster(STEPS, 8).astype(float), case.state.feedback["hidden1"]
    by_baseline = "trials" in values
    keep = {name: np.exp(-DT / value) for name, value in values.items() if name.startswith("tau")}
    moved, found = baseline, []
    for trial in range(COUNT):
        x, y, m, worse, c, g = np.zeros(8), np.zeros(7), np.zeros(7), np.zeros(7), np.zeros((8, 7)), np.zeros((8, 7))
        errors = told(case, recorded[trial], trial) @ feedback
        for step in range(STEPS):
            before, after = inputs[trial, step], recorded[trial, step]
            x = x * keep["tau_plus"] + before
            y = y * keep["tau_minus"]
            depressed = (values["depression"] if by_baseline else 1.05) * np.outer(before, y)
            c = (1.0 if by_baseline else keep["tau_c"]) * c + np.outer(x, after) - depressed
            y = y + after
            if by_baseline:
                worse = worse + errors[step]
            else:
                m = m * keep["tau_d"] + errors[step] * DT / values["tau_d"]
                g = g + m * c
        if by_baseline:
            g = (worse - baseline) * c
            moved = moved + (worse - moved) / values["trials"]
        found.append(g / STEPS)
    return np.array(found), moved


@pytest.mark.parametrize("name", ["reward_stdp", "reward_baseline"])
def test_estimate_is_that_of_the_paper(name: str) -> None:
    case, values = case_of(name), RULES[name].values()
    # Estimates are read at what lasts as it is; trials that teach change it.
    lasting = {"hidden1.baseline": np.linspace(1.0, 2.0, 7)} if "trials" in values else {}
    case = replace(case, state=replace(case.state, outlasting=lasting))
    baseline = lasting.get("hidden1.baseline", np.zeros(7))
    found = case.record().gradient["hidden1"]
    wanted, moved = estimates(case, values, baseline)
    # In the second nothing comes in.
    assert (np.abs(wanted).max(axis=(1, 2)) > 1e-3).tolist() == [True, False, True, True]
    assert error_of(found, wanted) < 1e-9
    plan = Plan(learning=True, learning_rate=0.0, update_after=np.array([0, 0, 0, 4]))
    after = case.simulator().run(case.state, case.trials, plan)[1].outlasting
    if lasting:
        np.testing.assert_allclose(after["hidden1.baseline"], moved, rtol=1e-9)
        # The controls: no baseline, or one of fewer trials.
        assert error_of(found, estimates(case, values, 0 * baseline)[0]) > 1e-3
        assert np.abs(estimates(case, values | {"trials": 10.0}, baseline)[1] / moved - 1).max() > 1e-2
    assert error_of(found, estimates(case, values | {"tau_plus": values["tau_plus"] / 2}, baseline)[0]) > 1e-2
