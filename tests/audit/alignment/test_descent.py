"""A step along an estimate lowers the loss, or not, by a share of what the exact gradient achieves."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.networks import RULES, SETUPS, setup_for
from workbench.audit.alignment.descent import STEP, WHOLE, descent
from workbench.declare.loss import CROSS_ENTROPY
from workbench.declare.measured import Measured
from workbench.engine.presentation import Plan
from workbench.measures import performance
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.case import Case, random_case

COUNT = 512


def descended(case: Case, seed: int = 0) -> dict[tuple[str, str], Measured]:
    generator = np.random.default_rng(seed)
    rows = descent(case.simulator(), reference(case.setup), case.state, case.trials, generator)
    assert {name for _, name, _, _ in rows} == {"descent"}
    found = {(layer, against): value for layer, _, against, value in rows}
    assert len(found) == len(rows)
    return found


@pytest.fixture(scope="module")
def eprop() -> Case:
    return random_case(SETUPS["eprop_1"], count=COUNT)


def test_eprop_descends_as_far_as_the_gradient_that_it_is(eprop: Case) -> None:
    found = descended(eprop)
    for layer in ("hidden1", "readout", WHOLE):
        assert found[layer, "bptt_constant"].value == pytest.approx(1, abs=1e-6)
        assert math.isfinite(found[layer, "bptt_differentiated"].value)


def test_shares_are_decreases_of_the_loss_that_brian2_makes(eprop: Case) -> None:
    """Counted again by hand, for the layer and the variant in which the two differ."""
    simulator, state, trials = eprop.simulator(), eprop.state, eprop.trials
    recording, _ = simulator.run(state, trials, Plan(learning=True, record_gradient=True))
    exact = reference(eprop.setup).gradients(ForwardPass(state.weights, state.feedback, trials, recording))

    def loss(direction: np.ndarray) -> float:
        weights = state.weights["hidden1"]
        step = STEP * np.linalg.norm(weights) * direction / np.linalg.norm(direction)
        stepped = state.with_weights(state.weights | {"hidden1": weights - step})
        return performance.loss(simulator.run(stepped, trials, Plan())[0])

    before = performance.loss(recording)
    share = (before - loss(recording.gradient["hidden1"].sum(axis=0))) / (before - loss(exact.mean["hidden1"]))
    assert descended(eprop)["hidden1", "bptt_differentiated"].value == pytest.approx(share, rel=1e-9)


def test_random_directions_do_not_descend(eprop: Case) -> None:
    """On average; the share of the readout, whose loss is smooth, is also small each time."""
    found = [descended(eprop, seed=seed)["readout", "random"].value for seed in range(8)]
    assert len(set(found)) == 8
    assert abs(np.mean(found)) < 0.3
    assert max(found) < 0.9


def test_a_layer_that_learns_nothing_has_a_reason() -> None:
    found = descended(random_case(setup_for(RULES["frozen"], "none", 1, CROSS_ENTROPY), count=COUNT))
    assert found["hidden1", "bptt_constant"].reason == "No step: the estimate is zero or absent here."
    assert found["readout", "bptt_constant"].value == pytest.approx(1, abs=1e-6)
    # The readout alone moves, all layers along BPTT.
    assert math.isfinite(found[WHOLE, "bptt_constant"].value)


def test_exact_gradient_descends_as_far_as_itself() -> None:
    case = random_case(setup_for(RULES["bptt"], "none", 1, CROSS_ENTROPY), count=COUNT)
    for layer in ("hidden1", "readout", WHOLE):
        assert descended(case)[layer, "bptt_differentiated"].value == 1


def test_a_gradient_of_zero_is_no_step_to_compare_with(eprop: Case) -> None:
    """Nothing of the hidden layer reaches a readout of zeros."""
    weights = eprop.state.weights | {"readout": np.zeros_like(eprop.state.weights["readout"])}
    found = descended(replace(eprop, state=eprop.state.with_weights(weights)))
    assert found["hidden1", "bptt_constant"].reason == "No step: the estimate is zero or absent here."


def test_a_gradient_that_leads_uphill_is_no_measure(eprop: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps the other way about, each of which raises the loss."""
    monkeypatch.setattr("workbench.audit.alignment.descent.STEP", -STEP)
    reasons = {value.reason for (_, against), value in descended(eprop).items() if against != "random"}
    assert reasons == {"A step along BPTT does not lower the loss here."}
