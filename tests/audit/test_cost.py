"""What rules keep and what they do is counted, and powers are found where they are known."""

from typing import Any

import numpy as np
import pytest

from tests.networks import REGISTRY, RULES
from workbench.audit.cost import exponent, operations, reference_state, rule_state
from workbench.common.errors import ModelError
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.trials import Trials
from workbench.model.setup import Setup
from workbench.testing.case import random_case


def setup_of(rule: str, neurons: int = 12, n_steps: int = 40, n_outputs: int = 1) -> Setup:
    neuron, readout = REGISTRY.models_for(RULES[rule])
    network = Network(
        n_inputs=neurons, hidden=(neurons,), n_outputs=n_outputs, neuron=neuron, readout=readout, n_steps=n_steps,
        loss=SQUARED_ERROR,
    )  # fmt: skip
    return Setup(network=network, rule=RULES[rule], feedback=RULES[rule].default_feedback, trial_capacity=32)


#: Numbers kept for each synapse of a hidden layer, and for each input and hidden neuron together.
KEPT = {
    "dcll": (0, 2),
    "eprop": (2, 2),
    "eprop_adaptive": (3, 2),
    "superspike": (2, 2),
    "oja": (0, 2),
    "stdp": (0, 2),
    "reward_stdp": (1, 3),
    "frozen": (0, 0),
}


@pytest.mark.parametrize("rule", KEPT)
def test_state_is_what_the_equations_keep(rule: str) -> None:
    found = rule_state(setup_of(rule))
    per_synapse, per_pair = KEPT[rule]
    assert found.per_synapse == 8 * per_synapse
    # As many inputs as hidden neurons, so that traces of the one and the other weigh half.
    assert found.per_neuron == 8 * per_pair / 2
    assert found.total == 144 * found.per_synapse + 24 * found.per_neuron


def test_state_of_outputs_counts_in_all() -> None:
    few, many = (rule_state(setup_of("erbp", n_outputs=number)).total for number in (1, 3))
    # Two error neurons an output.
    assert many - few == 2 * 2 * 8


def test_a_regularizer_costs_nothing_where_it_has_no_strength() -> None:
    off = setup_of("eprop")
    rule = off.rule.with_parameters({"regularize": "1 second"})
    on = Setup(network=off.network, rule=rule, feedback="symmetric", trial_capacity=32)
    assert rule_state(on).total == rule_state(off).total + 12 * 8


def test_state_of_the_reference_grows_with_steps_backwards_only() -> None:
    nothing = np.zeros(0, dtype=np.int32)
    silent = Trials(np.zeros(2, dtype=np.int64), nothing, nothing, np.zeros((1, 1)))

    def total(rule: str, n_steps: int) -> int:
        return reference_state(setup_of(rule, n_steps=n_steps), silent).total

    assert total("bptt", 400) > 3 * total("bptt", 100)
    assert total("rtrl", 400) == total("rtrl", 100)
    with pytest.raises(ModelError, match="the reference computes it"):
        rule_state(setup_of("bptt"))


@pytest.mark.parametrize("rule", ["eprop", "oja"])
def test_operations_are_spikes_times_what_they_reach(rule: str) -> None:
    case = random_case(setup_of(rule, n_outputs=3), count=6)
    recording = case.record("numpy")
    found = operations(case.setup, case.trials, recording)
    inputs, hidden = len(case.trials.step), len(recording.spikes["hidden1"].step)
    assert min(inputs, hidden) > 20
    assert found.spikes == hidden / 6
    assert found.synaptic == (12 * inputs + 3 * hidden) / 6
    assert found.sparsity == pytest.approx(1 - hidden / (6 * 40 * 12))
    # Oja's rule looks at each synapse in each step.
    assert found.updates == (12 * inputs / 6 if rule == "eprop" else 144 * 40)


@pytest.mark.parametrize(
    ("law", "power"),
    [
        (lambda n: 7 * n**2, 2),
        (lambda n: 3 * n + 500, 1),
        (lambda n: 40 * n**3 + 640 * n**2, 3),
        (lambda n: 0 * n + 96, 0),
    ],
)
def test_power_of_the_leading_term_is_found(law: Any, power: int) -> None:
    sizes = np.array([32, 48, 64, 96, 128, 192, 256])
    found = exponent(sizes, law(sizes))
    assert found.low - 1e-6 <= power <= found.high + 1e-6
    assert found.value == pytest.approx(power, abs=0.01)
    # The interval is not so wide that anything would do.
    assert found.high - found.low < 0.1


def test_noise_widens_the_interval_and_few_sizes_are_refused() -> None:
    sizes = np.array([32, 48, 64, 96, 128, 192, 256])
    noise = np.exp(0.05 * np.random.default_rng(1).standard_normal(7))
    rough = exponent(sizes, sizes**2 * noise)
    assert rough.high - rough.low > 0.1
    assert rough.low < 2 < rough.high
    with pytest.raises(ModelError, match="at least six sizes, not 5"):
        exponent(sizes[:5], sizes[:5])
