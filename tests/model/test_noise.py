"""Noise: the same numbers for a trial, step and neuron, whatever runs them, and neurons that live by them."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.special import ndtri

from tests.networks import CAPACITY, RULES, assert_alive, error_of
from workbench import Network, NeuronModel, Parameter, Trials
from workbench.common.counter_noise import drawn, key_of
from workbench.common.errors import DataError, GradientError, ModelError
from workbench.declare.loss import Loss
from workbench.declare.neuron_models import ESCAPE, LIF, NOISY
from workbench.declare.options import Form, Target
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.case import Case, random_case

SQUARE = Loss(name="square", value="y**2 / 2", error="y")
TARGETS: tuple[Target, ...] = ("cpp", "numpy")
KEY = key_of("noise", 0, "hidden1", "eta")


def case_of(
    neuron: NeuronModel, form: Form = "events", rule: str = "eprop", feedback: str = "symmetric", **chosen: object
) -> Case:
    """Return a network of such neurons, with weights by which they spike."""
    network = Network(n_inputs=8, hidden=(9,), n_outputs=3, n_steps=40, neuron=neuron, **chosen)  # type: ignore[arg-type]
    return random_case(Setup(network=network, rule=RULES[rule], feedback=feedback, form=form, **CAPACITY), gain=2.0)


def test_quantile_is_the_normal_one() -> None:
    uniform = drawn("uniform", KEY, np.arange(2000)[:, None], np.arange(10), 10)
    assert np.abs(drawn("normal", KEY, np.arange(2000)[:, None], np.arange(10), 10) - ndtri(uniform)).max() < 1e-14
    assert np.abs(ndtri(uniform)).max() > 4


@pytest.mark.parametrize("axis", range(3))
def test_numbers_are_independent_along_each_axis(axis: int) -> None:
    normal = np.moveaxis(drawn("normal", KEY, np.arange(100)[:, None], np.arange(100), 100), axis, 0)
    assert stats.kstest(normal.ravel(), "norm").pvalue > 1e-3
    for lag in (1, 2, 7):
        correlation = np.corrcoef(normal[lag:].ravel(), normal[:-lag].ravel())[0, 1]
        assert abs(correlation) < 4e-3
    other = np.moveaxis(drawn("normal", key_of("other"), np.arange(100)[:, None], np.arange(100), 100), axis, 0)
    assert abs(np.corrcoef(normal.ravel(), other.ravel())[0, 1]) < 4e-3


@pytest.mark.parametrize("neuron", [NOISY, ESCAPE], ids=["noisy", "escape"])
def test_all_forms_targets_and_chunks_agree(neuron: NeuronModel) -> None:
    case = case_of(neuron)
    compiled = case.record()
    assert_alive(compiled, case.setup)
    forms: tuple[Form, ...] = ("clock", "causal")
    others = {form: case.with_setup(form=form).record() for form in forms} | {"numpy": case.record("numpy")}
    for name, other in others.items():
        assert np.array_equal(other.spikes["hidden1"].step, compiled.spikes["hidden1"].step), name
        for layer, array in compiled.gradient.items():
            assert error_of(other.gradient[layer], array) < 1e-10, (name, layer)
    made = simulator(case.setup)
    one, _ = made.run(case.state, case.trials, Plan(record_gradient=True, learning=True, chunk=1))
    assert np.array_equal(one.gradient["hidden1"], compiled.gradient["hidden1"])
    backwards, _ = made.run(case.state, case.trials.take(np.arange(len(case.trials))[::-1]), Plan())
    assert np.array_equal(backwards.output[::-1], compiled.output)
    # Without noise, or with other noise, it is another network.
    again, _ = made.run(case.state, case.trials.drawn_anew(1), Plan())
    assert not np.array_equal(again.output, compiled.output)
    seeded = case.with_setup(network=replace(case.setup.network, seed=1)).record()
    assert not np.array_equal(seeded.output, compiled.output)


@pytest.mark.parametrize("neuron", [NOISY, ESCAPE], ids=["noisy", "escape"])
def test_symmetric_eprop_is_bptt(neuron: NeuronModel) -> None:
    case = case_of(neuron)
    recording = case.record()
    model = reference(case.setup)
    forward = ForwardPass(case.state.weights, case.state.feedback, case.trials, recording)
    exact = model.gradients(forward, reset="constant", per_trial=True)
    for layer, array in recording.gradient.items():
        assert error_of(array, exact.trials[layer]) < 1e-9
    assert exact.differing == 0
    carried = model.gradients(forward, reset="constant", per_trial=True, direction="forward")
    assert error_of(carried.trials["hidden1"], exact.trials["hidden1"]) < 1e-10
    with pytest.raises(GradientError):
        model.gradients(replace(forward, trials=case.trials.drawn_anew(1)), reset="constant")


def test_variance_is_that_of_the_process() -> None:
    # dv/dt = -v/tau + sigma sqrt(2/tau) xi has the standard deviation sigma.
    neuron = replace(NOISY.with_parameters({"sigma": 0.3}), drive="", reset="", output="v")
    network = Network(n_inputs=1, hidden=(), n_outputs=200, n_steps=400, readout=neuron, loss=SQUARE, window=(200, 400))
    case = random_case(Setup(network=network, rule=RULES["frozen"], feedback="none", **CAPACITY), count=4)
    silent = case.state.with_weights({name: 0 * array for name, array in case.state.weights.items()})
    recording = replace(case, state=silent).record("numpy")
    assert recording.loss.mean() == pytest.approx(200 * 0.3**2 / 2, rel=0.05)


def test_escape_neurons_spike_as_often_as_they_should() -> None:
    # A constant potential gives a probability of a spike in each step.
    neuron = replace(
        ESCAPE,
        equations="dv/dt = 0 * v / tau_mem : 1\ndI/dt = -I / tau_syn : 1",
        reset="",
        parameters=(("tau_mem", "20 ms"), ("tau_syn", "10 ms"), ("v_th", 1.0), ("width", 0.25), ("v_0", 0.5)),
        initial=(("v", "v_0"),),
    )
    case = case_of(neuron)
    silent = case.state.with_weights({name: 0 * array for name, array in case.state.weights.items()})
    spikes = replace(case, state=silent).record().spikes["hidden1"]
    wanted = 1 / (1 + np.exp(0.5 / 0.25))
    total = len(case.trials) * 40 * 9
    assert abs(len(spikes.step) / total - wanted) < 4 * np.sqrt(wanted * (1 - wanted) / total)


def test_names_and_numbers_of_noise_are_refused() -> None:
    with pytest.raises(ModelError, match="'xi' is kept by Brian2"):
        case_of(replace(LIF, noise=(("xi", "normal"),))).record("numpy")
    with pytest.raises(ModelError, match="'v' is taken"):
        case_of(replace(LIF, noise=(("v", "normal"),))).record("numpy")
    trials = case_of(LIF).trials
    with pytest.raises(DataError, match="`draw` must be 0 or more"):
        replace(trials, draw=-np.ones(len(trials), dtype=np.int64))


def test_synapses_draw_noise_of_their_own() -> None:
    rule = replace(
        RULES["stdp"],
        name="restless",
        synapse=RULES["stdp"].synapse.replace("dg/dt =", "dg/dt = restless * eta +"),
        noise=(("eta", "normal"),),
        parameters=(*RULES["stdp"].parameters, Parameter(name="restless", default=0.5, doc="Size.")),
    )
    setup = Setup(network=case_of(LIF).setup.network, rule=rule, feedback="none", form="clock", **CAPACITY)
    case = random_case(setup, gain=2.0)
    still = case.with_setup(rule=rule.with_parameters({"restless": 0.0})).record()
    recording, other = case.record(), case.record("numpy")
    assert error_of(other.gradient["hidden1"], recording.gradient["hidden1"]) < 1e-12
    added = (recording.gradient["hidden1"] - still.gradient["hidden1"]) * 0.04
    # Forty steps of a millisecond, each of half a normal number.
    wanted = drawn(
        "normal", key_of("noise", 0, "w_hidden1", "eta"), np.arange(len(case.trials))[:, None], np.arange(40), 72
    )
    assert error_of(added.reshape(-1, 72), 1e-3 * 0.5 * wanted.sum(axis=1)) < 1e-9
    made = simulator(setup)
    one, _ = made.run(case.state, case.trials, Plan(record_gradient=True, learning=True, chunk=1))
    assert np.array_equal(one.gradient["hidden1"], recording.gradient["hidden1"])


def test_no_number_between_0_and_1_is_rounded_to_1() -> None:
    # The draw of this trial, step and neuron lies so near to 1 that float32 has nothing between.
    whole = drawn("uniform", key_of("noise", 0, "hidden1", "u"), 464, 5, 80)
    assert np.float32(whole[79]) == 1
    found = drawn("uniform", key_of("noise", 0, "hidden1", "u"), 464, 5, 80, "float32")
    assert found.dtype == np.float32
    assert found.max() < 1
    network = Network(n_inputs=1, hidden=(80,), n_outputs=2, n_steps=10, neuron=ESCAPE)
    setup = Setup(network=network, rule=RULES["frozen"], feedback="none", precision="float32", **CAPACITY)
    state = State({"hidden1": np.zeros((1, 80)), "readout": np.zeros((80, 2))}, {}, {})
    trials = replace(Trials.from_raster(np.zeros((1, 10, 1)), np.eye(2)[:1]), draw=np.array([464]))
    compiled, numpy = (simulator(setup, target).run(state, trials, Plan())[0] for target in TARGETS)
    assert np.array_equal(compiled.spikes["hidden1"].neuron, numpy.spikes["hidden1"].neuron)
