"""The gradient at the level of spike trains: the slope of a smooth form of its own, solved by another program."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import CAPACITY, RULES, assert_alive, error_of
from workbench import Network
from workbench.common.errors import GradientError
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.neuron_models import LIF, ZERO_RESET
from workbench.model.setup import Setup
from workbench.testing.case import Case, random_case

Array = NDArray[np.float64]
DT, TAU_MEM, TAU_SYN, STEPS = 1e-3, 20e-3, 10e-3, 40
MEM, SYN = np.exp(-DT / TAU_MEM), np.exp(-DT / TAU_SYN)
SHARE = TAU_SYN / (TAU_MEM - TAU_SYN) * (MEM - SYN)


def case_of(hidden: tuple[int, ...] = (8, 7), **changes: Any) -> Case:
    fields: dict[str, Any] = {"recurrent": True, "neuron": ZERO_RESET} | changes
    network = Network(
        n_inputs=8, hidden=hidden, n_outputs=3, n_steps=STEPS, loss=SQUARED_ERROR, window=(10, 35), **fields
    )
    setup = Setup(network=network, rule=RULES["st_rsbp"], feedback="none", **CAPACITY)
    return random_case(setup, count=4, gain=3.0, rate=0.1)


def potentials(sent: Array, spikes: Array | None) -> tuple[Array, Array]:
    """Return the course of what a unit weight makes of spikes, and what of it is found at spikes that set it back."""
    size = 1 if spikes is None else spikes.shape[1]
    v, current = np.zeros((sent.shape[1], size)), np.zeros((sent.shape[1], size))
    course, found = np.zeros((STEPS, sent.shape[1])), np.zeros((sent.shape[1], size))
    for step in range(STEPS):
        v, current = v * MEM + current * SHARE, current * SYN
        course[step] = v[:, 0]
        if spikes is not None:
            found += v * spikes[step]
            v = v * (1 - spikes[step])
        current = current + sent[step][:, None]
    return course, found


class SmoothForm:
    """A trial's loss where numbers of spikes follow the weights, and all else is as it was recorded."""

    def __init__(self, case: Case, trial: int) -> None:
        recording, count = case.record("numpy"), len(case.trials)
        self.spikes = {"inputs": case.trials.raster(STEPS, 8)[trial].astype(np.float64)}
        for name, size in case.setup.network.spiking_layers.items():
            self.spikes[name] = recording.spikes[name].raster(count, STEPS, size)[trial].astype(np.float64)
        self.case, self.target = case, case.trials.target[trial]
        self.layers = [name for name in self.spikes if name != "inputs"]
        self.many = {name: self.spikes[name].sum(axis=0) for name in self.layers}
        self.effects = {
            item.name: potentials(self.spikes[item.source], self.spikes[item.target])[1]
            for item in case.setup.network.all_projections
            if item.target != "readout"
        }
        self.course = potentials(self.spikes[self.layers[-1]], None)[0]
        self.potential = self.at_spikes(case.state.weights, self.many)

    def at_spikes(self, weights: dict[str, Array], many: dict[str, Array]) -> dict[str, Array]:
        found = {name: np.zeros(len(self.many[name])) for name in self.layers}
        for item in self.case.setup.network.all_projections:
            if item.target != "readout":
                times = np.ones(8)
                if item.source != "inputs":
                    times = many[item.source] / np.maximum(self.many[item.source], 1)
                found[item.target] += (weights[item.name] * self.effects[item.name] * times[:, None]).sum(axis=0)
        return found

    def loss(self, weights: dict[str, Array]) -> float:
        """Return the loss, the numbers of spikes found by Newton's steps on differences."""
        many = np.concatenate([self.many[name] for name in self.layers])
        cuts = np.cumsum([len(self.many[name]) for name in self.layers])[:-1]
        spiking = many > 0

        def residual(numbers: Array) -> Array:
            parts = dict(zip(self.layers, np.split(numbers, cuts), strict=True))
            after = self.at_spikes(weights, parts)
            moved = np.concatenate([after[name] - self.potential[name] for name in self.layers])
            return np.asarray(numbers - many - moved * spiking)

        at = residual(many)
        slope = np.stack([residual(many + unit) - at for unit in np.eye(len(many))], axis=1)
        numbers = many - np.linalg.solve(slope, at)
        assert np.abs(residual(numbers)).max() < 1e-9
        top = np.split(numbers, cuts)[-1] / np.maximum(self.many[self.layers[-1]], 1)
        output = self.course * top @ weights["readout"]
        return float(0.5 * ((output - self.target)[10:35] ** 2).sum(axis=1).mean())


@pytest.mark.parametrize("hidden", [(9,), (8, 7)])
def test_it_is_the_slope_of_its_smooth_form(hidden: tuple[int, ...]) -> None:
    case = case_of(hidden)
    recording = case.record("numpy")
    assert_alive(recording, case.setup)
    found, generator = case.estimates(recording), np.random.default_rng(0)
    for trial in (0, 2):
        smooth = SmoothForm(case, trial)
        assert smooth.loss(case.state.weights) == pytest.approx(recording.loss[trial], rel=1e-9)
        for name, array in case.state.weights.items():
            along, step = generator.standard_normal(array.shape), 1e-5
            up, down = (smooth.loss(case.state.weights | {name: array + sign * step * along}) for sign in (1, -1))
            slope = (up - down) / (2 * step)
            assert float((found[name][trial] * along).sum()) == pytest.approx(slope, rel=1e-5), name
            assert float((found[name][trial] * along[::-1]).sum()) != pytest.approx(slope, rel=1e-2), name


def test_what_spikes_find_is_about_a_threshold_each() -> None:
    case = case_of((9,), recurrent=False)
    smooth = SmoothForm(case, 0)
    found, many = smooth.potential["hidden1"], smooth.many["hidden1"]
    assert (found >= many).all()
    assert found.sum() < 1.5 * many.sum()


def test_recurrence_is_part_of_it() -> None:
    case = case_of((9,))
    recording = case.record("numpy")
    found = case.estimates(recording)["hidden1"]
    # The same spikes, as if those of the layer itself had done nothing.
    alone = case.state.weights | {"hidden1_recurrent": np.zeros((9, 9))}
    cut = replace(case, state=case.state.with_weights(alone))
    assert error_of(cut.estimates(recording)["hidden1"], found) > 0.05


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"neuron": LIF}, "neurons of 'hidden1' must be 'lif_zero_reset', not 'lif'"),
        ({"neuron": ZERO_RESET.with_parameters({"tau_mem": "uniform(10 ms, 30 ms)"})}, "neurons of 'hidden1' differ"),
    ],
)
def test_other_neurons_have_none(changes: dict[str, Any], why: str) -> None:
    case = case_of((9,), **changes)
    with pytest.raises(GradientError, match=f"at the level of spike trains: {why}"):
        case.estimates(case.record("numpy"))
