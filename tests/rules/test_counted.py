"""Rules that are made of spikes, counted by another program from the spikes that Brian2 recorded."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

from tests.networks import CAPACITY, REGISTRY, RULES, error_of
from workbench.declare.loss import CROSS_ENTROPY, SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.recording import Recording
from workbench.model.setup import Setup
from workbench.testing.case import Case, random_case

Array = NDArray[np.float64]

STEPS, TRIALS = 60, 5


def recorded(rule: str, gain: float = 2.0) -> tuple[Case, Recording, dict[str, Array]]:
    """Return a network of one hidden layer, what it did and learnt, and its rasters (n_trials, n_steps, n_neurons)."""
    neuron, readout = REGISTRY.models_for(RULES[rule])
    network = Network(
        n_inputs=8, hidden=(7,), n_outputs=3, n_steps=STEPS, neuron=neuron, readout=readout,
        loss=SQUARED_ERROR if readout.spiking else CROSS_ENTROPY,
    )  # fmt: skip
    setup = Setup(network=network, rule=RULES[rule], feedback=RULES[rule].default_feedback, **CAPACITY)
    case = random_case(setup, count=TRIALS, gain=gain, rate=0.15)
    recording = case.record()
    raster = {"inputs": case.trials.raster(STEPS, 8)}
    for layer, size in network.spiking_layers.items():
        raster[layer] = recording.spikes[layer].raster(TRIALS, STEPS, size).astype(np.float64)
    assert all(array.sum() > 20 for array in raster.values())
    return case, recording, raster


def assert_is(found: Array, expected: Array) -> None:
    """Compare estimates of trials, which must differ from trial to trial."""
    assert error_of(found, expected) < 1e-9
    assert error_of(found, expected[::-1]) > 0.1


def within(raster: Array, steps: int) -> Array:
    """Return whether there was a spike in each step or the `steps` - 1 before it."""
    shifted = [np.pad(raster, ((0, 0), (lag, 0), (0, 0)))[:, : raster.shape[1]] for lag in range(steps)]
    return np.asarray(np.max(shifted, axis=0))


def test_bp_stdp_is_windows_times_errors() -> None:
    case, recording, raster = recorded("bp_stdp")
    window = {layer: within(array, 4) for layer, array in raster.items()}
    target = case.trials.target[:, None]
    error = (1 - target) * window["readout"] - target * (1 - window["readout"])
    # The spike itself is in its trace at once, and the trace falls in steps before it is read: four steps in all.
    readout = np.einsum("ntj,nto->njo", window["hidden1"], error) / STEPS
    back = error @ case.state.weights["readout"].T * window["hidden1"]
    hidden = np.einsum("nti,ntj->nij", window["inputs"], back) / STEPS
    assert set(np.unique(error)) == {-1.0, 0.0, 1.0}
    assert_is(recording.gradient["readout"], readout)
    assert_is(recording.gradient["hidden1"], hidden)


def test_stdp_backprop_is_a_trace_times_the_difference_of_two_phases() -> None:
    case, recording, raster = recorded("stdp_backprop")
    elapsed = (np.arange(STEPS) + 0.5) / STEPS
    first, second = (elapsed > 0.2) & (elapsed <= 0.6), elapsed > 0.6
    kept = np.exp(-(STEPS - 1 - np.arange(STEPS)) / 64)
    for source, layer in (("inputs", "hidden1"), ("hidden1", "readout")):
        trace = (raster[source] * kept[:, None]).sum(axis=1)
        difference = raster[layer][:, second].sum(axis=1) - raster[layer][:, first].sum(axis=1)
        assert (difference > 0).any()
        assert (difference < 0).any()
        assert_is(recording.gradient[layer], -trace[:, :, None] * difference[:, None] / 2 / STEPS)
    # The errors change what the network does in the second phase alone, and towards what is wanted.
    alone = case.with_setup(rule=RULES["frozen"]).record().spikes["readout"].raster(TRIALS, STEPS, 3)
    assert np.array_equal(alone[:, ~second], raster["readout"][:, ~second])
    more = raster["readout"][:, second].sum(axis=1) - alone[:, second].sum(axis=1)
    wanted = case.trials.target > 0.5
    assert more[wanted].sum() > 2
    assert more[wanted].mean() > more[~wanted].mean() + 0.3


def test_superspike_is_a_kernel_of_errors_times_an_eligibility() -> None:
    case, recording, raster = recorded("superspike")
    membrane = expm(np.array([[-1 / 20, 1 / 20], [0, -1 / 10]]))
    kernel = expm(np.array([[-1 / 10, 1 / 10], [0, -1 / 5]]))
    v, pq = np.zeros((2, TRIALS, 7)), np.zeros((2, TRIALS, 8))
    error, trace = np.zeros((2, TRIALS, 3)), np.zeros((2, TRIALS, 8, 7))
    expected = np.zeros((TRIALS, 8, 7))
    for step in range(STEPS):
        v, pq = np.tensordot(membrane, v, axes=1), np.tensordot(membrane, pq, axes=1)
        error = np.tensordot(kernel, error, axes=1)
        psi = 1.0 / (1 + 5 * np.abs(v[0] - 1)) ** 2
        trace = np.tensordot(kernel, trace, axes=1)
        trace[1] += pq[0][:, :, None] * psi[:, None]
        back = (error[0] - case.trials.target) @ case.state.weights["readout"].T
        expected += back[:, None] * trace[0]
        v[0] -= raster["hidden1"][:, step]
        v[1] += raster["inputs"][:, step] @ case.state.weights["hidden1"]
        pq[1] += raster["inputs"][:, step]
        error[1] += raster["readout"][:, step]
    assert_is(recording.gradient["hidden1"], expected / STEPS)


def test_erbp_adds_the_dendrite_at_each_presynaptic_spike_within_the_gate() -> None:
    case, recording, raster = recorded("erbp")
    feedback = case.state.feedback["hidden1"]
    over_a_step = expm(np.array([[-1 / 20, 1 / 20], [0, -1 / 10]]))
    y, dendrite = np.zeros((2, TRIALS, 3)), np.zeros((TRIALS, 7))
    over, under = np.zeros((TRIALS, 3)), np.zeros((TRIALS, 3))
    current, expected, gated = np.zeros((TRIALS, 7)), np.zeros((TRIALS, 8, 7)), 0.0
    for step in range(STEPS):
        y = np.tensordot(over_a_step, y, axes=1)
        current = current * np.exp(-1 / 10)
        y[1] += raster["hidden1"][:, step] @ case.state.weights["readout"]
        current = current + raster["inputs"][:, step] @ case.state.weights["hidden1"]
        share = np.exp(y[0])
        error = share / share.sum(axis=1, keepdims=True) - case.trials.target
        error = error * ((step + 0.5) / STEPS > 0.2)
        over, under = np.clip(over + 0.5 * error, 0, 1000), np.clip(under - 0.5 * error, 0, 1000)
        fired = (over >= 1).astype(float) - (under >= 1)
        over, under = over - (over >= 1), under - (under >= 1)
        dendrite = dendrite * np.exp(-1 / 5) + (fired / 0.5) @ feedback / 5
        gate = (current > -1) & (current < 6)
        gated += gate.mean() / STEPS
        expected += raster["inputs"][:, step][:, :, None] * (dendrite * gate)[:, None]
    assert 0.1 < gated < 0.95
    assert_is(recording.gradient["hidden1"], expected / STEPS)


@pytest.mark.parametrize("feedback", ["symmetric", "random_direct"])
def test_a_rule_that_intervenes_is_compared_with_the_network_left_to_itself(feedback: str) -> None:
    from workbench.audit.probe import probe
    from workbench.reference.bptt import reference

    case, _, _ = recorded("stdp_backprop")
    setup = replace(case.setup, feedback=feedback)
    case = random_case(setup, count=TRIALS, rate=0.15)
    found = probe(case.simulator(), reference(setup), case.state, case.trials)
    assert not found.refused
    assert found.estimate["hidden1"].any()
    alone = case.with_setup(rule=RULES["frozen"], feedback="none").record()
    assert np.array_equal(found.recording.loss, alone.loss)
