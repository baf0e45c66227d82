"""Dendritic prediction by another program, and that a prediction that is right teaches nothing."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

from tests.networks import REGISTRY, RULES
from workbench import Network
from workbench.declare.loss import SQUARED_ERROR
from workbench.model.setup import Setup
from workbench.testing.case import Case, random_case

Array = NDArray[np.float64]
RULE = RULES["dendritic_prediction"]
STEPS, DT = 40, 1e-3


def a_case() -> Case:
    """Return random weights, input spikes and targets for two outputs without hidden layers."""
    network = Network(
        n_inputs=8, hidden=(), n_outputs=2, readout=REGISTRY.neuron("two_compartments"), n_steps=STEPS,
        loss=SQUARED_ERROR,
    )  # fmt: skip
    return random_case(
        Setup(
            network=network, rule=RULE, feedback="symmetric", trial_capacity=8, event_capacity=1 << 10, targets="step"
        )
    )


def estimate(case: Case, trial: int, pull: float = 5.0) -> tuple[Array, Array]:
    """Return the mean over steps of what the rule makes of one trial, and the last prediction of each output."""
    weights, raster = case.state.weights["readout"], case.trials.raster(STEPS, 8)[trial]
    target = case.trials.target[trial]
    syn, mem, dendrite, leak = 3e-3, 10e-3, 2000.0, 100.0
    # v, d, I and the current that pulls.
    neuron = expm(DT * np.array([
        [-dendrite - leak, dendrite, 0, leak], [0, -1 / mem, 1 / mem, 0], [0, 0, -1 / syn, 0], [0, 0, 0, 0],
    ]))  # fmt: skip
    trace = expm(DT * np.array([[-1 / syn, 0], [1 / mem, -1 / mem]]))
    state, filters, total = np.zeros((4, 2)), np.zeros((2, 8)), np.zeros((8, 2))
    predicted = np.zeros(2)
    for step in range(STEPS):
        state, filters = neuron @ state, trace @ filters
        state[2] += raster[step] @ weights
        filters[0] += raster[step]
        state[3] = pull * (target[step] - state[0])
        rate = 1 / (1 + np.exp(-state[0] / 0.5))
        predicted = 1 / (1 + np.exp(-state[1] * dendrite / (dendrite + leak) / 0.5))
        total -= np.outer(filters[1], (rate - predicted) * (1 - predicted) / 0.5) * DT
    return total / (STEPS * DT), predicted


def test_estimate_is_that_of_the_papers_equations() -> None:
    case = a_case()
    found = case.record().gradient["readout"]
    for trial in (0, 2, 3):
        wanted, _ = estimate(case, trial)
        assert np.abs(wanted).max() > 1e-4
        np.testing.assert_allclose(found[trial], wanted, rtol=1e-9, atol=1e-9 * np.abs(wanted).max())
        other, _ = estimate(case, trial, pull=4.0)
        assert np.abs(found[trial] - other).max() > 1e-3 * np.abs(wanted).max()


def test_nobody_who_pulls_teaches_little_beside_somebody_who_does() -> None:
    """What is left without a pull is how far the soma lags behind its dendrite."""
    case = a_case()
    free = replace(case.setup, rule=RULE.with_parameters({"pull": 0.0}))
    left = np.abs(replace(case, setup=free).record().gradient["readout"]).max()
    assert left < 0.2 * np.abs(case.record().gradient["readout"]).max()


@pytest.mark.parametrize("text", ["predicted - 1", "1 - predicted"])
def test_wrong_sign_in_the_rule_is_seen(text: str) -> None:
    step = RULE.output_step
    assert step is not None
    assert text in step.code
    case = a_case()
    wrong = replace(RULE, output_step=replace(step, code=step.code.replace(text, text.replace("-", "+"))))
    found = replace(case, setup=replace(case.setup, rule=wrong)).record().gradient["readout"][0]
    wanted, _ = estimate(case, 0)
    assert np.abs(found - wanted).max() > 0.1 * np.abs(wanted).max()
