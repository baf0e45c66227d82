"""Time constants are positive, and equations divide by no number that is 0."""

from typing import Any

import pytest

from tests.networks import RULES
from workbench import NeuronModel, Parameter, Regularizer, Rule
from workbench.common.errors import ModelError, RuleError
from workbench.text.time_constants import shorter_than_a_step


@pytest.mark.parametrize(
    ("rule", "parameters", "message"),
    [
        ("stdp", {"tau_plus": "-20 ms"}, "Rule 'stdp': time constant 'tau_plus' must be positive, not -0.02 s"),
        ("stdp", {"tau_plus": "0 ms"}, "Rule 'stdp': time constant 'tau_plus' must be positive, not 0 s"),
        ("reward_stdp", {"tau_d": "0 ms"}, "Rule 'reward_stdp': time constant 'tau_d' must be positive"),
        ("superspike", {"tau_rate": "-1 ms"}, "Rule 'superspike': time constant 'tau_rate' must be positive"),
    ],
)
def test_time_constants_of_rules_are_positive(rule: str, parameters: dict[str, Any], message: str) -> None:
    assert RULES[rule].with_parameters(dict.fromkeys(parameters, "1 ms")).values()[next(iter(parameters))] == 1e-3
    with pytest.raises(RuleError, match=message):
        RULES[rule].with_parameters(parameters)


def rule(value: str | float, synapse: str, **fields: Any) -> Rule:
    return Rule(
        name="mine",
        title="Mine",
        synapse=f"dg/dt = {synapse} : second",
        parameters=(Parameter(name="width", default=value, doc="What it divides by."),),
        **fields,
    )


@pytest.mark.parametrize(
    "synapse", ["v_post / width", "v_post / (2 * width)", "v_post / width**2", "-v_post / (-width)"]
)
def test_what_equations_divide_by_is_not_0(synapse: str) -> None:
    rule(2.0, synapse)
    rule(-2.0, synapse)
    with pytest.raises(RuleError, match="Rule 'mine': 'width' must not be 0, since its equations divide by it"):
        rule(0.0, synapse)
    with pytest.raises(RuleError, match="Rule 'mine': time constant 'width' must be positive"):
        rule("-2 ms", synapse)


@pytest.mark.parametrize("synapse", ["v_post * width", "v_post / (1 + width)", "v_post / 2 * width", "v_post - width"])
def test_what_equations_do_not_divide_by_may_be_0(synapse: str) -> None:
    assert rule(0.0, synapse).values() == {"width": 0.0}


def test_regularizers_and_neurons_divide_too() -> None:
    with pytest.raises(RuleError, match="'width' must not be 0"):
        rule(0.0, "v_post", regularizer=Regularizer(strength="width", synapse="v_post / width"))
    with pytest.raises(ModelError, match="Neuron 'mine': 'leak' must not be 0, since its equations divide by it"):
        NeuronModel(name="mine", equations="dv/dt = -v / (leak * ms) : 1", drive="v - 1", parameters=(("leak", 0.0),))


def test_time_constants_shorter_than_a_step_are_told() -> None:
    values = {"tau_mem": 2e-5, "tau_syn": 1e-3, "t_ref": 1e-4}
    (told,) = shorter_than_a_step(values, 1e-3, "Neuron 'lif'")
    assert told.startswith("Neuron 'lif': time constant 'tau_mem' of 0.02 ms is shorter than a step of 1 ms, in which")
