"""Controls of alignment: a rule that is told the targets of other trials."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import RULES, SETUPS, setup_for
from workbench.audit.alignment import shuffled_control
from workbench.audit.probe import probe
from workbench.losses import CROSS_ENTROPY
from workbench.measures.alignment import Measured
from workbench.reference.bptt import reference
from workbench.testing.case import Case, random_case


def told_otherwise(case: Case, variant: str = "", seed: int = 0) -> dict[str, Measured]:
    simulator, exact = case.simulator(), reference(case.setup)
    found = probe(simulator, exact, case.state, case.trials, variant)
    rows = shuffled_control(found, simulator, exact, case.state, case.trials, np.random.default_rng(seed), variant)
    assert {(name, against) for _, name, against, _ in rows} == {("cosine", "shuffled")}
    return {layer: value for layer, _, _, value in rows}


def test_alignment_that_comes_from_the_targets_goes_with_them() -> None:
    """Classes of equal size that follow from the inputs, and outputs without a preference: nothing else is left."""
    case = random_case(SETUPS["eprop_1"], count=126)
    order = np.argsort(np.diff(case.trials.start), kind="stable")
    target = np.zeros_like(case.trials.target)
    target[order, np.arange(126) // 42] = 1
    state = case.state.with_weights(case.state.weights | {"readout": np.zeros_like(case.state.weights["readout"])})
    case = replace(case, trials=replace(case.trials, target=target), state=state)
    found = np.array([told_otherwise(case, seed=seed)["readout"].value for seed in range(12)])
    assert len(set(found)) == 12
    assert abs(found.mean()) < 0.5
    assert found.max() < 0.95


def test_an_estimate_that_is_told_the_right_targets_again_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control differs from the measure in nothing but the targets."""
    case = random_case(SETUPS["eprop_1"], count=16)
    monkeypatch.setattr("workbench.audit.alignment._shuffled", lambda trials, _: trials)
    assert told_otherwise(case)["readout"].value == pytest.approx(1, abs=1e-9)
    exact = random_case(setup_for(RULES["bptt"], "none", 1, CROSS_ENTROPY), count=16)
    found = told_otherwise(exact, "bptt_differentiated")
    assert [found[layer].value for layer in ("hidden1", "readout")] == pytest.approx([1, 1], abs=1e-9)


def test_trials_that_all_want_the_same_cannot_be_shuffled() -> None:
    case = random_case(SETUPS["eprop_1"], count=1)
    reasons = {value.reason for value in told_otherwise(case).values()}
    assert reasons == {"All trials want the same, so that there is nothing to shuffle."}


def test_rules_that_make_no_estimate_have_no_control() -> None:
    case = random_case(setup_for(RULES["frozen"], "none", 1, CROSS_ENTROPY), count=16)
    found = told_otherwise(case)
    assert found["hidden1"].reason == "The rule makes no estimate for this layer."
    assert not found["readout"].reason
