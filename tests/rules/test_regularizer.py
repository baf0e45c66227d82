"""A regularizer adds to the estimate by its strength, draws neurons to where they shall be, and is free at 0."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

from tests.networks import CAPACITY, REGISTRY, RULES, assert_alive, error_of, same_recording
from workbench.common.errors import RuleError
from workbench.declare.loss import CROSS_ENTROPY, SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.neuron_models import LINEAR_RATE
from workbench.declare.recording import Recording
from workbench.declare.regularizer import Regularizer
from workbench.declare.rule_parts import OnStep
from workbench.engine.presentation import Plan
from workbench.engine.state import State
from workbench.model.checks.setup import check
from workbench.model.events.lowering import why_clock_driven
from workbench.model.setup import Setup
from workbench.model.structure import structure_of
from workbench.testing.case import Case, random_case

Array = NDArray[np.float64]

#: The rules with a regularizer, and a strength with which it counts.
STRENGTHS: dict[str, dict[str, str | float]] = {
    "dcll": {"regularize": 0.2},
    "eprop": {"regularize": "0.1 second"},
    "eprop_adaptive": {"regularize": "0.1 second"},
    "eprop_plus": {"regularize": "0.1 second"},
    "superspike": {"rho": 0.1},
}


def case_of(strength: str, target_rate: str = "10 Hz", form: str = "events") -> Case:
    rule = RULES["eprop"].with_parameters({"regularize": strength, "target_rate": target_rate})
    network = Network(n_inputs=8, hidden=(9,), n_outputs=3, n_steps=60)
    return random_case(Setup(network=network, rule=rule, feedback="symmetric", form=form, **CAPACITY), count=8)  # type: ignore[arg-type]


def regularized(rule: str, **values: str | float) -> Case:
    """Return a network with a rule, on the models that it is written for, with some of its numbers."""
    neuron, readout = REGISTRY.models_for(RULES[rule])
    network = Network(
        n_inputs=8, hidden=(9,), n_outputs=3, n_steps=60, neuron=neuron, readout=readout,
        loss=SQUARED_ERROR if readout.spiking else CROSS_ENTROPY,
    )  # fmt: skip
    chosen = RULES[rule].with_parameters(values)
    return random_case(Setup(network=network, rule=chosen, feedback=chosen.default_feedback, **CAPACITY), count=8)


def added(rule: str, **values: str | float) -> tuple[Case, Recording, Array]:
    """Return a network, what it did, and what the regularizer of its rule adds to each trial's estimate."""
    case = regularized(rule, **values)
    recording, without = case.record(), regularized(rule).record()
    assert_alive(recording, case.setup)
    assert np.array_equal(recording.spikes["hidden1"].step, without.spikes["hidden1"].step)
    assert np.array_equal(recording.gradient["readout"], without.gradient["readout"])
    return case, recording, recording.gradient["hidden1"] - without.gradient["hidden1"]


def without_signal(case: Case) -> Case:
    """Return the same network where nothing but the regularizer teaches hidden neurons."""
    feedback = {layer: np.zeros_like(array) for layer, array in case.state.feedback.items()}
    case = replace(case, state=State(case.state.weights, feedback, {}))
    return case.with_weights(readout=np.zeros((9, 3)))


def spikes_of(case: Case, recording: Recording) -> Array:
    return recording.spikes["hidden1"].raster(len(case.trials), 60, 9).astype(np.float64)


def test_every_rule_with_a_regularizer_is_here() -> None:
    assert set(STRENGTHS) == {name for name, rule in RULES.items() if rule.regularizer is not None}


@pytest.mark.parametrize("name", STRENGTHS)
def test_without_strength_there_is_no_cost_and_no_other_bit(name: str) -> None:
    off = regularized(name)
    without = off.with_setup(rule=replace(off.setup.rule, regularizer=None))
    assert structure_of(off.setup) == structure_of(without.setup)
    assert same_recording(off.record(), without.record())
    on = regularized(name, **STRENGTHS[name])
    assert structure_of(on.setup) != structure_of(off.setup)
    found, before = on.record(), off.record()
    assert_alive(found, on.setup)
    assert error_of(found.gradient["hidden1"], before.gradient["hidden1"]) > 1e-3


def test_dcll_counts_time_above_threshold_and_quiet_neurons() -> None:
    case, recording, found = added("dcll", regularize=0.2, wake=0.7, active=0.25)
    spikes, inputs = spikes_of(case, recording), case.trials.raster(60, 8)
    over_a_step = expm(np.array([[-1 / 20, 1 / 20], [0, -1 / 10]]))
    v, pq, lack = np.zeros((2, 8, 9)), np.zeros((2, 8, 8)), np.zeros((8, 9))
    expected, over, quiet = np.zeros((2, 8, 8, 9)), 0.0, 0.0
    for step in range(60):
        v, pq = np.tensordot(over_a_step, v, axes=1), np.tensordot(over_a_step, pq, axes=1)
        drive = v[0] - 1
        lack = np.exp(-1 / 20) * lack + (0.25 - 1 / (1 + np.exp(-drive))) / 20
        over, quiet = over + (drive > -0.01).mean() / 60, quiet + (lack > 0).mean() / 60
        sigmoid = 1 / (1 + np.exp(-drive))
        expected[0] += pq[0][:, :, None] * (drive > -0.01)[:, None]
        expected[1] -= 0.7 * pq[0][:, :, None] * ((lack > 0) * sigmoid * (1 - sigmoid))[:, None]
        v[0] -= spikes[:, step]
        v[1] += inputs[:, step] @ case.state.weights["hidden1"]
        pq[1] += inputs[:, step]
    assert 0.02 < over < 0.9
    assert 0.02 < quiet < 0.9
    assert all(np.abs(term).max() > 0.1 for term in expected)
    assert error_of(found, 0.2 * expected.sum(axis=0) / 60) < 1e-9
    assert error_of(found, 0.2 * expected[0] / 60) > 1e-2
    assert error_of(found[::-1], 0.2 * expected.sum(axis=0) / 60) > 0.1


def test_adaptive_eprop_draws_the_mean_rate_of_a_trial() -> None:
    case, recording, found = added("eprop_adaptive", regularize="0.1 second", target_rate="30 Hz")
    spikes, inputs, numbers = spikes_of(case, recording), case.trials.raster(60, 8), case.setup.network.neuron.values()
    over_a_step = expm(np.array([[-1 / 20, 1 / 20], [0, -1 / 10]]))
    fade = np.exp(-1e-3 / numbers["tau_a"])
    v, pq, a, x = np.zeros((2, 8, 9)), np.zeros((2, 8, 8)), np.zeros((8, 9)), np.zeros((8, 8, 9))
    summed, last = np.zeros((8, 8, 9)), np.zeros((8, 8, 9))
    for step in range(60):
        v, pq = np.tensordot(over_a_step, v, axes=1), np.tensordot(over_a_step, pq, axes=1)
        a, x = fade * a, fade * x
        psi = 1 / (1 + case.setup.network.surrogate.parameters[1][1] * np.abs(v[0] - 1 - a)) ** 2
        last = psi[:, None] * (pq[0][:, :, None] - x)
        # Spikes of the last step act on nothing.
        summed += last if step < 59 else 0
        x = x + numbers["rise"] * last
        v[0] -= spikes[:, step]
        a = a + numbers["rise"] * spikes[:, step]
        v[1] += inputs[:, step] @ case.state.weights["hidden1"]
        pq[1] += inputs[:, step]
    off = spikes[:, :59].mean(axis=1)[:, None] / 1e-3 - 30
    assert off.min() < 0 < off.max()
    # In seconds, of which a trial has 60 ms.
    expected = 0.1 * off * summed / 60
    assert error_of(found, expected) < 1e-9
    assert error_of(found, expected + 0.1 * off * last / 60) > 1e-4
    assert error_of(found[::-1], expected) > 0.1


def test_superspike_counts_weights_times_the_fourth_power_of_traces() -> None:
    case, recording, found = added("superspike", rho=0.1)
    trace, powers = np.zeros((8, 9)), np.zeros((8, 9))
    for spiked in spikes_of(case, recording).transpose(1, 0, 2):
        trace = np.exp(-1 / 100) * trace + spiked
        powers += trace**4
    assert trace.max() > 1.5
    expected = 0.1 * case.state.weights["hidden1"] * powers[:, None] / 60
    assert error_of(found, expected) < 1e-9
    assert error_of(found[::-1], expected) > 0.1


@pytest.mark.parametrize("form", ["replay", "causal"])
def test_events_teach_the_mean_rate_as_steps_do(form: str) -> None:
    case = regularized("eprop_adaptive", regularize="0.1 second", target_rate="30 Hz")
    events, clock = (case.with_setup(form=one).record().gradient["hidden1"] for one in (form, "clock"))
    assert error_of(events, clock) < 1e-9


@pytest.mark.parametrize("form", ["replay", "causal"])
def test_events_teach_dccls_as_steps_do(form: str) -> None:
    case = regularized("dcll", regularize=0.2, wake=0.7, active=0.25)
    network = case.setup.network
    assert not why_clock_driven(case.setup.rule, network.neuron, network.readout)
    assert why_clock_driven(RULES["superspike"].with_parameters({"rho": 0.1}), network.neuron, network.readout)
    events, clock = (case.with_setup(form=one).record().gradient["hidden1"] for one in (form, "clock"))
    assert error_of(events, clock) < 1e-9


def test_dcll_takes_neurons_without_spikes_that_have_no_threshold() -> None:
    case = regularized("dcll", regularize=0.2)
    # Local readouts are for spikes alone.
    network = replace(case.setup.network, neuron=LINEAR_RATE)
    case = case.with_setup(network=network, feedback="symmetric")
    found, off = (case.with_setup(rule=rule).record("numpy") for rule in (case.setup.rule, RULES["dcll"]))
    # Their output stands for the drive.
    assert error_of(found.gradient["hidden1"], off.gradient["hidden1"]) > 1e-2


def trained(case: Case, learning_rate: float) -> tuple[Case, Case]:
    """Return a network that nothing but its regularizer teaches, before and after."""
    case = without_signal(case)
    run, state = case.simulator(), case.state
    plan = Plan(learning=True, update_after=np.full(8, 1), learning_rate=learning_rate)
    for _ in range(20):
        state = run.run(state.with_weights(state.weights | {"readout": np.zeros((9, 3))}), case.trials, plan)[1]
    return case, replace(case, state=state).with_weights(readout=np.zeros((9, 3)))


def counts(case: Case) -> Array:
    return np.asarray(spikes_of(case, case.record()).sum(axis=(0, 1)))


def test_dcll_keeps_neurons_from_staying_above_threshold() -> None:
    before, after = (counts(case) for case in trained(regularized("dcll", regularize=1.0), 0.05))
    assert before.sum() > 50
    assert after.sum() < 0.6 * before.sum()


def test_dcll_wakes_quiet_neurons() -> None:
    case = regularized("dcll", regularize=0.01, wake=100.0, active=0.25)
    weights = case.state.weights["hidden1"] - 1.5
    before, after = (counts(case) for case in trained(case.with_weights(hidden1=weights), 0.3))
    quiet = before <= 10
    assert 3 <= quiet.sum() < 9
    assert before[quiet].sum() > 10
    assert after[quiet].sum() > 1.5 * before[quiet].sum()


def test_superspike_draws_weights_of_neurons_that_spike_to_none() -> None:
    case, later = trained(regularized("superspike", rho=1e-4), 0.01)
    spikes = counts(case)
    before, after = (one.state.weights["hidden1"] for one in (case, later))
    often = spikes >= np.sort(spikes)[-3]
    assert spikes[often].min() > 10
    assert (np.abs(after) <= np.abs(before)).all()
    assert np.abs(after[:, often]).sum() < 0.9 * np.abs(before[:, often]).sum()
    assert np.array_equal(after[:, spikes == 0], before[:, spikes == 0])
    assert (np.sign(after) == np.sign(before)).all()


def test_estimate_grows_with_the_strength() -> None:
    none, once, twice = (case_of(strength).record().gradient["hidden1"] for strength in ("0 s", "0.1 s", "0.2 s"))
    assert error_of(once, none) > 1e-2
    assert error_of(twice - none, 2 * (once - none)) < 1e-9


def test_events_and_steps_agree_about_it() -> None:
    events, clock = (case_of("0.1 s", form=form).record().gradient["hidden1"] for form in ("events", "clock"))
    assert error_of(events, clock) < 1e-9


@pytest.mark.parametrize("target", [5.0, 40.0])
def test_rates_are_drawn_to_the_target(target: float) -> None:
    case = case_of("1 second", f"{target} Hz")
    # Without weights of the readout there is no error, and nothing but the regularizer.
    case = case.with_weights(readout=np.zeros((9, 3)))
    run, state = case.simulator(), case.state
    plan = Plan(learning=True, update_after=np.full(8, 1), learning_rate=0.02)

    def off() -> float:
        recording, _ = run.run(state, case.trials, Plan())
        rates = np.bincount(recording.spikes["hidden1"].neuron, minlength=9) / (8 * 0.06)
        return float(np.abs(rates - target).mean())

    before = off()
    for _ in range(40):
        state = run.run(replace(state, weights=state.weights | {"readout": np.zeros((9, 3))}), case.trials, plan)[1]
    assert before > 5
    assert off() < 0.6 * before


def test_mistake_in_it_is_told_though_its_strength_is_none() -> None:
    setup = case_of("0 s").setup
    wrong = Regularizer(strength="regularize", synapse="rat_post * psi_post * p_pre * hertz")
    with pytest.raises(RuleError, match=r"reads '(hertz|rat_post)', which nothing defines"):
        check(replace(setup, rule=replace(setup.rule, regularizer=wrong)))


def test_what_a_regularizer_does_in_each_step_comes_before_what_the_rule_does() -> None:
    own = OnStep(code="late = early", state=("late",), sums=(("active", "spiked"),))
    added = OnStep(code="early = 1", state=("early",))
    rule = replace(
        RULES["eprop"], on_step=own, regularizer=Regularizer(strength="regularize", on_step=added, synapse="late_post")
    )
    both = rule.written_out(whole=True).on_step
    assert both == OnStep(code="early = 1\nlate = early", state=("early", "late"), sums=(("active", "spiked"),))
    assert rule.written_out().on_step == own
    assert replace(rule, on_step=None).written_out(whole=True).on_step == added
