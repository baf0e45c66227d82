"""STDP is a sum over pairs of spikes, and what it is told by one scalar is the loss: both counted by other means."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import CAPACITY, LOSSES, RULES, error_of
from workbench.declare.learning_signal import LearningSignal
from workbench.declare.loss import Loss
from workbench.declare.network import Network
from workbench.declare.recording import Spikes
from workbench.declare.rule import Rule
from workbench.declare.trials import Trials
from workbench.engine.state import State
from workbench.model.setup import Setup
from workbench.testing.case import Case, random_case

TAU, POTENTIATION, DEPRESSION = 20.0, 1.0, 1.05


def case_of(rule: Rule, loss: Loss = LOSSES["cross_entropy"]) -> Case:
    network = Network(n_inputs=8, hidden=(8, 7), n_outputs=3, n_steps=60, loss=loss)
    return random_case(Setup(network=network, rule=rule, feedback=rule.default_feedback, **CAPACITY), count=4)


def pairs(pre: NDArray[np.int64], post: NDArray[np.int64]) -> float:
    """Return the change of g [ms] by all pairs of two trains of steps of 1 ms."""
    lags = post[None, :] - pre[:, None]
    later, earlier = lags[lags >= 0], lags[lags < 0]
    return float(DEPRESSION * np.exp(earlier / TAU).sum() - POTENTIATION * np.exp(-later / TAU).sum())


def test_stdp_is_a_sum_over_pairs_of_spikes() -> None:
    case = case_of(RULES["stdp"])
    recording = case.record()
    raster = {
        layer: recording.spikes[layer].raster(4, 60, size) for layer, size in (("hidden1", 8), ("hidden2", 7))
    } | {"inputs": case.trials.raster(60, 8).astype(bool)}
    for source, layer in (("inputs", "hidden1"), ("hidden1", "hidden2")):
        found = recording.gradient[layer] * 60
        expected = np.array(
            [
                [
                    [pairs(np.flatnonzero(before), np.flatnonzero(after)) for after in trial_after.T]
                    for before in trial_before.T
                ]
                for trial_before, trial_after in zip(raster[source], raster[layer], strict=True)
            ]
        )
        assert np.abs(expected).max() > 1
        assert (expected > 0).any()
        assert (expected < 0).any()
        assert error_of(found, expected) < 1e-12
        assert error_of(found, expected[::-1]) > 0.1


def test_spikes_of_one_step_count_as_pre_before_post() -> None:
    assert pairs(np.array([3]), np.array([3])) == -POTENTIATION
    raster = case_of(RULES["stdp"])
    recording = raster.record()
    below = recording.spikes["hidden1"].raster(4, 60, 8)
    above = recording.spikes["hidden2"].raster(4, 60, 7)
    assert (below.any(axis=2) & above.any(axis=2)).sum() > 3, "no two spikes of one step were compared"


@pytest.mark.parametrize("loss", LOSSES.values(), ids=lambda loss: loss.name)
@pytest.mark.parametrize("form", ["events", "clock"])
def test_scalar_is_by_how_much_the_loss_is_above_that_of_zeros(loss: Loss, form: str) -> None:
    told = Rule(
        name="told",
        title="Told",
        synapse="dg/dt = error_post : second",
        signal=LearningSignal(name="error", feedback="global_scalar"),
    )
    case = case_of(told, loss)
    feedback = {layer: np.ones_like(array) for layer, array in case.state.feedback.items()}
    case = replace(case, state=replace(case.state, feedback=feedback)).with_setup(form=form)
    recording = case.record()
    # Of classes all three are alike.
    of_zeros = 0.5 if loss.name == "squared_error" else np.log(3.0)
    assert loss.of_classes == (loss.name != "squared_error")
    assert np.ptp(recording.loss) > 1e-3
    for layer in ("hidden1", "hidden2"):
        gradient = recording.gradient[layer]
        assert gradient == pytest.approx(np.broadcast_to(gradient[:, :1, :1], gradient.shape), rel=1e-12)
        assert gradient[:, 0, 0] == pytest.approx(recording.loss - of_zeros, rel=1e-9)


@pytest.mark.parametrize(("value", "rewarded"), [(1.0, True), (-1.0, False)])
def test_a_pair_that_is_rewarded_strengthens_and_one_that_is_punished_weakens(value: float, rewarded: bool) -> None:
    """One pair, pre before post; the output then says what is wanted, or its opposite."""
    network = Network(n_inputs=1, hidden=(1,), n_outputs=1, n_steps=60, loss=LOSSES["squared_error"])
    setup = Setup(
        network=network,
        rule=RULES["reward_stdp"],
        feedback="global_scalar",
        form="clock",
        forced_capacity=64,
        **CAPACITY,
    )
    trials = Trials(np.array([0, 1]), np.array([5], dtype=np.int32), np.zeros(1, dtype=np.int32), np.array([[value]]))
    weights = {"hidden1": np.zeros((1, 1)), "readout": np.full((1, 1), 3.0)}
    case = Case(setup, State(weights, {"hidden1": np.ones((1, 1))}, {}), trials)
    given = {"hidden1": Spikes(np.array([0]), np.array([8]), np.array([0]))}
    recording = case.record("numpy", given)
    # Silent outputs have a loss of a half.
    assert (recording.loss[0] < 0.5) == rewarded
    assert (recording.gradient["hidden1"][0, 0, 0] < 0) == rewarded
    # The same pair the other way round.
    turned = case.record("numpy", {"hidden1": Spikes(np.array([0]), np.array([2]), np.array([0]))})
    assert (turned.gradient["hidden1"][0, 0, 0] > 0) == rewarded
