"""Attention-gated reinforcement is the exact gradient of how far off the chosen output's expectation is."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import RULES
from workbench import Network, Rewards, Trials, estimate, exact_gradient
from workbench.declare.decision import LAST
from workbench.declare.loss import SQUARED_ERROR
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.model.setup import Setup
from workbench.testing.case import Case, random_case

#: The loss is that of a single step, in which the answer is judged.
NETWORK = Network(n_inputs=6, hidden=(5,), n_outputs=3, n_steps=30, window=(27, 28), loss=SQUARED_ERROR, decision=LAST)
SETUP = Setup(network=NETWORK, rule=RULES["attention_gated"], feedback="symmetric", trial_capacity=16)


def rewarded() -> tuple[Case, Trials, np.ndarray, np.ndarray]:
    """Return a case, its trials with rewards, the answers and the outputs."""
    case = random_case(SETUP, count=12, gain=3.0, rate=0.15)
    generator = np.random.default_rng(4)
    rewards = Rewards(generator.random((12, 3)) + 0.5, np.full((12, 3), 0.6), seed=1)
    trials = replace(case.trials, target=rewards.target, rewards=rewards)
    recording, _ = simulator(replace(SETUP, rewarded=True)).run(case.state, trials, Plan())
    return case, trials, recording.prediction, recording.output


def wanted(output: np.ndarray, answers: np.ndarray, brought: np.ndarray) -> np.ndarray:
    """Return targets from which the chosen output alone deviates, by what its answer brought."""
    target = output.copy()
    target[np.arange(len(answers)), answers] = brought[np.arange(len(answers)), answers]
    return target


def apart(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.linalg.norm(one - other) / np.linalg.norm(other))


def test_estimate_is_the_gradient_of_what_was_expected_amiss() -> None:
    case, trials, answers, output = rewarded()
    assert len(np.unique(answers)) > 1
    assert trials.rewards is not None
    brought = trials.rewards.drawn(trials.draw)
    found = estimate(SETUP.rule, NETWORK, case.state.weights, trials)
    plain = replace(trials, rewards=None)
    exact = exact_gradient(
        NETWORK, case.state.weights, replace(plain, target=wanted(output, answers, brought)), reset="constant"
    )
    for name in ("hidden1", "readout"):
        assert np.abs(exact[name]).max() > 1e-3
        assert apart(found[name], exact[name]) < 1e-9
    # The controls: what another answer would have brought, and the best answer, are something else.
    for target in (wanted(output, answers, np.roll(brought, 1, axis=1)), trials.rewards.target):
        other = exact_gradient(NETWORK, case.state.weights, replace(plain, target=target), reset="constant")
        assert min(apart(found[name], other[name]) for name in ("hidden1", "readout")) > 1e-3


def test_without_rewards_an_answer_brings_what_its_target_says() -> None:
    case, trials, answers, output = rewarded()
    plain = replace(trials, rewards=None)
    found = estimate(SETUP.rule, NETWORK, case.state.weights, plain)
    right = replace(plain, target=wanted(output, answers, plain.target))
    exact = exact_gradient(NETWORK, case.state.weights, right, reset="constant")
    assert apart(found["hidden1"], exact["hidden1"]) < 1e-9
    assert apart(found["readout"], exact["readout"]) < 1e-9
    # The control: to be told of one answer is less than to be told the right one.
    told = exact_gradient(NETWORK, case.state.weights, plain, reset="constant")
    assert apart(found["readout"], told["readout"]) > 0.05


def test_estimate_in_each_form_is_the_same() -> None:
    case, trials, _, _ = rewarded()
    plan = Plan(learning=True, record_gradient=True)
    setup = replace(SETUP, rewarded=True)
    compiled = simulator(setup).run(case.state, trials, plan)[0].gradient
    slow = simulator(replace(setup, form="clock"), "numpy").run(case.state, trials, plan)[0].gradient
    for name in compiled:
        assert np.abs(slow[name]).max() > 1e-3
        assert compiled[name] == pytest.approx(slow[name], rel=1e-9, abs=1e-12)
