"""Gradients by the times of recorded spikes: as they are on paper, and in continuous time as the step goes to 0."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import CAPACITY, REGISTRY, RULES, error_of
from workbench import Network, NeuronModel, Trials, estimate
from workbench.common.errors import GradientError
from workbench.declare.loss import FIRST_SPIKE_CROSS_ENTROPY, SQUARED_ERROR
from workbench.declare.neuron_models import ALIF, FIRST_SPIKE, LIF, LIF_SINGLE_SPIKE, SPIKE_TRAIN
from workbench.exact_time.exact_time import ExactTime
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.followed import followed
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.case import Case, random_case, random_state

Array = NDArray[np.float64]


def of(network: Network, **changes: Any) -> Setup:
    return Setup(network=network, rule=RULES["eventprop"], feedback="none", **CAPACITY, **changes)


def found(case: Case, per_trial: bool = False) -> dict[str, Array]:
    forward = ForwardPass(case.state.weights, {}, case.trials, case.record())
    told = followed(reference(case.setup), forward, per_trial)
    return told.trials if per_trial else told.mean


SMALL = Network(n_inputs=8, hidden=(7,), n_outputs=3, n_steps=40, loss=SQUARED_ERROR, window=(10, 35))


def on_paper(case: Case) -> dict[str, Array]:
    """Return the gradient of the mean loss by the two matrices of weights, and those of the layer onto itself."""
    network, weights = case.setup.network, case.state.weights
    recurrent = weights.get("hidden1_recurrent")
    decay, fade = np.exp(-network.dt / 20e-3), np.exp(-network.dt / 10e-3)
    rise = (decay - fade) * 10e-3 / (20e-3 - 10e-3)
    inputs = case.trials.raster(network.n_steps, network.n_inputs).astype(float)
    total: dict[str, Array] = {name: np.zeros_like(array) for name, array in weights.items()}
    start, stop = network.steps_in_window
    for trial in range(len(case.trials)):
        size, steps = network.hidden[0], network.n_steps
        v, i, y, j = np.zeros(size), np.zeros(size), np.zeros(3), np.zeros(3)
        sooner, before, current, spikes, output = (np.zeros((steps, each)) for each in (size, size, size, size, 3))
        for n in range(steps):
            sooner[n] = v
            v, i = decay * v + rise * i, fade * i
            y, j = decay * y + rise * j, fade * j
            before[n], current[n], output[n], spikes[n] = v, i, y, v > 1
            i = i + inputs[trial, n] @ weights["hidden1"]
            if recurrent is not None:
                i = i + spikes[n] @ recurrent
            j = j + spikes[n] @ weights["readout"]
            v = v - spikes[n]
        error = np.zeros((steps, 3))
        error[start:stop] = (output - case.trials.target[trial])[start:stop] / (stop - start)
        onto_readout, onto_hidden = np.zeros((steps + 1, 3)), np.zeros((steps + 1, size))
        by_y, by_j = np.zeros(3), np.zeros(3)
        for n in reversed(range(steps)):
            by_y = by_y + error[n]
            onto_readout[n] = by_j
            by_y, by_j = decay * by_y, rise * by_y + fade * by_j
        by_v, by_i = np.zeros(size), np.zeros(size)
        for n in reversed(range(steps)):
            onto_hidden[n] = by_i
            # Without the reset it would go on from a potential that is higher by 1.
            own = by_v * ((decay * (before[n] - 1) + rise * current[n] - (before[n] - 1))
                          - (decay * before[n] + rise * current[n] - before[n]))  # fmt: skip
            later = weights["readout"] @ (onto_readout[n] - onto_readout[n + 1])
            if recurrent is not None:
                later = later + recurrent @ (onto_hidden[n] - onto_hidden[n + 1])
            crosses = (spikes[n] > 0) & (sooner[n] < 1)
            by_v = by_v + np.where(crosses, (own + later) / np.where(crosses, before[n] - sooner[n], 1), 0)
            by_v, by_i = decay * by_v, rise * by_v + fade * by_i
        share = 1 / len(case.trials)
        total["hidden1"] += share * inputs[trial].T @ onto_hidden[:-1]
        total["readout"] += share * spikes.T @ onto_readout[:-1]
        if recurrent is not None:
            total["hidden1_recurrent"] += share * spikes.T @ onto_hidden[:-1]
    return total


@pytest.mark.parametrize("recurrent", [False, True])
def test_gradient_is_that_on_paper(recurrent: bool) -> None:
    case = random_case(of(replace(SMALL, recurrent=recurrent)), count=6)
    expected, told = on_paper(case), found(case)
    assert set(told) == set(expected)
    for name, gradient in expected.items():
        assert np.linalg.norm(gradient) > 0
        assert error_of(told[name], gradient) < 1e-12, name
    # The control: no surrogate gradient is that.
    forward = ForwardPass(case.state.weights, {}, case.trials, case.record())
    surrogate = reference(case.setup).gradients(forward).mean
    assert error_of(surrogate["hidden1"], expected["hidden1"]) > 0.1


def test_each_trial_has_its_own() -> None:
    case = random_case(of(SMALL), count=5)
    each, mean = found(case, per_trial=True), found(case)
    for name, gradients in each.items():
        assert gradients.shape == (5, *mean[name].shape)
        assert error_of(gradients.mean(axis=0), mean[name]) < 1e-12


CONVERGING: dict[str, Network] = {
    "lif": replace(SMALL, hidden=(10,), window=(0, 0)),
    "two layers": replace(SMALL, hidden=(10, 8), neuron=ALIF, window=(0, 0)),
    "recurrent": replace(SMALL, recurrent=True, delays=(("hidden1_recurrent", 2),), window=(0, 0)),
    "spiking readout": replace(SMALL, readout=SPIKE_TRAIN, window=(0, 0)),
    "single spikes": replace(SMALL, hidden=(20,), neuron=LIF_SINGLE_SPIKE, window=(0, 0)),
    "first spike": replace(SMALL, readout=FIRST_SPIKE, loss=FIRST_SPIKE_CROSS_ENTROPY, window=(39, 40)),
}


def finer(network: Network, trials: Trials, times: int) -> tuple[Network, Trials]:
    """Return the same network and trials in shorter steps: inputs arrive when they did."""
    window = network.window and (network.n_steps * times - 1, network.n_steps * times)
    fine = replace(
        network,
        dt=network.dt / times,
        n_steps=network.n_steps * times,
        delays=tuple((name, steps * times) for name, steps in network.delays),
        window=window if network.window != (0, 0) else (0, 0),
    )
    return fine, Trials(trials.start, (trials.step + 1) * times - 1, trials.neuron, trials.target)


def distances(name: str, times: int) -> tuple[float, float]:
    """Return how far gradients of the first layer are from those in continuous time, by spike times and by BPTT."""
    coarse = random_case(of(CONVERGING[name]), count=4, gain=1.8)
    network, trials = finer(coarse.setup.network, coarse.trials, times)
    case = replace(coarse, setup=replace(coarse.setup, network=network), trials=trials)
    exact = ExactTime(network).run(case.state.weights, trials, gradient=True)
    recording = case.record()
    forward = ForwardPass(case.state.weights, {}, trials, recording)
    for layer, spikes in recording.spikes.items():
        assert len(spikes.step) >= 8, f"'{layer}' is next to silent"
    model = reference(case.setup)
    wanted = exact.gradient["hidden1"]
    told = followed(model, forward).mean["hidden1"]
    return error_of(told, wanted), error_of(model.gradients(forward).mean["hidden1"], wanted)


@pytest.mark.parametrize("name", CONVERGING)
def test_error_falls_with_the_step(name: str) -> None:
    coarse, _ = distances(name, 4)
    fine, surrogate = distances(name, 64)
    assert fine < 0.05
    assert fine < coarse / 4
    # The control: BPTT does not come near it, however short the step.
    assert surrogate > max(0.1, 10 * fine)


@pytest.mark.parametrize(
    ("neuron", "words"),
    [
        (REGISTRY.neuron("lif_refractory"), "a refractory period has a part in the spikes of 'hidden1'"),
        (REGISTRY.neuron("lif_noisy"), "noise has a part in the spikes of 'hidden1'"),
        (REGISTRY.neuron("lif_escape"), "noise has a part in the spikes of 'hidden1'"),
        (REGISTRY.neuron("lif_inhibited"), "`pooled` has a part in the spikes of 'hidden1'"),
        (replace(LIF, name="at_once", drive="v + 0.1 * I - v_th"), "what arrives at 'hidden1' moves its drive at once"),
    ],
    ids=lambda value: value.name if isinstance(value, NeuronModel) else "",
)
def test_spikes_without_times_are_refused(neuron: NeuronModel, words: str) -> None:
    case = random_case(of(replace(SMALL, neuron=neuron)), count=2)
    with pytest.raises(GradientError, match=words):
        found(case)


def test_the_rule_estimates_both_gradients() -> None:
    network = CONVERGING["lif"]
    case = random_case(of(network), count=4)
    told = estimate(RULES["eventprop"], network, case.state.weights, case.trials)
    for name, gradient in found(case).items():
        assert error_of(told[name], gradient) < 1e-12
    exact = RULES["eventprop"].with_parameters({"times": "exact"})
    wanted = ExactTime(network).run(case.state.weights, case.trials, gradient=True).gradient
    for name, array in estimate(exact, network, case.state.weights, case.trials).items():
        assert np.array_equal(array, wanted[name])


def test_a_layer_that_never_spikes_has_no_gradient_below_it() -> None:
    setup = of(SMALL)
    case = random_case(setup, count=2)
    weak = random_state(setup, np.random.default_rng(0), gain=0.01)
    silent = replace(case, state=weak)
    assert not found(silent)["hidden1"].any()
