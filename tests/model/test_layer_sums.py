"""Sums over a layer in a rule: in all forms and targets, and in the ways that authors' scripts have them."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import CAPACITY, RULES, assert_alive, error_of
from tests.rules.published.rules import FORWARD_FORWARD
from workbench import Claims, Network, OnStep, Parameter, Rule
from workbench.audit.locality.requirements import locality
from workbench.common.errors import RuleError
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.neuron_models import LEAKY_INTEGRATOR, LIF
from workbench.declare.options import Form
from workbench.model.setup import Setup
from workbench.testing.case import Case, random_case

NETWORK = Network(n_inputs=8, hidden=(7, 6), n_outputs=3, n_steps=40, loss=SQUARED_ERROR)

#: Zenke, Hennequin and Gerstner 2013 (doi:10.1371/journal.pcbi.1003330): STDP with a factor that is the layer's rate.
GLOBAL_FACTOR = Rule(
    name="global_factor",
    title="Global factor",
    pre="dx/dt = -x / tau : 1",
    pre_on_spike="x += 1",
    post="dy/dt = -y / tau + spiked / dt : 1",
    on_step=OnStep(
        state=("rate", "factor"),
        sums=(("active", "spiked"),),
        code="""rate = rate * exp(-dt / tau_rate) + active
                factor = rate - goal""",
    ),
    synapse="""dg/dt = event * factor_post * (spiked_pre * (y_post - spiked_post)
                                              + spiked_post * x_pre) / dt : second""",
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau", default="20 ms", doc="Of the window."),
        Parameter(name="tau_rate", default="50 ms", doc="Of the layer's rate."),
        Parameter(name="goal", default=4.0, doc="Spikes of the layer within that time."),
        Parameter(name="event", default="1 second", doc="Unit of g."),
    ),
)


def case_of(rule: Rule, form: Form = "events") -> Case:
    feedback = "uniform" if rule.signal is not None else "none"
    return random_case(Setup(network=NETWORK, rule=rule, feedback=feedback, form=form, **CAPACITY), gain=2.0)


@pytest.mark.parametrize("rule", [GLOBAL_FACTOR, FORWARD_FORWARD], ids=lambda rule: rule.name)
def test_all_forms_and_targets_agree(rule: Rule) -> None:
    case = case_of(rule)
    compiled = case.record()
    assert_alive(compiled, case.setup)
    for other in (case.with_setup(form="clock").record(), case.record("numpy")):
        for layer, array in compiled.gradient.items():
            assert error_of(other.gradient[layer], array) < 1e-10, layer


def test_estimate_is_that_of_a_script() -> None:
    case = case_of(GLOBAL_FACTOR)
    recording = case.record()
    count, fade = len(case.trials), np.exp(-1e-3 / 20e-3)
    pre = case.trials.raster(40, 8)
    post = recording.spikes["hidden1"].raster(count, 40, 7).astype(float)
    found = np.zeros((count, 8, 7))
    for trial in range(count):
        x, y, rate = np.zeros((8, 1)), np.zeros((1, 7)), 0.0
        for step in range(40):
            sent, spiked = pre[trial, step][:, None], post[trial, step][None, :]
            x, y = x * fade + sent, y * fade
            rate = rate * np.exp(-1e-3 / 50e-3) + spiked.sum()
            found[trial] += (rate - 4) * (sent * y + spiked * x)
            y = y + spiked
    # What a second adds, divided by the trial's 40 ms.
    assert error_of(recording.gradient["hidden1"], found / 0.04) < 1e-9
    assert GLOBAL_FACTOR.on_step is not None
    without = replace(GLOBAL_FACTOR, on_step=replace(GLOBAL_FACTOR.on_step, sums=(("active", "0 * spiked"),)))
    assert error_of(case.with_setup(rule=without).record().gradient["hidden1"], found / 0.04) > 0.1


def test_locality_sees_what_is_summed() -> None:
    told = locality(GLOBAL_FACTOR, "none", LIF, LEAKY_INTEGRATOR).scores["update"]
    assert told.value > 0
    assert locality(RULES["stdp"], "none", LIF, LEAKY_INTEGRATOR).scores["update"].value == 0


@pytest.mark.parametrize(
    ("sums", "message"),
    [
        ((("active", "spikes"),), "reads 'spikes', which nothing defines"),
        ((("active", "tau * spiked"),), "what 'active' sums up"),
        ((("v", "spiked"),), "'v' is taken"),
        ((("rate", "spiked"),), "'rate' is taken"),
    ],
)
def test_sums_that_cannot_be_are_refused(sums: tuple[tuple[str, str], ...], message: str) -> None:
    assert GLOBAL_FACTOR.on_step is not None
    rule = replace(GLOBAL_FACTOR, on_step=replace(GLOBAL_FACTOR.on_step, sums=sums))
    with pytest.raises(RuleError, match=message):
        case_of(rule).record("numpy")
