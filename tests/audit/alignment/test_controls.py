"""Controls of alignment: a rule that is told the targets of other trials."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import RULES, SETUPS, setup_for
from workbench.audit.alignment.controls import _shuffled, _unshuffled, shuffled_control
from workbench.audit.probe import probe
from workbench.declare.loss import CROSS_ENTROPY
from workbench.declare.measured import Measured
from workbench.declare.rewards import Rewards
from workbench.declare.trials import Trials
from workbench.reference.bptt import reference
from workbench.testing.case import Case, random_case


def told_otherwise(case: Case, seed: int = 0) -> dict[str, Measured]:
    simulator, exact = case.simulator(), reference(case.setup)
    found = probe(simulator, exact, case.state, case.trials)
    rows = shuffled_control(found, simulator, exact, case.state, case.trials, np.random.default_rng(seed))
    assert {(name, against) for _, name, against, _ in rows} == {("cosine", "shuffled")}
    return {layer: value for layer, _, _, value in rows}


def with_classes(case: Case, classes: NDArray[np.int64]) -> Case:
    """Return the case with classes that follow from the inputs, and outputs without a preference."""
    order = np.argsort(np.diff(case.trials.start), kind="stable")
    target = np.zeros_like(case.trials.target)
    target[order, classes] = 1
    state = case.state.with_weights(case.state.weights | {"readout": np.zeros_like(case.state.weights["readout"])})
    return replace(case, trials=replace(case.trials, target=target), state=state)


def test_alignment_that_comes_from_the_targets_goes_with_them() -> None:
    """Classes of equal size that follow from the inputs, and outputs without a preference: nothing else is left."""
    case = with_classes(random_case(SETUPS["eprop_1"], count=126), np.arange(126) // 42)
    found = np.array([told_otherwise(case, seed=seed)["readout"].value for seed in range(12)])
    assert len(set(found)) == 12
    assert -1 < found.mean() < 0
    assert found.max() < 0.95


def test_what_is_told_the_other_of_two_classes_turns_round() -> None:
    """Where the output prefers neither of two classes, its error changes its sign and nothing else."""
    setup = SETUPS["eprop_1"]
    setup = replace(setup, network=replace(setup.network, n_outputs=2))
    case = with_classes(random_case(setup, count=12), np.arange(12) // 6)
    assert told_otherwise(case)["readout"].value == pytest.approx(-1, abs=1e-12)


@pytest.mark.parametrize("counts", [(6, 6), (4, 4, 4), (6, 3, 3), (1, 5, 4, 2), (1,) * 9])
def test_no_trial_keeps_what_it_wants(counts: tuple[int, ...]) -> None:
    generator = np.random.default_rng(0)
    label = generator.permutation(np.repeat(np.arange(len(counts)), counts))
    trials = without_events(np.eye(len(counts))[label])
    drawn = [_shuffled(trials, np.random.default_rng(seed)).label for seed in range(50)]
    assert all((told != label).all() for told in drawn)
    assert all((np.bincount(told) == counts).all() for told in drawn)
    # Of two classes there is one order alone, of others there are many.
    assert (len({tuple(told) for told in drawn}) > 1) == (len(counts) > 2)
    # The control: any order would leave some as they are.
    assert any((generator.permutation(label) == label).any() for _ in range(50))


def test_targets_of_each_step_are_shuffled_as_wholes() -> None:
    trials = without_events(np.random.default_rng(0).standard_normal((6, 4, 2)))
    told = _shuffled(trials, np.random.default_rng(1)).target
    assert not (told == trials.target).all(axis=(1, 2)).any()
    assert sorted(told[:, 0, 0]) == sorted(trials.target[:, 0, 0])


@pytest.mark.parametrize("label", [[0, 0, 0, 1, 1], [0, 0, 1, 0, 2]])
def test_a_class_of_more_than_half_cannot_be_shuffled_away(label: list[int]) -> None:
    assert _unshuffled(without_events(np.eye(3)[label])).startswith("More than half of the trials want the same")
    assert _unshuffled(without_events(np.eye(3)[[*label, 1]])) == ""


def without_events(target: NDArray[np.float64]) -> Trials:
    nothing = np.zeros(0, dtype=np.int32)
    return Trials(np.zeros(len(target) + 1, dtype=np.int64), nothing, nothing, target)


def test_an_estimate_that_is_told_the_right_targets_again_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control differs from the measure in nothing but the targets."""
    case = random_case(SETUPS["eprop_1"], count=40)
    monkeypatch.setattr("workbench.audit.alignment.controls._shuffled", lambda trials, _: trials)
    assert told_otherwise(case)["readout"].value == pytest.approx(1, abs=1e-9)
    exact = random_case(setup_for(RULES["bptt"], "none", 1, CROSS_ENTROPY), count=40)
    found = told_otherwise(exact)
    assert [found[layer].value for layer in ("hidden1", "readout")] == pytest.approx([1, 1], abs=1e-9)


def test_trials_that_all_want_the_same_cannot_be_shuffled() -> None:
    case = random_case(SETUPS["eprop_1"], count=1)
    reasons = {value.reason for value in told_otherwise(case).values()}
    assert reasons == {"All trials want the same, so that there is nothing to shuffle."}


def test_rules_that_make_no_estimate_have_no_control() -> None:
    case = random_case(setup_for(RULES["frozen"], "none", 1, CROSS_ENTROPY), count=40)
    found = told_otherwise(case)
    assert found["hidden1"].reason == "The rule makes no estimate for this layer."
    assert not found["readout"].reason


def test_what_answers_are_worth_is_shuffled_with_the_targets() -> None:
    worth = np.random.default_rng(1).random((9, 9)) + np.eye(9)
    trials = replace(without_events(np.eye(9)), rewards=Rewards(worth))
    told = _shuffled(trials, np.random.default_rng(0))
    assert told.rewards is not None
    assert np.array_equal(told.rewards.worth, worth[told.label])
    assert (told.label != trials.label).all()
