"""Neurons that rest elsewhere than at 0 begin each trial there, in Brian2 and in the reference."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import CAPACITY, RULES, assert_alive, error_of, same_recording
from workbench.common.errors import ModelError
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.neuron import NeuronModel
from workbench.declare.neuron_models import LEAKY_INTEGRATOR, LIF, REFRACTORY, SPIKE_TRAIN
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.model.checks.setup import check
from workbench.model.lone_neuron import first_drive
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.case import Case, random_case

#: The default neuron, 70 mV below 0: whatever it does, the default does as well.
BELOW = NeuronModel(
    name="below",
    equations="""dv/dt = (E_L - v + r * I) / tau_mem : volt
dI/dt = -I / tau_syn : 1""",
    drive="(v - v_th) / r",
    reset="v -= r",
    parameters=(
        *(item for item in LIF.parameters if item[0] != "v_th"),
        *(("E_L", "-70 mV"), ("v_th", "-69 mV"), ("r", "1 mV")),
    ),
    initial=(("v", "E_L"),),
)

#: The default readout, 5 above 0.
ABOVE = replace(
    LEAKY_INTEGRATOR,
    name="above",
    equations="""dv/dt = (rest + I - v) / tau_mem : 1
dI/dt = -I / tau_syn : 1""",
    parameters=(*LEAKY_INTEGRATOR.parameters, ("rest", 5.0)),
    initial=(("v", "rest"),),
)

#: Not linear: what arrives is a conductance.
CONDUCTANCE = replace(
    BELOW,
    name="conductance",
    equations="""dv/dt = (E_L - v + I * (E_e - v)) / tau_mem : volt
dI/dt = -I / tau_syn : 1""",
    drive="(v - v_th) / mv",
    reset="v = E_L",
    parameters=(
        *(("tau_mem", "20 ms"), ("tau_syn", "5 ms"), ("E_L", "-70 mV"), ("v_th", "-50 mV"), ("E_e", "0 mV")),
        ("mv", "1 mV"),
    ),
    method="rk4",
)


def setup_of(neuron: NeuronModel, readout: NeuronModel = LEAKY_INTEGRATOR, rule: str = "eprop") -> Setup:
    network = Network(
        n_inputs=8, hidden=(9,), n_outputs=3, n_steps=40, neuron=neuron, readout=readout, loss=SQUARED_ERROR
    )
    return Setup(network=network, rule=RULES[rule], feedback=RULES[rule].default_feedback, **CAPACITY)


def case_of(setup: Setup, number: int = 0) -> Case:
    """Return a case with the weights that the default neuron would have."""
    plain = replace(setup, network=replace(setup.network, neuron=LIF, readout=LEAKY_INTEGRATOR))
    return replace(random_case(plain, number, count=6), setup=setup)


def test_a_neuron_that_rests_below_does_what_the_default_does() -> None:
    found, wanted = (case_of(setup_of(neuron)).record() for neuron in (BELOW, LIF))
    assert_alive(wanted, setup_of(LIF))
    assert np.array_equal(found.spikes["hidden1"].step, wanted.spikes["hidden1"].step)
    assert np.array_equal(found.spikes["hidden1"].neuron, wanted.spikes["hidden1"].neuron)
    for layer, gradient in wanted.gradient.items():
        assert error_of(found.gradient[layer], gradient) < 1e-9
        assert error_of(found.gradient[layer][::-1], gradient) > 1e-2


@pytest.mark.parametrize("reset", ["constant", "differentiated"])
def test_the_reference_begins_where_brian2_does(reset: str) -> None:
    exact = {}
    for name, neuron in (("below", BELOW), ("default", LIF)):
        case = case_of(setup_of(neuron))
        forward = ForwardPass(case.state.weights, case.state.feedback, case.trials, case.record())
        exact[name] = reference(case.setup).gradients(forward, reset=reset).mean  # type: ignore[arg-type]
    for layer, gradient in exact["default"].items():
        assert error_of(exact["below"][layer], gradient) < 1e-9


def test_a_readout_may_rest_elsewhere() -> None:
    case = case_of(setup_of(BELOW, ABOVE))
    recording = case.record()
    shifted = case.on(replace(case.trials, target=case.trials.target - 5)).with_setup(
        network=replace(case.setup.network, readout=LEAKY_INTEGRATOR)
    )
    assert np.allclose(recording.output - 5, shifted.record().output, rtol=0, atol=1e-12)
    exact = reference(case.setup).gradients(
        ForwardPass(case.state.weights, {}, case.trials, recording), reset="constant", per_trial=True
    )
    for layer, gradient in exact.trials.items():
        assert error_of(recording.gradient[layer], gradient) < 1e-9
    away = case.with_setup(network=replace(case.setup.network, readout=replace(ABOVE, initial=())))
    assert np.abs(away.record().output - recording.output).max() > 0.1, "the first value is of no consequence"


@pytest.mark.parametrize("neuron", [BELOW, CONDUCTANCE], ids=lambda neuron: neuron.name)
def test_brian2_and_the_reference_decide_alike_in_every_form(neuron: NeuronModel) -> None:
    case = case_of(setup_of(neuron))
    if neuron is CONDUCTANCE:
        # What arrives counts by the distance from reversal, which is not 1 but 70 here.
        case = case.with_weights(hidden1=0.4 * case.state.weights["hidden1"])
    network = case.setup.network
    compiled = case.record()
    assert_alive(compiled, case.setup)
    raster = compiled.spikes["hidden1"].raster(len(case.trials), network.n_steps, 9)
    # The second trial has no input.
    assert not raster[1].any()
    own = reference(case.setup).run(case.state.weights, case.state.feedback, case.trials)
    assert np.array_equal(own["spikes"]["hidden1"] > 0.5, raster)
    assert error_of(own["output"], compiled.output) < 1e-9
    others = [case.record("numpy"), *(case.with_setup(form=form).record() for form in ("clock", "causal"))]
    for other in others:
        assert np.array_equal(other.spikes["hidden1"].raster(len(case.trials), network.n_steps, 9), raster)
        for layer, gradient in compiled.gradient.items():
            assert error_of(other.gradient[layer], gradient) < 1e-9


#: Its rest lies above threshold, which it reaches after some steps; the program is that of the other.
DRIVEN = replace(BELOW.with_parameters({"tau_mem": "6 ms", "E_L": "-68.2 mV"}), initial=(("v", "-70 mV"),))


def test_neurons_that_spike_by_themselves_later_do_so_alike_in_every_form() -> None:
    case = case_of(setup_of(DRIVEN))
    # The second trial has no input; now the first has none, one within, and the last.
    case = case.on(case.trials.take(np.array([1, 0, 2, 1, 3, 1])))
    compiled = case.record()
    raster = compiled.spikes["hidden1"].raster(6, case.setup.network.n_steps, 9)
    assert raster[0].all(axis=1).sum() > 3
    assert not raster[0, :3].any()
    assert np.array_equal(raster[[0, 0]], raster[[3, 5]])
    assert not np.array_equal(raster[0], raster[1])
    own = reference(case.setup).run(case.state.weights, case.state.feedback, case.trials)
    assert np.array_equal(own["spikes"]["hidden1"] > 0.5, raster)
    exact = reference(case.setup).gradients(
        ForwardPass(case.state.weights, {}, case.trials, compiled), reset="constant", per_trial=True
    )
    others = [case.record("numpy"), *(case.with_setup(form=form).record() for form in ("clock", "causal"))]
    for estimate in (exact.trials, *(other.gradient for other in others)):
        for layer, gradient in compiled.gradient.items():
            assert error_of(estimate[layer], gradient) < 1e-9
            assert np.array_equal(gradient[0] != 0, np.full(gradient[0].shape, layer == "readout"))
    plan = Plan(learning=True, record_gradient=True, chunk=1)
    assert same_recording(case.simulator().run(case.state, case.trials, plan)[0], compiled)


def test_no_trial_depends_on_those_before_it() -> None:
    case = case_of(setup_of(BELOW, ABOVE))
    whole = case.record()
    plan = Plan(learning=True, record_gradient=True, chunk=2)
    assert same_recording(case.simulator().run(case.state, case.trials, plan)[0], whole)
    order = np.arange(len(case.trials))[::-1].copy()
    backwards = case.on(case.trials.take(order)).record()
    for layer, gradient in whole.gradient.items():
        assert np.array_equal(backwards.gradient[layer][order], gradient)
        assert not np.array_equal(backwards.gradient[layer], gradient)


def test_wanted_spikes_are_filtered_from_the_same_value() -> None:
    """Outputs that spike as they should have no loss, wherever their filter begins."""
    readout = replace(SPIKE_TRAIN, name="begun", initial=(("y", 0.5),))
    setup = replace(setup_of(LIF, readout, "frozen"), targets="spikes")
    case = random_case(setup, count=6)
    spikes = case.record().spikes["readout"]
    wanted = spikes.raster(6, 40, 3).astype(float)
    assert wanted.any()
    assert case.on(replace(case.trials, target=wanted)).record().loss.max() < 1e-24
    assert case.on(replace(case.trials, target=wanted[::-1])).record().loss.max() > 1e-6


@pytest.mark.parametrize("method", ["exact", "euler", "rk2", "rk4", "exponential_euler"])
def test_the_first_step_is_looked_at_as_the_method_makes_it(method: str) -> None:
    neuron = replace(BELOW, method=method)
    assert first_drive(neuron, 1e-3) == pytest.approx(-1)
    # From 0 it falls by a twentieth of the way.
    unset = first_drive(replace(neuron, initial=()), 1e-3)
    assert unset == pytest.approx(69 - 70 / 20, abs=0.2)
    assert first_drive(replace(neuron, initial=()), 200e-3) < 0 or method in {"euler", "rk2", "rk4"}


def test_a_neuron_that_cannot_spike_yet_is_no_offence() -> None:
    loud = replace(REFRACTORY, drive="v - v_th + 2")
    assert first_drive(loud, 1e-3) == 1
    assert first_drive(replace(loud, initial=(("rest", "t_ref"),)), 1e-3) == -np.inf
    assert first_drive(LEAKY_INTEGRATOR, 1e-3) == -np.inf


@pytest.mark.parametrize(
    ("neuron", "words"),
    [
        (replace(BELOW, initial=()), "Neuron 'below' spikes in the first step of each trial without input: it"),
        (
            replace(BELOW, initial=(("v", "-60 mV"),)),
            r"begins at .*v = -0.06.* so that '\(v - v_th\) / r' is 8.5.*, above",
        ),
        (replace(BELOW, initial=(("u", "E_L"),)), "`initial` sets 'u', which nothing defines. There are: 'I', 'v'."),
        (replace(BELOW, initial=(("v", -70.0),)), "first value of 'v' is in 1, but must be in volt"),
        (
            replace(BELOW, initial=(("v", "E_K"),)),
            "first value of 'v' is 'E_K', neither a quantity nor .* Did you mean 'E_L'",
        ),
    ],
    ids=["unset", "high", "unknown", "unit", "no parameter"],
)
def test_first_values_that_cannot_be_are_refused(neuron: NeuronModel, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        check(setup_of(neuron))


def test_numbers_that_make_neurons_spike_are_refused_for_a_program_that_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The texts, and so the program, are those of a network that was fine."""
    setup = setup_of(BELOW)
    low = replace(setup, network=replace(setup.network, neuron=BELOW.with_parameters({"v_th": "-71 mV"})))
    monkeypatch.setattr("workbench.engine.compiled.program.program", lambda setup: None)
    assert simulator(setup)
    with pytest.raises(ModelError, match="spikes in the first step of each trial without input"):
        simulator(low)
