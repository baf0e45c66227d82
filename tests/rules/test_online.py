"""Rules that carry along a part of RTRL: what each keeps, by plain NumPy, and what each leaves out."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import CAPACITY, RULES, assert_alive, error_of
from workbench import Network
from workbench.common.errors import GradientError
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.neuron_models import LINEAR_RATE
from workbench.declare.references import Reset
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.followed import followed
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.case import Case, random_case

Array = NDArray[np.float64]
DT, TAU_MEM, TAU_SYN, STEPS = 1e-3, 20e-3, 10e-3, 40
MEM, SYN = np.exp(-DT / TAU_MEM), np.exp(-DT / TAU_SYN)
SHARE = TAU_SYN / (TAU_MEM - TAU_SYN) * (MEM - SYN)


def case_of(rule: str, hidden: tuple[int, ...], recurrent: bool, feedback: str = "none") -> Case:
    network = Network(n_inputs=8, hidden=hidden, n_outputs=3, n_steps=STEPS, loss=SQUARED_ERROR, recurrent=recurrent)
    return random_case(Setup(network=network, rule=RULES[rule], feedback=feedback, **CAPACITY), count=3)


def exact(case: Case, reset: Reset = "differentiated") -> dict[str, Array]:
    forward = ForwardPass(case.state.weights, case.state.feedback, case.trials, case.record())
    return reference(case.setup).gradients(forward, reset, per_trial=True).trials


def worth(error: Array, weights: Array) -> Array:
    """Return what a spike of each step is worth to the loss by way of the readout, (n_steps, n)."""
    found, by_y, by_current = np.zeros((STEPS, len(weights))), np.zeros(3), np.zeros(3)
    for step in reversed(range(STEPS)):
        found[step] = weights @ by_current
        by_y = by_y + error[step]
        by_y, by_current = by_y * MEM, by_y * SHARE + by_current * SYN
    return found


def carried_along(
    sources: tuple[Array, Array], spikes: Array, weights: tuple[Array, Array], signal: Array
) -> tuple[tuple[Array, Array], Array]:
    """Return gradients of weights from below and of those of a layer onto itself, and psi: every neuron by each weight.

    Of a layer that is given spikes of others and its own, and what each of its spikes is worth.
    """
    size = spikes.shape[1]
    v, current = np.zeros(size), np.zeros(size)
    kinds = range(len(sources))
    by_v = [np.zeros((each.shape[1], size, size)) for each in sources]
    by_current = [np.zeros_like(each) for each in by_v]
    found, psis = [np.zeros((each.shape[1], size)) for each in sources], np.zeros((STEPS, size))
    for step in range(STEPS):
        v, current = v * MEM + current * SHARE, current * SYN
        psis[step] = psi = 1 / (1 + 5 * np.abs(v - 1)) ** 2
        for kind in kinds:
            by_v[kind], by_current[kind] = by_v[kind] * MEM + by_current[kind] * SHARE, by_current[kind] * SYN
            by_spike = psi * by_v[kind]  # (pre, post, neuron)
            found[kind] += by_spike @ signal[step]
            by_v[kind] = by_v[kind] - by_spike
            by_current[kind] += by_spike @ weights[1]
            by_current[kind] += sources[kind][step][:, None, None] * np.eye(size)
        current = current + sources[0][step] @ weights[0] + spikes[step] @ weights[1]
        v = v - spikes[step]
    return (found[0], found[1]), psis


def by_script(case: Case) -> dict[str, Array]:
    """Return OSTL of two layers that reach themselves, the tensors of each carried along in time."""
    weights, recording = case.state.weights, case.record()
    count = len(case.trials)
    inputs = case.trials.raster(STEPS, 8).astype(np.float64)
    spikes = [
        recording.spikes[name].raster(count, STEPS, size).astype(np.float64)
        for name, size in case.setup.network.spiking_layers.items()
    ]
    total = {name: np.zeros((count, *array.shape)) for name, array in weights.items()}
    for trial in range(count):
        y, current, error = np.zeros(3), np.zeros(3), np.zeros((STEPS, 3))
        for step in range(STEPS):
            y, current = y * MEM + current * SHARE, current * SYN
            error[step] = (y - case.trials.target[trial]) / STEPS
            current = current + spikes[1][trial, step] @ weights["readout"]
        signal = worth(error, weights["readout"])
        below = (inputs[trial], spikes[0][trial])
        for layer in (1, 0):
            name = f"hidden{layer + 1}"
            own = (weights[name], weights[f"{name}_recurrent"])
            mine = spikes[layer][trial]
            (total[name][trial], total[f"{name}_recurrent"][trial]), psi = carried_along(
                (below[layer], mine), mine, own, signal
            )
            signal = (psi * signal) @ own[0].T
    return total


def test_ostl_is_what_the_script_carries_along() -> None:
    case = case_of("ostl", (8, 7), recurrent=True)
    assert_alive(case.record(), case.setup)
    found, wanted, all_of_it = case.estimates(case.record()), by_script(case), exact(case)
    for name in ("hidden1", "hidden1_recurrent", "hidden2", "hidden2_recurrent"):
        assert error_of(found[name], wanted[name]) < 1e-9, name
    # The last layer is exact; what the first does by way of the past of the second is left out.
    assert error_of(found["hidden2_recurrent"], all_of_it["hidden2_recurrent"]) < 1e-12
    assert error_of(found["hidden1"], all_of_it["hidden1"]) > 0.1


def test_ostl_of_one_layer_that_reaches_itself_is_real_time_recurrent_learning() -> None:
    case = case_of("ostl", (9,), recurrent=True)
    recording = case.record()
    forward = ForwardPass(case.state.weights, {}, case.trials, recording)
    model, found = reference(case.setup), case.estimates(recording)
    carried = model.gradients(forward, "differentiated", per_trial=True, direction="forward").trials
    held = model.gradients(forward, "constant", per_trial=True, direction="forward").trials
    for name, estimate in found.items():
        assert error_of(estimate, carried[name]) < 1e-9, name
    assert error_of(found["hidden1"], held["hidden1"]) > 1e-3


def test_ostl_needs_spikes_to_take_layers_apart() -> None:
    network = Network(n_inputs=8, hidden=(9,), n_outputs=3, n_steps=STEPS, neuron=LINEAR_RATE)
    case = random_case(Setup(network=network, rule=RULES["ostl"], feedback="none", **CAPACITY), count=2)
    with pytest.raises(GradientError, match="for rule 'ostl' to follow: layers without spikes act on those above"):
        case.estimates(case.record("numpy"))


def test_a_gradient_to_follow_needs_a_recording() -> None:
    case = case_of("ostl", (9,), recurrent=False)
    with pytest.raises(GradientError, match="there is no recording"):
        followed(reference(case.setup), ForwardPass(case.state.weights, {}, case.trials))


def test_snap_leaves_out_what_comes_back_by_way_of_others() -> None:
    case = case_of("snap", (9,), recurrent=True, feedback="symmetric")
    recording = case.record("numpy")
    assert_alive(recording, case.setup)
    found = recording.gradient
    weights = case.state.weights
    # By the script, where the layer's weights onto itself carry spikes, and no derivative.
    inputs = case.trials.raster(STEPS, 8).astype(np.float64)
    spikes = recording.spikes["hidden1"].raster(3, STEPS, 9).astype(np.float64)
    for trial in range(3):
        y, current, error = np.zeros(3), np.zeros(3), np.zeros((STEPS, 3))
        for step in range(STEPS):
            y, current = y * MEM + current * SHARE, current * SYN
            error[step] = (y - case.trials.target[trial]) / STEPS
            current = current + spikes[trial, step] @ weights["readout"]
        signal = worth(error, weights["readout"])
        arriving = np.concatenate([inputs[trial], spikes[trial]], axis=1)
        joined = np.concatenate([weights["hidden1"], weights["hidden1_recurrent"]])
        (both, _), _ = carried_along(
            (arriving, np.zeros((STEPS, 9))), spikes[trial], (joined, np.zeros((9, 9))), signal
        )
        assert error_of(found["hidden1"][trial], both[:8]) < 1e-9 or not both[:8].any()
        assert error_of(found["hidden1_recurrent"][trial], both[8:]) < 1e-9 or not both[8:].any()
    assert error_of(found["hidden1"], exact(case)["hidden1"]) > 0.1


def test_snap_without_the_reset_is_eprop() -> None:
    case = case_of("snap", (8, 7), recurrent=True, feedback="symmetric")
    without = replace(case, setup=replace(case.setup, rule=RULES["snap"].with_parameters({"through_reset": 0.0})))
    eprop = case.with_setup(rule=RULES["eprop"]).record("numpy").gradient
    found, whole = without.record("numpy").gradient, case.record("numpy").gradient
    for name, estimate in eprop.items():
        assert error_of(found[name], estimate) < 1e-12, name
    assert error_of(whole["hidden1"], eprop["hidden1"]) > 0.01


def learning_of(case: Case) -> tuple[Array, Array, Array, Array]:
    """Return spikes of inputs and of the hidden layer, its potentials at the threshold, and errors of the readout."""
    count, weights, size = len(case.trials), case.state.weights, case.setup.network.hidden[0]
    inputs = case.trials.raster(STEPS, 8).astype(np.float64)
    spikes = case.record().spikes["hidden1"].raster(count, STEPS, size).astype(np.float64)
    v, current, y, arrived = (np.zeros((count, each)) for each in (size, size, 3, 3))
    course, error = np.zeros((count, STEPS, size)), np.zeros((count, STEPS, 3))
    for step in range(STEPS):
        v, current = v * MEM + current * SHARE, current * SYN
        y, arrived = y * MEM + arrived * SHARE, arrived * SYN
        course[:, step], error[:, step] = v, (y - case.trials.target) / STEPS
        current, v = current + inputs[:, step] @ weights["hidden1"], v - spikes[:, step]
        arrived = arrived + spikes[:, step] @ weights["readout"]
    return inputs, spikes, course, error


@pytest.mark.parametrize("through_reset", [True, False])
def test_osttp_sends_down_what_is_wanted(through_reset: bool) -> None:
    case = case_of("osttp", (9,), recurrent=False, feedback="random_direct")
    inputs, _, course, _ = learning_of(case)
    psi = 1 / (1 + 5 * np.abs(course - 1)) ** 2
    label = case.trials.target @ case.state.feedback["hidden1"]
    wanted = np.zeros((3, 8, 9))
    for trial in range(3):
        by_v, by_current = np.zeros((8, 9)), np.zeros((8, 9))
        for step in range(STEPS):
            by_v, by_current = by_v * MEM + by_current * SHARE, by_current * SYN
            wanted[trial] += label[trial] * psi[trial, step] * by_v / STEPS
            by_current = by_current + inputs[trial, step][:, None]
            by_v = by_v - through_reset * psi[trial, step] * by_v
    error = error_of(case.record().gradient["hidden1"], wanted)
    assert error > 1e-3 if through_reset else error < 1e-9


@pytest.mark.parametrize("late", [True, False])
def test_eprop_plus_meets_an_error_a_step_later_by_a_filter_of_its_own(late: bool) -> None:
    case = case_of("eprop_plus", (9,), recurrent=False, feedback="symmetric")
    case = case.with_setup(
        rule=RULES["eprop_plus"].with_parameters({"tau_eligibility": "30 ms", "regularize": "0.1 second"})
    )
    inputs, spikes, course, error = learning_of(case)
    psi = 1 / (1 + 5 * np.abs(course - 1)) ** 2
    kappa, keeps, weights = np.exp(-DT / 30e-3), np.exp(-DT / 50e-3), case.state.weights["readout"]
    wanted = np.zeros((3, 8, 9))
    for trial in range(3):
        p, q, k, rate = np.zeros(8), np.zeros(8), np.zeros((8, 9)), np.zeros(9)
        for step in range(STEPS):
            p, q = p * MEM + q * SHARE, q * SYN
            before, k = k * kappa, k * kappa + np.outer(p, psi[trial, step]) * DT / 30e-3
            rate = rate * keeps + spikes[trial, step] / 50e-3
            wanted[trial] += weights @ error[trial, step] * (before if late else k)
            wanted[trial] += 0.1 * (rate - 10) * k / STEPS
            q = q + inputs[trial, step]
    found = error_of(case.record().gradient["hidden1"], wanted)
    assert found < 1e-9 if late else found > 1e-3
