"""Spikes in continuous time are where drives cross thresholds, and the gradient by their times is that of the loss."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from workbench import Connectivity, Network, NeuronModel, Population, Projection, Trials
from workbench.common.errors import DataError, ModelError
from workbench.declare.loss import FIRST_SPIKE_CROSS_ENTROPY, SQUARED_ERROR
from workbench.declare.neuron_models import (
    ALIF,
    ESCAPE,
    FIRST_SPIKE,
    IF,
    IF_FIRST_SPIKE,
    IF_SINGLE_SPIKE,
    IF_TRAIN,
    INHIBITED,
    LIF,
    LIF_SINGLE_SPIKE,
    LINEAR_RATE,
    NOISY,
    REFRACTORY,
    REFRACTORY_TRACE,
    SPIKE_TRAIN,
)  # fmt: skip
from workbench.declare.transmission import TSODYKS_MARKRAM
from workbench.exact_time.exact_time import ExactTime
from workbench.exact_time.formulas import FORMULAS
from workbench.model.lone_neuron import weight_to_threshold

Array = NDArray[np.float64]

#: Of the published check of EventProp, as the paper's figure 2 has it.
PUBLISHED = 1e-7


def stack(**changes: Any) -> Network:
    told: dict[str, Any] = {"n_inputs": 8, "hidden": (10,), "n_outputs": 3, "n_steps": 60} | changes
    return Network(**told)


BESIDE = Population(name="beside", size=6)
ONTO_READOUT = Projection(source="hidden1", target="readout", name="readout")

NETWORKS: dict[str, Network] = {
    "lif": stack(),
    "squared": stack(loss=SQUARED_ERROR, window=(20, 50)),
    "two layers": stack(hidden=(10, 8), neuron=ALIF),
    "trace": stack(neuron=REFRACTORY_TRACE, loss=SQUARED_ERROR),
    "to zero": stack(neuron=replace(LIF, name="to_zero", reset="v = 0")),
    "constant": stack(
        neuron=replace(LIF, name="driven", equations="dv/dt = (0.5 + I - v) / tau_mem : 1\ndI/dt = -I / tau_syn : 1")
    ),
    "integrators": stack(neuron=IF, readout=IF_TRAIN, loss=SQUARED_ERROR),
    "recurrent": stack(hidden=(8,), recurrent=True, n_steps=40),
    "delayed": stack(hidden=(8,), recurrent=True, delays=(("hidden1_recurrent", 3), ("readout", 2)), n_steps=40),
    "spiking readout": stack(readout=SPIKE_TRAIN, loss=SQUARED_ERROR),
    "first spike": stack(readout=FIRST_SPIKE, loss=FIRST_SPIKE_CROSS_ENTROPY, window=(59, 60)),
    "single spikes": stack(hidden=(16,), neuron=LIF_SINGLE_SPIKE, loss=SQUARED_ERROR),
    "first spikes of integrators": stack(
        hidden=(16,), n_outputs=8, neuron=IF_SINGLE_SPIKE, readout=IF_FIRST_SPIKE, loss=SQUARED_ERROR, window=(59, 60)
    ),
    "graph": stack(
        populations=(BESIDE,),
        projections=(
            Projection(source="inputs", target="beside"),
            Projection(source="hidden1", target="beside"),
            Projection(source="beside", target="readout", delay=1),
        ),
    ),
    "sparse": stack(
        recurrent=True,
        n_steps=40,
        projections=(
            Projection(source="inputs", target="hidden1", name="hidden1", connect=Connectivity(probability=0.6)),
            Projection(source="hidden1", target="hidden1", connect=Connectivity(itself=False)),
            replace(ONTO_READOUT, connect=Connectivity(fan_in=5)),
        ),
    ),
}


def weights_of(network: Network, gain: float, seed: int = 0) -> dict[str, Array]:
    generator = np.random.default_rng(seed)
    found = {}
    for item in network.all_projections:
        model = network.model_of(item.target)
        strength = gain * (1.0 if item.source == "inputs" else 0.25 if item.recurrent else 0.6)
        scale = strength * weight_to_threshold(model, network.dt, network.n_steps)
        drawn = generator.normal(0.3, 1.0, item.shape)
        found[item.name] = scale / np.sqrt(item.n_synapses / item.ends[1]) * drawn
    return found


def trials_of(network: Network, count: int = 4, seed: int = 1) -> Trials:
    generator = np.random.default_rng(seed)
    raster = generator.random((count, network.n_steps, network.n_inputs)) < 0.08
    return Trials.from_raster(raster, np.eye(network.n_outputs)[generator.integers(network.n_outputs, size=count)])


def farthest(made: ExactTime, weights: dict[str, Array], trials: Trials) -> dict[str, float]:
    """Return how far the gradient is from central differences along random directions, relative to its own norm."""
    generator = np.random.default_rng(2)
    told = made.run(weights, trials, gradient=True)
    found = {}
    for name, gradient in told.gradient.items():
        assert np.linalg.norm(gradient) > 0, f"'{name}' has no gradient"
        errors = []
        for _ in range(4):
            direction = generator.normal(size=gradient.shape)
            direction *= np.linalg.norm(weights[name]) / np.linalg.norm(direction)

            def loss(step: float, name: str = name, direction: Array = direction) -> float:
                other = made.run(weights | {name: weights[name] + step * direction}, trials)
                for layer, spikes in told.spikes.items():
                    assert len(other.spikes[layer].time) == len(spikes.time), "a spike came or went"
                return float(other.loss.mean())

            size = np.linalg.norm(gradient) * np.linalg.norm(direction)
            # Differences have errors of their own, by rounding or by their length: the best of some.
            slopes = [
                (8 * (loss(step) - loss(-step)) - (loss(2 * step) - loss(-2 * step))) / (12 * step)
                for step in (1e-6, 1e-7, 1e-8)
            ]
            errors.append(min(abs(slope - (gradient * direction).sum()) for slope in slopes) / size)
        found[name] = max(errors)
    return found


def case(name: str) -> tuple[Network, dict[str, Array], Trials]:
    network = NETWORKS[name]
    return network, weights_of(network, gain=1.6), trials_of(network)


@pytest.mark.parametrize("name", NETWORKS)
def test_gradient_is_what_central_differences_say(name: str) -> None:
    network, weights, trials = case(name)
    made = ExactTime(network)
    for layer, spikes in made.run(weights, trials).spikes.items():
        assert len(spikes.time) >= 10, f"'{layer}' is next to silent"
    errors = farthest(made, weights, trials)
    assert max(errors.values()) < PUBLISHED, errors


@pytest.mark.parametrize("part", ["elsewhere", "later", "sooner"])
def test_what_central_differences_would_see(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The controls: a tenth less of what a spike's time does to other neurons, or to its own after or before it."""
    jump, *others = FORMULAS
    wrong = replace(jump, text=jump.text.replace(part, f"0.9 * {part}"))
    assert wrong != jump
    monkeypatch.setattr("workbench.exact_time.exact_time.FORMULAS", (wrong, *others))
    network, weights, trials = case("lif")
    errors = farthest(ExactTime(network), weights, trials)
    assert errors["hidden1"] > 1e-3
    assert errors["readout"] < PUBLISHED


def potential(times: Array, arrive: Array, weights: Array, spikes: Array) -> Array:
    """Return the potential on paper: what each input adds, and what each spike takes."""
    tau_mem, tau_syn = 20e-3, 10e-3
    since, after = times[:, None] - arrive, times[:, None] - spikes
    kernel = (np.exp(-since / tau_mem) - np.exp(-since / tau_syn)) * tau_syn / (tau_mem - tau_syn)
    taken = np.where(after > 0, np.exp(-after / tau_mem), 0)
    return np.asarray(np.where(since > 0, kernel, 0) @ weights - taken.sum(axis=1))


def test_spikes_are_where_potentials_reach_threshold() -> None:
    network, weights, trials = case("lif")
    spikes = ExactTime(network).run(weights, trials).spikes["hidden1"]
    for trial in range(len(trials)):
        own = slice(trials.start[trial], trials.start[trial + 1])
        arrive, source = np.asarray((trials.step[own] + 1) * network.dt, dtype=np.float64), trials.neuron[own]
        for neuron in range(10):
            mine = spikes.time[(spikes.trial == trial) & (spikes.neuron == neuron)]

            assert np.abs(potential(mine, arrive, weights["hidden1"][source, neuron], mine) - 1).max(initial=0) < 1e-11
            between = np.linspace(0, 60e-3, 6001)
            apart = between[(np.abs(between[:, None] - mine) > 2e-5).all(axis=1)]
            assert potential(apart, arrive, weights["hidden1"][source, neuron], mine).max() < 1


def test_each_trial_is_what_it_is_alone() -> None:
    network, weights, trials = case("two layers")
    made = ExactTime(network)
    together = made.run(weights, trials, gradient=True, per_trial=True)
    mean = made.run(weights, trials, gradient=True)
    for name, gradient in mean.gradient.items():
        assert np.allclose(together.gradient[name], gradient, rtol=1e-12, atol=1e-12 * np.abs(gradient).max())
    for number in range(len(trials)):
        alone = made.run(weights, trials.take(np.array([number])), gradient=True)
        assert alone.loss[0] == together.loss[number]
        for name, gradient in alone.gradient.items():
            assert np.array_equal(gradient, together.gradients[name][number])


def test_weights_that_add_up_to_the_same_spike_at_the_same_time() -> None:
    """Neurons that are alike cross at once, also where they reach each other."""
    network = stack(hidden=(4,), recurrent=True)
    weights = weights_of(network, gain=1.6)
    weights = {name: np.repeat(array[:, :1], array.shape[1], axis=1) for name, array in weights.items()}
    weights["hidden1_recurrent"] = np.full((4, 4), -0.05)
    weights["hidden1"] = np.abs(weights["hidden1"])
    spikes = ExactTime(network).run(weights, trials_of(network)).spikes["hidden1"]
    counts = np.bincount(spikes.neuron, minlength=4)
    assert counts.min() > 0
    assert len(set(counts.tolist())) == 1


NOT_LINEAR = replace(LIF, name="not_linear", equations="dv/dt = (I - v * v) / tau_mem : 1\ndI/dt = -I / tau_syn : 1")
OSCILLATES = NeuronModel(
    name="resonates",
    equations="dv/dt = (I - v - u) / tau_mem : 1\ndu/dt = (10 * v - u) / tau_mem : 1\ndI/dt = -I / tau_syn : 1",
    drive="v - v_th", reset="v -= v_th", parameters=LIF.parameters,
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"neuron": NOT_LINEAR}, "linear with constant coefficients; that of 'v' is not"),
        ({"neuron": OSCILLATES}, "its equations oscillate"),
        ({"neuron": LIF.with_parameters({"tau_syn": "20 ms"})}, "two of its time constants are equal"),
        ({"neuron": LIF.with_parameters({"tau_mem": "uniform(10 ms, 30 ms)"})}, "must have the same numbers"),
        ({"neuron": NOISY}, "noise has a part in its spikes"),
        ({"neuron": ESCAPE}, "noise has a part in its spikes"),
        ({"neuron": REFRACTORY}, "a refractory period has a part in its spikes"),
        ({"neuron": INHIBITED}, "`pooled` has a part in its spikes"),
        ({"neuron": replace(LIF, name="at_once", drive="v + 0.1 * I - v_th")}, "Let 'drive' not read 'I'"),
        ({"neuron": replace(LIF, name="squares", drive="v * v - v_th")}, "'drive' must be a sum of its variables"),
        ({"neuron": LINEAR_RATE}, "'hidden1' sends what it puts out in each step"),
        (
            {"projections": (replace(ONTO_READOUT, transmits=TSODYKS_MARKRAM),)},
            "'readout' transmits in steps",
        ),
        (
            {
                "populations": (BESIDE,),
                "projections": (
                    Projection(source="hidden1", target="beside"),
                    Projection(source="beside", target="hidden1"),
                ),
            },
            "come back to each other",
        ),
    ],
)
def test_what_has_no_continuous_time_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ModelError) as refused:
        ExactTime(stack(**changes))
    assert words in str(refused.value)


def test_spikes_without_an_end_are_refused() -> None:
    network = stack(hidden=(4,), recurrent=True)
    weights = weights_of(network, gain=1.6) | {"hidden1_recurrent": np.full((4, 4), 1e5)}
    with pytest.raises(ModelError, match="Spikes of 'hidden1' never end"):
        ExactTime(network).run(weights, trials_of(network))


def test_a_spike_must_bring_its_neuron_below_threshold() -> None:
    network = stack(neuron=replace(LIF, name="stays", reset="v += 0"))
    with pytest.raises(ModelError, match="In 'hidden1' a spike leaves its neuron above threshold"):
        ExactTime(network).run(weights_of(network, gain=1.6), trials_of(network))


def test_trials_of_another_network_are_refused() -> None:
    network = stack()
    with pytest.raises(DataError, match="the input neurons are 0 to 3"):
        ExactTime(stack(n_inputs=4)).run(weights_of(stack(n_inputs=4), 1.6), trials_of(network))


def test_targets_of_each_step() -> None:
    network = stack(loss=SQUARED_ERROR, window=(10, 50))
    weights, trials, made = weights_of(network, 1.6), trials_of(network), ExactTime(network)
    steps = replace(trials, target=np.repeat(trials.target[:, None], network.n_steps, axis=1))
    assert np.allclose(made.run(weights, steps).loss, made.run(weights, trials).loss, rtol=1e-14)


def test_weights_of_another_network_are_refused() -> None:
    network = stack()
    weights = weights_of(network, 1.6)
    with pytest.raises(ModelError, match="Weights"):
        ExactTime(network).run(weights | {"hidden1": weights["hidden1"].T}, trials_of(network))
