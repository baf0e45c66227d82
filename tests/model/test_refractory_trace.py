"""Neurons that are not reset but kept from threshold by a trace of their spikes, as DECOLLE's are."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import expm

from tests.networks import RULES, assert_alive, error_of, setup_for, with_numbers
from workbench.declare.loss import CROSS_ENTROPY
from workbench.declare.neuron_models import REFRACTORY_TRACE
from workbench.declare.recording import Spikes
from workbench.reference.bptt import Reference, reference
from workbench.testing.case import Case, random_case, random_state

SETUPS = {
    "eprop": setup_for(RULES["eprop"], "symmetric", 1, CROSS_ENTROPY, REFRACTORY_TRACE),
    "dcll": setup_for(RULES["dcll"], "local_readout", 2, CROSS_ENTROPY, REFRACTORY_TRACE),
}


def varied_case(rule: str, number: int) -> Case:
    generator = np.random.default_rng(number)
    setup = with_numbers(SETUPS[rule], generator, n_steps=40)
    return replace(random_case(setup, number, count=6), state=random_state(setup, generator))


def raster_of(case: Case, spikes: Spikes, size: int) -> np.ndarray:
    return spikes.raster(len(case.trials), case.setup.network.n_steps, size)


def decolle(case: Case, jump: float = 0.35) -> np.ndarray:
    """Return the spikes of the first layer by DECOLLE's recursion, R[t+1] = 0.65 R[t] - 0.35 S[t] and U = W P + R."""
    over_a_step = expm(np.array([[-1 / 20, 1 / 20], [0, -1 / 10]]))
    arriving = case.trials.raster(40, 8) @ case.state.weights["hidden1"]
    potential, spikes = np.zeros((2, *arriving[:, 0].shape)), np.zeros(arriving.shape, dtype=bool)
    refractory = np.zeros(arriving[:, 0].shape)
    for step in range(40):
        potential = np.tensordot(over_a_step, potential, axes=1)
        spikes[:, step] = potential[0] + refractory - 1 > 0
        refractory = 0.65 * refractory - jump * spikes[:, step]
        potential[1] += arriving[:, step]
    return spikes


def test_steps_of_a_millisecond_are_the_recursion_of_decolle() -> None:
    exactly: dict[str, str | float] = {"tau_ref": f"{-1 / np.log(0.65)} ms", "jump": 0.35 / 0.65}
    given = REFRACTORY_TRACE.values()
    assert given["tau_ref"] == pytest.approx(-1e-3 / np.log(0.65), rel=0.005)
    assert given["jump"] == pytest.approx(0.35 / 0.65, rel=0.005)
    network = SETUPS["eprop"].network
    network = replace(network, neuron=network.neuron.with_parameters(exactly))
    case = random_case(replace(SETUPS["eprop"], network=network), gain=3.0)
    recording = case.record()
    assert_alive(recording, case.setup)
    found = raster_of(case, recording.spikes["hidden1"], 9)
    assert np.array_equal(found, decolle(case))
    assert not np.array_equal(found, decolle(case, jump=0.3))
    # The trace is what matters: spikes follow each other, in the next step or later.
    assert 0.05 < (found[:, 1:] & found[:, :-1]).sum() / found.sum() < 0.95


@pytest.mark.parametrize("rule", SETUPS)
def test_brian2_and_the_reference_decide_alike(rule: str) -> None:
    model = reference(SETUPS[rule])
    for number in range(4):
        case = varied_case(rule, number)
        network = case.setup.network
        compiled, interpreted = case.record(), case.record("numpy")
        assert_alive(compiled, case.setup)
        own = Reference(case.setup, model.program).run(case.state.weights, case.state.feedback, case.trials)
        for layer, size in network.spiking_layers.items():
            raster = raster_of(case, compiled.spikes[layer], size)
            assert np.array_equal(raster_of(case, interpreted.spikes[layer], size), raster)
            assert np.array_equal(own["spikes"][layer] > 0.5, raster)
        assert error_of(own["output"], compiled.output) < 1e-9


@pytest.mark.parametrize("rule", SETUPS)
def test_events_teach_what_each_step_teaches(rule: str) -> None:
    for number in range(4):
        case = varied_case(rule, number)
        expected = case.with_setup(form="clock").record()
        assert_alive(expected, case.setup)
        for form in ("replay", "causal"):
            found = case.with_setup(form=form).record()
            for layer, gradient in expected.gradient.items():
                assert error_of(found.gradient[layer], gradient) < 1e-9
                assert error_of(found.gradient[layer][::-1], gradient) > 1e-2
