"""SLAYER by a script of kernels and correlations; a differentiable synapse by differences of the loss itself."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import CAPACITY, REGISTRY, RULES, assert_alive, error_of
from workbench import Network, NeuronModel
from workbench.common.errors import ModelError
from workbench.declare.loss import SQUARED_ERROR
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.case import Case, random_case

Array = NDArray[np.float64]
STEPS = 40


def alpha(tau: float) -> Array:
    """Return the matrix that filters a course over time by an alpha function, of steps that it reaches from others."""
    lag = np.subtract.outer(np.arange(STEPS), np.arange(STEPS)) * 1e-3 / tau
    return np.where(lag > 0, lag * np.exp(1 - lag), 0.0)


def by_kernels(case: Case, spikes: list[Array]) -> dict[str, Array]:
    """Return SLAYER's gradient of the mean loss: errors times pdf, correlated with the kernel of each layer below."""
    weights, epsilon, nu = case.state.weights, alpha(10e-3), alpha(10e-3)
    lag = np.subtract.outer(np.arange(STEPS), np.arange(STEPS)) * 1e-3
    filtered = np.where(lag > 0, 10e-3 / (20e-3 - 10e-3) * (np.exp(-lag / 20e-3) - np.exp(-lag / 10e-3)), 0.0)
    found = {name: np.zeros_like(array) for name, array in weights.items()}
    for trial, target in enumerate(case.trials.target):
        below, pdf = [], []
        for layer, name in enumerate(("hidden1", "hidden2")):
            below.append(epsilon @ spikes[layer][trial])
            drive = below[layer] @ weights[name] - 2 * nu @ spikes[layer + 1][trial] - 1
            assert ((drive > 0) == spikes[layer + 1][trial].astype(bool)).all()
            pdf.append(np.exp(-3 * np.abs(drive)))
        response = filtered @ spikes[2][trial]
        error = (response @ weights["readout"] - target) / STEPS
        found["readout"] += response.T @ error
        upper = pdf[1] * (filtered.T @ (error @ weights["readout"].T))
        lower = pdf[0] * (epsilon.T @ (upper @ weights["hidden2"].T))
        found["hidden2"] += below[1].T @ upper
        found["hidden1"] += below[0].T @ lower
    return {name: array / len(case.trials) for name, array in found.items()}


def test_slayer_is_what_the_kernels_say() -> None:
    network = Network(
        n_inputs=8, hidden=(8, 7), n_outputs=3, n_steps=STEPS, loss=SQUARED_ERROR, neuron=REGISTRY.neuron("srm"),
        surrogate=REGISTRY.surrogate("exponential"),
    )  # fmt: skip
    case = random_case(Setup(network=network, rule=RULES["slayer"], feedback="none", **CAPACITY), count=4)
    recording = case.record("numpy")
    assert_alive(recording, case.setup)
    rasters = [case.trials.raster(STEPS, 8).astype(np.float64)]
    for name, size in network.spiking_layers.items():
        rasters.append(recording.spikes[name].raster(4, STEPS, size).astype(np.float64))
    wanted = by_kernels(case, rasters)
    through_responses = reference(case.setup).gradients(
        ForwardPass(case.state.weights, {}, case.trials, recording), "differentiated"
    )
    for name, estimate in case.estimates(recording).items():
        assert error_of(estimate.mean(axis=0), wanted[name]) < 1e-9, name
    assert error_of(through_responses.mean["hidden1"], wanted["hidden1"]) > 1e-3


@pytest.mark.parametrize("recurrent", [False, True])
def test_the_gradient_through_differentiable_synapses_is_the_slope_of_the_loss(recurrent: bool) -> None:
    network = Network(
        n_inputs=8, hidden=(6,), n_outputs=3, n_steps=60, loss=SQUARED_ERROR, recurrent=recurrent,
        neuron=REGISTRY.neuron("gated"),
    )  # fmt: skip
    case = random_case(Setup(network=network, rule=RULES["bptt"], feedback="none", **CAPACITY), count=4, rate=0.1)
    generator = np.random.default_rng(0)
    drawn = {name: generator.normal(0.5, 1.0, size=array.shape) for name, array in case.state.weights.items()}
    case = case.with_weights(**drawn)
    recording = case.record("numpy")
    found = reference(case.setup).gradients(ForwardPass(drawn, {}, case.trials, recording)).mean
    for name, array in drawn.items():
        along, step = generator.standard_normal(array.shape), 1e-5
        up, down = (
            case.with_weights(**{name: array + sign * step * along}).record("numpy").loss.mean() for sign in (1, -1)
        )
        slope, wanted = (up - down) / (2 * step), float((found[name] * along).sum())
        assert abs(slope) > 1e-4, "no slope to compare"
        assert wanted == pytest.approx(slope, rel=1e-6), name
        assert float((found[name] * along[::-1]).sum()) != pytest.approx(slope, rel=1e-2)


def test_a_whole_spike_sends_one_in_all_and_a_part_of_one_less() -> None:
    model = REGISTRY.neuron("gated").plain()
    values = {**model.values(), "I": 0.5}
    phase, sent, dt = -1.0, 0.0, 1e-5
    while phase < 2 * np.pi - 1:
        speed = (1 - np.cos(phase) + (1 + np.cos(phase)) * (values["I"] + values["bias"])) / values["tau_mem"]
        sent += np.sqrt(values["width"] / (2 * np.pi)) * np.exp(-values["width"] * (1 + np.cos(phase))) * speed * dt
        phase += speed * dt
    assert sent == pytest.approx(1.0, rel=0.02)


def test_a_readout_gives_out_a_variable() -> None:
    model = NeuronModel(
        name="halved", equations="dv/dt = (I - v) / tau : 1\ndI/dt = -I / tau : 1\nhalf = v / 2 : 1", output="half",
        parameters=(("tau", "10 ms"),),
    )  # fmt: skip
    with pytest.raises(ModelError, match="its `output` 'half' is a subexpression, and the loss needs a variable"):
        Network(n_inputs=2, hidden=(2,), n_outputs=2, n_steps=5, readout=model)
