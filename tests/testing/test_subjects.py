"""Checks show a rule what it is for, whatever its neurons' numbers are called, and say a thing once."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.networks import CAPACITY, RULES
from workbench.common.errors import RuleError
from workbench.declare.claims import Claims
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.neuron import NeuronModel
from workbench.declare.neuron_models import BIASED, IF, LEAKY_INTEGRATOR, LIF, LINEAR_RATE, SPIKE_TRAIN
from workbench.declare.options import Targets
from workbench.declare.rule import Rule
from workbench.declare.rule_parts import WrittenFor
from workbench.model.checks.setup import check
from workbench.model.lone_neuron import weight_to_threshold
from workbench.model.setup import Setup
from workbench.testing import Outcome, examine
from workbench.testing.case import random_case, random_state
from workbench.testing.subject import Subject

EPROP, DCLL = RULES["eprop"], RULES["dcll"]

#: The default neuron, whose numbers have other names, and lower down.
RENAMED = NeuronModel(
    name="renamed",
    equations="""dv/dt = (rest + I - v) / slow : 1
dI/dt = -I / fast : 1""",
    drive="v - theta",
    reset="v -= 1",
    parameters=(("slow", "20 ms"), ("fast", "10 ms"), ("theta", -4.0), ("rest", -5.0)),
    initial=(("v", "rest"),),
)

#: A rule that reads them.
FITTING = replace(
    DCLL,
    name="fitting",
    pre="""dq/dt = -q / fast_post : 1
           dp/dt = (q - p) / slow_post : 1""",
    written_for=WrittenFor(neuron="renamed"),
    regularizer=None,
    parameters=(),
    claims=Claims(),
)


def setup_of(neuron: NeuronModel, rule: Rule = EPROP, targets: Targets = "trial") -> Setup:
    network = Network(n_inputs=8, hidden=(7, 6), n_outputs=3, n_steps=40, neuron=neuron, loss=SQUARED_ERROR)
    return Setup(network=network, rule=rule, feedback=rule.default_feedback, targets=targets, **CAPACITY)


def test_a_spike_is_as_strong_as_the_threshold_is_far() -> None:
    assert weight_to_threshold(LIF, 1e-3, 100) == pytest.approx(4.0, rel=1e-3)
    assert weight_to_threshold(LIF.with_parameters({"v_th": 0.5}), 1e-3, 100) == pytest.approx(2.0, rel=1e-3)
    assert weight_to_threshold(LEAKY_INTEGRATOR, 1e-3, 100) == pytest.approx(4.0, rel=1e-3)
    assert weight_to_threshold(IF, 1e-3, 100) == pytest.approx(1.0, rel=1e-3)


def test_a_spike_is_as_strong_as_a_neuron_can_tell() -> None:
    """Neurons whose threshold no spike reaches, or is at rest, get weights that do something."""
    rare = replace(LIF, name="rare", drive="0.2 * dt / ms / (1 + exp(-v)) - u", reset="", noise=(("u", "uniform"),))
    # What v is at the peak of one such spike, by the weight of 4 that brings it to 1.
    assert 1 < weight_to_threshold(rare, 1e-3, 100) / 4.0 < 2.5
    certain = replace(rare, name="certain", drive="1 / (1 + exp((1 - v) / 0.05)) - u")
    assert weight_to_threshold(certain, 1e-3, 100) == pytest.approx(4.0, rel=0.05)
    # It goes to its threshold without input, from 11 below.
    assert weight_to_threshold(BIASED.alike(), 1e-3, 100) > 10
    always = replace(LIF, name="always", drive="v + v_th")
    assert weight_to_threshold(always, 1e-3, 100) == 1.0
    idle = replace(LIF, name="idle", drive="-v_th + 0 * v")
    assert weight_to_threshold(idle, 1e-3, 100) == 1.0


def test_weights_do_not_depend_on_what_numbers_are_called() -> None:
    found, wanted = (random_state(setup_of(neuron), np.random.default_rng(0)).weights for neuron in (RENAMED, LIF))
    for layer, array in wanted.items():
        assert np.allclose(found[layer], array, rtol=1e-9)
    lower = random_state(setup_of(LIF.with_parameters({"v_th": 0.5})), np.random.default_rng(0)).weights
    assert not np.allclose(lower["hidden1"], wanted["hidden1"])


def test_a_rule_for_neurons_with_numbers_of_other_names_is_checked(only: Callable[..., None]) -> None:
    only("builds", "learns", "forgets between trials")
    found = list(examine(FITTING, RENAMED, LEAKY_INTEGRATOR))
    assert [outcome.result for outcome in found] == ["passed"] * 3, found


def test_neurons_without_spikes_are_checked_as_far_as_that_goes(only: Callable[..., None]) -> None:
    only("builds", "learns", "converges with the step", "keeps to its neurons", "depends on what it seems to")
    found = {outcome.check: outcome for outcome in examine(EPROP, LINEAR_RATE, LEAKY_INTEGRATOR)}
    assert [outcome.result for outcome in found.values()] == [*["passed"] * 3, *["does not apply"] * 2], found
    assert found["keeps to its neurons"].detail.startswith("neurons 'linear_rate' act on others in each step")
    assert found["depends on what it seems to"].detail == "As 'keeps to its neurons'."


@pytest.mark.parametrize(
    ("rule", "readout", "targets"),
    [
        (EPROP, LEAKY_INTEGRATOR, "trial"),
        (EPROP, SPIKE_TRAIN, "spikes"),
        (replace(EPROP, name="each_step", written_for=WrittenFor(targets="step")), LEAKY_INTEGRATOR, "step"),
        (replace(EPROP, name="classes", written_for=WrittenFor(targets="trial")), SPIKE_TRAIN, "trial"),
        (RULES["bp_stdp"], SPIKE_TRAIN, "trial"),
    ],
)
def test_a_rule_is_shown_the_targets_that_it_is_for(rule: Rule, readout: NeuronModel, targets: Targets) -> None:
    subject = Subject(rule, LIF, readout)
    assert subject.setup().targets == targets
    shape = random_case(replace(subject.setup(), rule=EPROP, feedback="symmetric")).trials.target.shape
    assert shape == ((8, 3) if targets == "trial" else (8, 40, 3))


def test_other_targets_are_refused() -> None:
    rule = replace(EPROP, name="each_step", written_for=WrittenFor(targets="step"))
    check(setup_of(LIF, rule, "step"))
    with pytest.raises(RuleError, match="It is written for targets of kind 'step', and the task has 'trial'"):
        check(setup_of(LIF, rule, "trial"))


def test_a_message_is_told_once() -> None:
    rule = replace(EPROP, name="misspelt", synapse=EPROP.synapse.replace("error_post", "eror_post"))
    found: list[Outcome] = list(examine(rule, LIF, LEAKY_INTEGRATOR))
    failed = [outcome for outcome in found if outcome.result == "failed"]
    assert "reads 'eror_post'" in failed[0].detail
    assert {outcome.detail for outcome in failed[1:]} == {"As 'builds'."}
    # What is read of the declaration, without a model: when its weights change, that it says it is the gradient, and
    # that it has equations.
    others = {outcome.check: outcome.result for outcome in found if outcome not in failed}
    assert others == dict.fromkeys(("second form agrees", "changes weights alike", "points downhill"), "does not apply")
