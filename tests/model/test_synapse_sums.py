"""Sums over a neuron's synapses in a rule: each set of weights has its own, in all forms, and locality sees them."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import CAPACITY, assert_alive, error_of
from workbench import Claims, Network, Parameter, Rule
from workbench.audit.locality.requirements import locality
from workbench.common.errors import RuleError
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.neuron_models import LEAKY_INTEGRATOR, LIF
from workbench.declare.options import Form
from workbench.model.setup import Setup
from workbench.testing.case import Case, random_case

NETWORK = Network(n_inputs=8, hidden=(7,), n_outputs=3, n_steps=40, loss=SQUARED_ERROR, recurrent=True)

#: Heterosynaptic: what a neuron's synapses have together bounds each of them.
SHARED = Rule(
    name="shared",
    title="Shared",
    pre="dx/dt = -x / tau_syn_post : 1",
    pre_on_spike="x += 1",
    synapse="""dz/dt = -z / tau + spiked_post * x_pre / dt : 1
               dg/dt = event * spiked_post * (x_pre - half * w * joint_post) / dt : second""",
    sums=(("joint_post", "half * w * x_pre + z"),),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau", default="30 ms", doc="Of what a synapse keeps."),
        Parameter(name="half", default=0.5, doc="A number."),
        Parameter(name="event", default="1 second", doc="Unit of g."),
    ),
)


def case_of(rule: Rule, form: Form = "events") -> Case:
    return random_case(Setup(network=NETWORK, rule=rule, feedback="none", form=form, **CAPACITY), gain=2.0)


def test_estimates_are_those_of_a_script_for_each_set_of_weights() -> None:
    case = case_of(SHARED)
    recording = case.record()
    assert_alive(recording, case.setup)
    post = recording.spikes["hidden1"].raster(len(case.trials), 40, 7).astype(float)
    for name, before in (("hidden1", case.trials.raster(40, 8)), ("hidden1_recurrent", post)):
        weights = case.state.weights[name]
        found = np.zeros((len(post), *weights.shape))
        unshared = found.copy()
        for trial in range(len(post)):
            x, z = np.zeros((len(weights), 1)), np.zeros_like(weights)
            for step in range(40):
                x = x * np.exp(-1e-3 / 10e-3) + before[trial, step][:, None]
                total = (0.5 * weights * x + z).sum(axis=0)
                z = z * np.exp(-1e-3 / 30e-3) + post[trial, step] * x
                found[trial] += post[trial, step] * (x - 0.5 * weights * total) / 0.04
                unshared[trial] += post[trial, step] * x / 0.04
        assert error_of(recording.gradient[name], found) < 1e-9
        assert error_of(recording.gradient[name], unshared) > 0.1


def test_all_forms_and_targets_agree() -> None:
    case = case_of(SHARED)
    compiled = case.record()
    for other in (case.with_setup(form="clock").record(), case.record("numpy")):
        for layer, array in compiled.gradient.items():
            if layer != "readout":
                assert error_of(other.gradient[layer], array) < 1e-10, layer


def test_locality_sees_that_other_inputs_are_read_and_no_other_neurons_weights() -> None:
    told = locality(SHARED, "none", LIF, LEAKY_INTEGRATOR)
    assert told.scores["update"].value == 1
    assert "joint" in told.post
    assert told.scores["weight_copy"].value == 0
    alone = replace(SHARED, sums=(("joint_post", "z"),))
    assert locality(alone, "none", LIF, LEAKY_INTEGRATOR).scores["update"].value == 0


@pytest.mark.parametrize(
    ("sums", "message"),
    [
        ((("joint", "z"),), "its name ends in '_post', unlike 'joint'"),
        ((("joint_post", "spikes"),), "reads 'spikes', which nothing defines"),
        ((("joint_post", "g / second"),), "reads 'g', which nothing defines"),
        ((("joint_post", "tau * z"),), "what 'joint_post' sums up"),
        ((("v_post", "z"),), "'v' is taken"),
        ((("z_post", "z"),), "'z' is taken"),
    ],
)
def test_sums_that_cannot_be_are_refused(sums: tuple[tuple[str, str], ...], message: str) -> None:
    with pytest.raises(RuleError, match=message):
        case_of(replace(SHARED, sums=sums)).record("numpy")
