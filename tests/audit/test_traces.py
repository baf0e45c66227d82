"""Rasters and traces of a network are those of the network that runs, step by step."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import expm

import workbench
from tests.networks import SETUPS
from workbench.common.errors import ModelError
from workbench.declare.neuron_models import SPIKE_TRAIN
from workbench.reference.bptt import reference
from workbench.testing.case import Case, random_case


@pytest.fixture(scope="module")
def case() -> Case:
    return random_case(SETUPS["eprop_1"], count=3)


def alone(case: Case) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return spikes, and potentials and currents at the end of each step, of the default neuron written in NumPy."""
    over_a_step = expm(np.array([[-1 / 20, 1 / 20], [0, -1 / 10]]))
    arriving = case.trials.raster(40, 8) @ case.state.weights["hidden1"]
    spikes, found = np.zeros(arriving.shape, dtype=bool), {name: np.zeros(arriving.shape) for name in "vI"}
    potential, current = np.zeros((2, *arriving[:, 0].shape))
    for step in range(40):
        potential, current = np.tensordot(over_a_step, np.array([potential, current]), axes=1)
        spikes[:, step] = potential > 1
        current = current + arriving[:, step]
        potential = potential - spikes[:, step]
        found["v"][:, step], found["I"][:, step] = potential, current
    return spikes, found


def test_traces_are_those_of_the_equations(case: Case) -> None:
    found = workbench.record(case.setup.network, case.state.weights, case.trials, ("v", "I"))
    spikes, wanted = alone(case)
    assert spikes.any()
    assert np.array_equal(found.spikes["hidden1"], spikes)
    for name, array in wanted.items():
        assert found.variables["hidden1"][name].shape == (3, 40, 9)
        assert np.abs(found.variables["hidden1"][name] - array).max() < 1e-12
        assert np.abs(found.variables["hidden1"][name][:, 1:] - array[:, :-1]).max() > 0.1, "a step early or late"


def test_traces_are_those_of_the_reference(case: Case) -> None:
    found = workbench.record(case.setup.network, case.state.weights, case.trials)
    own = reference(case.setup).run(case.state.weights, {}, case.trials)
    assert np.array_equal(own["spikes"]["hidden1"] > 0.5, found.spikes["hidden1"])
    mean = found.variables["readout"]["v"].mean(axis=1)
    assert np.abs(mean - own["output"]).max() < 1e-12 * np.abs(mean).max()
    assert "readout" not in found.spikes


def test_layers_have_what_their_models_have(case: Case) -> None:
    network = replace(case.setup.network, readout=SPIKE_TRAIN)
    found = workbench.record(network, case.state.weights, case.trials, ("y",))
    assert found.variables["hidden1"] == {}
    assert found.variables["readout"]["y"].any()
    # Each spike is filtered: the first output comes a step after the first spike.
    spikes, output = found.spikes["readout"], found.variables["readout"]["y"]
    first = np.argmax(spikes.any(axis=(0, 2)))
    assert spikes.any()
    assert not output[:, : first + 1].any()
    assert output[:, first + 1].any()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"variables": ("u",)}, "No layer has a variable 'u'. There are: 'I', 'v'"),
        ({"weights": {}}, "Weights of 'hidden1' are missing"),
    ],
)
def test_what_is_not_there_is_refused(change: dict[str, object], words: str, case: Case) -> None:
    arguments = {"network": case.setup.network, "weights": case.state.weights, "trials": case.trials} | change
    with pytest.raises(ModelError, match=words):
        workbench.record(**arguments)  # type: ignore[arg-type]
