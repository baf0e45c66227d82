"""Error-modulated STDP by another program: the spikes of neurons and of their error neurons, and what is learnt."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import REGISTRY, RULES
from workbench.testing.case import Case, random_case
from workbench.testing.subject import Subject

Array = NDArray[np.float64]
RULE = RULES["stdp_backprop"]
STEPS, FADE, OUTPUTS_AT, HIDDEN_AT, KEPT = 40, np.exp(-1), 2.0, 0.5, np.exp(-1 / 64)
LAYERS = ("hidden1", "hidden2", "readout")


@dataclass
class Layer:
    """Neurons of a layer, each with one error neuron for what is missing and one for what is too much."""

    size: int
    n_pre: int
    spikes: list[Array] = field(default_factory=list)
    errors: list[Array] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.v, self.current, self.missing, self.surplus, self.tag, self.late = np.zeros((6, self.size))
        self.trace = np.zeros(self.n_pre)

    def integrate(self) -> Array:
        self.v, self.current = self.v + self.current * (1 - FADE), self.current * FADE
        self.spikes.append((self.v > 1).astype(float))
        return self.spikes[-1]

    def fire(self, threshold: float, gate: Array | float, kick: float) -> Array:
        """Return the spikes of the error neurons, which set them back to 0 and kick the neuron."""
        sent = gate * ((self.missing >= threshold).astype(float) - (self.surplus >= threshold))
        for name in ("missing", "surplus"):
            value = getattr(self, name)
            setattr(self, name, np.where(value < threshold, value, 0.0))
        self.v = self.v + kick * sent
        self.errors.append(sent)
        return np.asarray(sent)


def run(case: Case, trial: int, kick: float = 1.0) -> dict[str, Layer]:
    """Return what the layers do in a trial."""
    weights = case.state.weights
    raster, target = case.trials.raster(STEPS, 8)[trial].astype(float), case.trials.target[trial]
    layers = {name: Layer(*weights[name].shape[::-1]) for name in LAYERS}
    for step in range(STEPS):
        elapsed, before = (step + 0.5) / STEPS, raster[step]
        for name, layer in layers.items():
            spiked = layer.integrate()
            layer.current += before @ weights[name]
            layer.trace = layer.trace * KEPT + before
            layer.tag += spiked * (elapsed > 0.2)
            layer.late += spiked * (elapsed > 0.6)
            before = spiked
        readout = layers["readout"]
        if elapsed > 0.6:
            readout.missing += target * (1 - before)
            readout.surplus += (1 - target) * before
        down = readout.fire(OUTPUTS_AT, 1.0, kick)
        for name, above in (("hidden2", "readout"), ("hidden1", "hidden2")):
            layer = layers[name]
            balance = layer.missing - layer.surplus + weights[above] @ down
            layer.missing, layer.surplus = np.maximum(balance, 0), np.maximum(-balance, 0)
            down = layer.fire(HIDDEN_AT, (layer.tag > layer.late).astype(float), kick)
        for layer in layers.values():
            layer.v = layer.v - layer.spikes[-1]
    return layers


@pytest.fixture(scope="module")
def case() -> Case:
    return random_case(Subject(RULE, *REGISTRY.models_for(RULE)).setup(), rate=0.15)


def test_stdp_backprop_is_that_of_the_script(case: Case) -> None:
    recording = case.record()
    changed, fired = dict.fromkeys(LAYERS, False), dict.fromkeys(LAYERS, 0)
    for trial in range(len(case.trials)):
        layers, without = run(case, trial), run(case, trial, kick=0.0)
        for name, layer in layers.items():
            spikes = np.array(layer.spikes)
            assert np.array_equal(recording.spikes[name].raster(len(case.trials), STEPS, layer.size)[trial], spikes)
            expected = -np.outer(layer.trace, layer.late - layer.tag / 2) / STEPS
            np.testing.assert_allclose(recording.gradient[name][trial], expected, rtol=1e-9, atol=1e-12)
            changed[name] |= not np.array_equal(spikes, np.array(without.pop(name).spikes))
            fired[name] += len(np.unique(np.nonzero(layer.errors)[1]))
    # Error neurons have a part in it in every layer: without their kicks, other neurons spike.
    assert all(changed.values())
    assert min(fired.values()) > 3
    signs = {sign for layer in layers.values() for sign in np.unique(layer.errors)}
    assert signs == {-1.0, 0.0, 1.0}
