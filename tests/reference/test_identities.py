"""Where a rule is the gradient itself, and how far from it the next best thing is.

The identities over all rules and losses are in `tests/rules/test_exact_for.py`; here are many numbers for one network,
and what breaks the identity.
"""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import RATE, RULES, SETUPS, assert_alive, error_of, setup_for, with_numbers
from workbench.declare.loss import CROSS_ENTROPY
from workbench.declare.recording import Recording
from workbench.declare.references import Reset
from workbench.engine.presentation import Plan
from workbench.model import schedule
from workbench.model.schedule import Slot
from workbench.model.setup import Setup
from workbench.reference.bptt import Reference, reference
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.gradients import Gradients
from workbench.testing.case import Case, random_case, random_state

EPROP, DCLL = SETUPS["eprop_1"], SETUPS["dcll_1"]


def exact(case: Case, recording: Recording, reset: Reset = "constant", loss: str = "readout") -> Gradients:
    """Return the gradients of single trials."""
    state = case.state
    return reference(case.setup).gradients(
        ForwardPass(state.weights, state.feedback, case.trials, recording), reset=reset, per_trial=True, loss=loss
    )


@pytest.mark.parametrize("number", range(4))
def test_eprop_is_bptt_whatever_the_numbers(number: int) -> None:
    generator = np.random.default_rng(number)
    setup = with_numbers(EPROP, generator, n_steps=40)
    case = replace(random_case(setup, number, count=6), state=random_state(setup, generator))
    recording = case.record()
    assert_alive(recording, setup)
    gradients = exact(case, recording)
    assert error_of(recording.gradient["hidden1"], gradients.trials["hidden1"]) < 1e-9
    assert error_of(recording.gradient["readout"], gradients.trials["readout"]) < 1e-9
    assert error_of(recording.gradient["hidden1"].mean(axis=0), gradients.mean["hidden1"]) < 1e-9
    assert gradients.differing == 0
    other = exact(case, recording, "differentiated")
    assert error_of(recording.gradient["hidden1"], other.trials["hidden1"]) > 1e-3


@pytest.mark.parametrize("feedback", ["random_direct", "random_chained"])
def test_random_feedback_is_not_bptt(feedback: str) -> None:
    case = random_case(setup_for(RULES["eprop"], feedback, 1, CROSS_ENTROPY), count=4)
    recording = case.record("numpy")
    assert_alive(recording, case.setup)
    assert error_of(recording.gradient["hidden1"], exact(case, recording).trials["hidden1"]) > 0.3


def test_feedback_through_the_transpose_is_symmetric_feedback() -> None:
    symmetric = random_case(EPROP, count=4)
    weights = symmetric.state.weights
    state = replace(symmetric.state, feedback={"hidden1": weights["readout"].T.copy()})
    direct = replace(symmetric, setup=replace(EPROP, feedback="random_direct"), state=state)
    found, expected = direct.record("numpy").gradient["hidden1"], symmetric.record().gradient["hidden1"]
    assert error_of(found, expected) < 1e-12


#: Slots that are moved: stale errors; potentials after the reset; traces a step late.
MOVES = {
    "LEARN": Slot("before_synapses", 5),
    "SURROGATE": Slot("resets", 1),
    "TRACE": Slot("before_groups", 0),
}


@pytest.mark.parametrize("slot", MOVES)
@pytest.mark.parametrize(("setup", "loss"), [(EPROP, "readout"), (DCLL, "hidden1_readout")], ids=["eprop", "dcll"])
def test_learning_in_another_slot_is_not_exact(
    setup: Setup, loss: str, slot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = random_case(setup, count=4)
    recording = case.record()
    gradient = exact(case, recording, loss=loss).trials["hidden1"]
    assert error_of(recording.gradient["hidden1"], gradient) < 1e-9
    # Brian2's NumPy code is built anew for each test; a compiled network would come from the cache.
    monkeypatch.setattr(schedule, slot, MOVES[slot])
    moved = case.record("numpy")
    assert_alive(moved, case.setup)
    error = error_of(moved.gradient["hidden1"], gradient)
    assert error > 1e-3, f"relative error {error:.1e}: the slot does not matter"


@pytest.mark.parametrize("recurrent", [False, True])
def test_without_spikes_the_gradient_is_that_of_what_brian2_computes(recurrent: bool) -> None:
    """No surrogate is between: central differences of the loss that Brian2 itself returns."""
    case = random_case(replace(RATE, network=replace(RATE.network, recurrent=recurrent)), count=6, gain=0.3)
    recording = case.record()
    gradients = exact(case, recording)
    generator = np.random.default_rng(5)
    simulator = case.simulator()
    # Where a layer reaches the readout alone, e-prop is the gradient; else it neglects the delay on the way.
    assert (error_of(recording.gradient["hidden2"], gradients.trials["hidden2"]) < 1e-9) == (not recurrent)
    assert error_of(recording.gradient["hidden1"], gradients.trials["hidden1"]) > 1e-2
    for layer, exact_gradient in gradients.mean.items():
        direction = generator.normal(size=exact_gradient.shape)
        loss = []
        for sign in (1, -1):
            weights = case.state.weights | {layer: case.state.weights[layer] + sign * 1e-5 * direction}
            loss.append(simulator.run(case.state.with_weights(weights), case.trials, Plan())[0].loss.mean())
        slope = (loss[0] - loss[1]) / 2e-5
        assert abs(slope) > 1e-3
        assert slope == pytest.approx((exact_gradient * direction).sum(), rel=1e-6)
        assert slope != pytest.approx((exact_gradient * direction[::-1]).sum(), rel=1e-2)
    assert list(gradients.mean) == list(case.setup.network.weight_shapes())


def test_gradients_of_a_batch_are_the_mean_of_its_trials() -> None:
    case = random_case(EPROP, count=5)
    recording = case.record()
    model = Reference(case.setup, reference(case.setup).program)
    weights = case.state.weights
    each = model.gradients(ForwardPass(weights, {}, case.trials, recording), per_trial=True)
    for pad in (0, 8):
        mean = model.gradients(ForwardPass(weights, {}, case.trials, recording), pad=pad)
        assert mean.loss.shape == (5,)
        for layer in weights:
            assert error_of(mean.mean[layer], each.mean[layer]) < 1e-12
            assert error_of(mean.mean[layer], each.trials[layer][:4].mean(axis=0)) > 1e-3
