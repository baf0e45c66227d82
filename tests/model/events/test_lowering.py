"""Which rules cost only their events is read off their equations, and why others do not is told."""

from dataclasses import replace

import pytest

from tests.networks import REGISTRY, RULES
from workbench.declare.neuron_models import LEAKY_INTEGRATOR, LIF
from workbench.declare.rule import Rule
from workbench.model.events.lowering import NotLoweredError, event_form, why_clock_driven
from workbench.model.rule_text import rule_text

NOT_LINEAR, NOT_A_SPIKE = "is not linear in the presynaptic traces", "has a part that no presynaptic spike causes"
NOT_BY_A_CONSTANT = "'q' in `pre_on_spike` does not grow by a constant"

PRE = "dq/dt = -q / tau_syn_post : 1"


def rule(synapse: str, pre: str = PRE, pre_on_spike: str = "q += 1") -> Rule:
    return Rule(name="mine", title="Mine", pre=pre, pre_on_spike=pre_on_spike, synapse=synapse)


def test_eprop_is_read_as_it_is_written() -> None:
    form = event_form(rule_text(RULES["eprop"]), LIF, LEAKY_INTEGRATOR)
    assert form.traces.states == ("q", "p")
    assert form.jumps == ("1", "0")
    assert form.filters.states == ("h", "k")
    assert form.drive == {(0, 1): "psi_post/dt"}
    assert form.from_filter == {1: "error_post"}
    assert not form.from_trace
    assert not form.mixing


@pytest.mark.parametrize("name", [name for name, item in RULES.items() if item.has_equations])
def test_first_party_rules_cost_their_events(name: str) -> None:
    reasons = {
        "bcm": "its weights change while time runs, without spikes too",
        "synaptic_scaling": "its weights change while time runs, without spikes too",
        "bp_stdp": "'r' in `pre` changes without spikes",
        "oja": "'g' has a part that no presynaptic spike causes",
        "oja_spikes": "'g' has a part that no presynaptic spike causes",
        "resume": "'g' has a part that no presynaptic spike causes",
        "microcircuit": "its traces are integrated by 'exponential_euler'",
        "normad": "'power' adds up over the neuron's synapses",
        "force": "its weights change while time runs, without spikes too",
        "force_lms": "its weights change while time runs, without spikes too",
        "lca_forward": "'g' has a part that no presynaptic spike causes",
        "lca_feedback": "'g' reads 'w', which is neither a trace nor the target's",
    }
    assert why_clock_driven(RULES[name], *REGISTRY.models_for(RULES[name])) == reasons.get(name, "")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (rule("dg/dt = q_pre**2 : second"), f"'g' {NOT_LINEAR}"),
        (rule("dg/dt = abs(q_pre) * psi_post : second"), f"'g' {NOT_LINEAR}"),
        (rule("dg/dt = q_pre * psi_post - 0.1 : second"), f"'g' {NOT_A_SPIKE}"),
        (rule("dg/dt = q_pre * w : second"), "'g' reads 'w', which is neither a trace nor the target's"),
        (rule("dg/dt = psi_post * v_pre : second"), f"'g' {NOT_A_SPIKE}"),
        (rule("dx/dt = q_pre * x / second : 1\ndg/dt = x : second"), f"'x' {NOT_LINEAR}"),
        (
            rule("dx/dt = (1 - x) / tau_mem_post : 1\ndg/dt = x : second"),
            f"'x' {NOT_A_SPIKE}",
        ),
        (rule("dg/dt = v_post : second", pre="", pre_on_spike=""), "'g' has a part that no presynaptic spike causes"),
        (rule("dg/dt = q_pre : second", pre_on_spike="q = 1"), NOT_BY_A_CONSTANT),
        (
            rule("dg/dt = q_pre : second", pre_on_spike="q += 1 - q"),
            "'q' in `pre_on_spike` does not grow by a constant",
        ),
        (
            rule("dg/dt = q_pre : second", pre="dq/dt = (1 - q) / tau_syn_post : 1"),
            "'q' in `pre` changes without spikes",
        ),
    ],
)
def test_other_rules_say_why_not(given: Rule, reason: str) -> None:
    with pytest.raises(NotLoweredError) as caught:
        event_form(rule_text(given), LIF, LEAKY_INTEGRATOR)
    assert str(caught.value) == reason
    assert why_clock_driven(given, LIF, LEAKY_INTEGRATOR) == reason


def test_traces_that_cannot_go_in_one_step_are_not_lowered() -> None:
    with pytest.raises(NotLoweredError, match="its traces are integrated by 'heun'"):
        event_form(rule_text(rule("dg/dt = q_pre : second")), replace(LIF, method="heun"), LEAKY_INTEGRATOR)
    assert (
        event_form(rule_text(rule("dg/dt = q_pre : second")), replace(LIF, method="rk4"), LEAKY_INTEGRATOR).order == 4
    )
