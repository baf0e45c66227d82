"""What a rule learns from its events is what it learns in the clock-driven form, whatever the numbers and lengths."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.networks import ADAPTIVE, CAPACITY, RULES, SETUPS, error_of, with_numbers
from workbench.declare.learning_signal import LearningSignal
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.optimizer import ADAM
from workbench.declare.options import Form
from workbench.declare.parameter import Parameter
from workbench.declare.recording import Recording
from workbench.declare.rule import Rule
from workbench.engine.presentation import Plan
from workbench.engine.state import plastic_weights
from workbench.model.build import begun
from workbench.model.setup import Setup
from workbench.testing.case import Case, random_state, random_trials

TRACES = """dq/dt = -q / tau_syn_post      : 1
dp/dt = (q - p) / tau_mem_post : 1"""

#: A filter whose decay changes with the target, as that of adaptive neurons does: it has no causal form.
MIXING = Rule(
    name="mixing",
    title="Mixing",
    pre=TRACES,
    pre_on_spike="q += 1",
    synapse="""dc/dt = -c / tau_far + psi_post * p_pre / dt - part * psi_post * c / dt : 1
dh/dt = -h / tau_syn_readout + psi_post * (p_pre - part * c) / dt : 1
dg/dt = error_post * h + 0.1 * psi_post * c : second""",
    signal=LearningSignal(name="error"),
    parameters=(
        Parameter(name="tau_far", default="30 ms", doc=""),
        Parameter(name="part", default=0.3, doc=""),
    ),
)

#: Three filters in a chain, equal time constants among them, a trace that is read both ways, and a signal that neurons
#: filter themselves.
CHAIN = Rule(
    name="chain",
    title="Chain",
    pre=TRACES + "\ndr/dt = (q - r) / tau_slow : 1",
    pre_on_spike="q += 1\nr += 0.5",
    post="du/dt = (error - u) / tau_slow : 1",
    synapse="""dx/dt = -x / tau_slow + psi_post * (p_pre + 0.2 * r_pre) / dt : 1
dy/dt = (x - y) / tau_slow : 1
dz/dt = (y - z) / tau_mem_readout + v_post * q_pre / dt : 1
dg/dt = error_post * z + u_post * y + error_post * psi_post * r_pre : second""",
    signal=LearningSignal(name="error", feedback="random_chained"),
    parameters=(Parameter(name="tau_slow", default="8 ms", doc=""),),
)

#: Without a signal and without filters.
HEBB = Rule(
    name="hebb", title="Hebb", pre="dq/dt = -q / tau_mem_post : 1", pre_on_spike="q += 1",
    synapse="dg/dt = -psi_post * q_pre : second",
)  # fmt: skip


def setup_of(rule: Rule, feedback: str, hidden: tuple[int, ...], **network: Any) -> Setup:
    return Setup(
        network=Network(n_inputs=8, hidden=hidden, n_outputs=3, n_steps=40, **network),
        rule=rule,
        feedback=feedback,
        optimizer=ADAM,
        **CAPACITY,
    )


SHARED = ("eprop_1", "eprop_2", "dcll_2", "direct_2", "chained_2", "sign_symmetric_2", "adaptive_1")
OTHERS = ("recurrent_1", "recurrent_2", "delayed_2", "learned_2", "trains_1")
STRUCTURES = {name: SETUPS[name] for name in (*SHARED, *OTHERS)} | {
    "mixing_1": setup_of(MIXING, "symmetric", (9,), neuron=ADAPTIVE),
    "chain_2": setup_of(CHAIN, "random_chained", (8, 7), loss=SQUARED_ERROR),
    "wide_1": setup_of(CHAIN, "random_direct", (67,)),
    "stdp_2": setup_of(RULES["stdp"], "none", (8, 7)),
    "reward_1": setup_of(RULES["reward_stdp"], "global_scalar", (9,)),
    "hebb_3": setup_of(HEBB, "none", (7, 6, 5)),
}

#: How many examples had something to compare.
ALIVE: Counter[str] = Counter()


def forms(setup: Setup) -> list[Form]:
    """Return the event-driven forms in which all weights of a setup can learn."""
    names = set(setup.network.weight_shapes())
    return [form for form in ("replay", "causal") if set(begun(replace(setup, form=form)).forms) == names]


def record(case: Case, form: Form) -> Recording:
    return replace(case, setup=replace(case.setup, form=form)).record()


@pytest.mark.parametrize("name", STRUCTURES)
# The same examples each time: how many of them are alive is looked at below.
@settings(max_examples=12, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), n_steps=st.integers(1, 300), rate=st.floats(0.01, 0.2))
def test_events_teach_what_each_step_teaches(name: str, seed: int, n_steps: int, rate: float) -> None:
    generator = np.random.default_rng(seed)
    assume(all(delay < n_steps for _, delay in STRUCTURES[name].network.delays))
    setup = with_numbers(STRUCTURES[name], generator, n_steps=n_steps)
    trials = random_trials(setup.network, generator, 4, rate, setup.targets)
    case = Case(setup, random_state(setup, generator), trials)
    expected = record(case, "clock")
    # A potential with a cube in its equation can leave all bounds, in any form.
    assume(all(np.isfinite(gradient).all() for gradient in expected.gradient.values()))
    # A readout that is sure of each answer has errors that are the rounding of 1 - 1.
    assume(expected.loss.max() > 1e-4)
    for form in forms(setup):
        found = record(case, form)
        assert found.loss == pytest.approx(expected.loss, rel=1e-9, abs=1e-12)
        for layer, gradient in expected.gradient.items():
            if gradient.any():
                assert error_of(found.gradient[layer], gradient) < 1e-9, f"{form}, {layer}"
                ALIVE[f"{name} {form} {layer}"] += 1
            else:
                assert np.abs(found.gradient[layer]).max() < 1e-12


@pytest.mark.parametrize("name", STRUCTURES)
def test_enough_was_compared(name: str) -> None:
    """Comes after the comparison: silent networks would agree about nothing."""
    setup = STRUCTURES[name]
    for form in forms(setup):
        for layer in plastic_weights(setup):
            assert ALIVE[f"{name} {form} {layer}"] > 5, f"{form}, {layer}"


def test_forms_are_those_that_there_are() -> None:
    assert forms(STRUCTURES["eprop_2"]) == ["replay", "causal"]
    assert forms(STRUCTURES["mixing_1"]) == ["replay"]


@pytest.mark.parametrize("form", ["replay", "causal"])
@pytest.mark.parametrize("name", ["eprop_1", "chain_2"])
def test_training_ends_at_the_same_weights(name: str, form: Form) -> None:
    generator = np.random.default_rng(4)
    setup = STRUCTURES[name]
    case = Case(setup, random_state(setup, generator), random_trials(setup.network, generator, 11))
    plan = Plan(learning=True, update_after=np.array([0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 3]), learning_rate=0.05)

    def trained(form: Form, plan: Plan = plan) -> dict[str, Any]:
        simulator = replace(case, setup=replace(setup, form=form)).simulator()
        return simulator.run(case.state, case.trials, plan)[1].weights

    weights, expected = trained(form), trained("clock")
    for layer, array in expected.items():
        start = case.state.weights[layer]
        assert error_of(weights[layer] - start, array - start) < 1e-9
        other = trained(form, replace(plan, learning_rate=0.04))
        assert error_of(other[layer] - start, array - start) > 1e-2
    for chunk in (1, 4, 5):
        assert all(
            np.array_equal(array, weights[layer]) for layer, array in trained(form, replace(plan, chunk=chunk)).items()
        )


@pytest.mark.parametrize("form", ["replay", "causal"])
def test_other_spikes_teach_something_else(form: Form) -> None:
    """The negative control: estimates of neighbouring trials differ far more than the forms do."""
    generator = np.random.default_rng(1)
    setup = STRUCTURES["eprop_1"]
    case = Case(setup, random_state(setup, generator), random_trials(setup.network, generator, 4))
    found, expected = record(case, form).gradient["hidden1"], record(case, "clock").gradient["hidden1"]
    assert error_of(found[2], expected[2]) < 1e-9
    assert error_of(found[2], expected[3]) > 1e-2


def test_a_history_too_large_to_keep_is_not_kept() -> None:
    setup = SETUPS["eprop_1"]
    assert setup.resolved_form == "replay"
    long = replace(setup, network=replace(setup.network, n_steps=10_000_000))
    assert long.resolved_form == "causal"
    assert replace(long, form="clock").resolved_form == "clock"
