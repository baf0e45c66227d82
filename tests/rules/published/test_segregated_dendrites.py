"""Segregated dendrites by another program, with the same random numbers: spikes, and what each layer is taught."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

from tests.networks import REGISTRY, RULES
from workbench.common.counter_noise import drawn, key_of
from workbench.testing.case import Case
from workbench.testing.subject import Subject

Array = NDArray[np.float64]
RULE = RULES["segregated_dendrites"]
STEPS, DT, TAU_SYN, TAU_MEM, BASAL, LEAK, MOST = 40, 1e-3, 3e-3, 10e-3, 600.0, 100.0, 200.0
LAYERS = ("hidden1", "hidden2", "readout")

#: Of a soma, its basal dendrite, its synapses and the current that pushes it; and of a filter of spikes.
NEURON = expm(DT * np.array([
    [-BASAL - LEAK, BASAL, 0, 1 / TAU_MEM], [0, -1 / TAU_MEM, 1 / TAU_MEM, 0], [0, 0, -1 / TAU_SYN, 0], [0, 0, 0, 0],
]))  # fmt: skip
FILTER = expm(DT * np.array([[-1 / TAU_SYN, 0], [1 / TAU_MEM, -1 / TAU_MEM]]))


def logistic(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


@dataclass
class Told:
    """What each layer did in each step of a trial, the filtered spikes of its inputs, and its apical potentials."""

    potential: dict[str, list[Array]] = field(default_factory=lambda: {name: [] for name in LAYERS})
    spikes: dict[str, list[Array]] = field(default_factory=lambda: {name: [] for name in LAYERS})
    trace: dict[str, list[Array]] = field(default_factory=lambda: {name: [] for name in LAYERS})
    apical: dict[str, list[Array]] = field(default_factory=lambda: {name: [] for name in LAYERS})


def run(case: Case, trial: int, strength: float) -> Told:
    """Return what the network does in a trial, in whose second half a current of some strength pushes outputs."""
    weights, feedback = case.state.weights, case.state.feedback
    raster, target = case.trials.raster(STEPS, 8)[trial], case.trials.target[trial]
    told = Told()
    soma = {name: np.zeros((4, weights[name].shape[1])) for name in LAYERS}
    traces = {name: np.zeros((2, weights[name].shape[0])) for name in LAYERS}
    apical = {name: np.zeros((2, weights[name].shape[1])) for name in LAYERS[:-1]}
    for step in range(STEPS):
        before = raster[step].astype(float)
        for name in LAYERS:
            soma[name], traces[name] = NEURON @ soma[name], FILTER @ traces[name]
            chance = drawn("uniform", key_of("noise", 0, name, "u"), trial, step, soma[name].shape[1])
            spikes = (MOST * DT * logistic(soma[name][0]) > chance).astype(float)
            soma[name][2] += before @ weights[name]
            traces[name][0] += before
            told.potential[name].append(soma[name][0].copy())
            told.trace[name].append(traces[name][1].copy())
            told.spikes[name].append(spikes)
            before = spikes
        soma["readout"][3] = strength * (2 * target - 1) * (step >= STEPS // 2)
        for name, filtered in apical.items():
            # A rule's statements of a step run before its equations.
            told.apical[name].append(filtered[1].copy())
            apical[name] = FILTER @ filtered
            apical[name][0] += before @ feedback[name]
    return told


def estimates(told: Told) -> dict[str, Array]:
    """Return what is taught, by the means over the last two fifths of both halves."""
    first, second = (slice(at + 3 * STEPS // 10, at + STEPS // 2) for at in (0, STEPS // 2))
    found = {}
    for name in LAYERS:
        height = logistic(np.mean(told.potential[name][first], axis=0))
        if name == "readout":
            differs = logistic(np.array(told.potential[name][second])).mean(0) - height
        else:
            differs = logistic(np.mean(told.apical[name][second], 0)) - logistic(np.mean(told.apical[name][first], 0))
        trace = np.mean(told.trace[name][first], axis=0)
        # A difference of 1 adds 1 ms, of which the estimate is the mean over the trial.
        found[name] = -np.outer(trace, differs * height * (1 - height)) * 1e-3 / (STEPS * DT)
    return found


@pytest.fixture(scope="module")
def case() -> Case:
    return Subject(RULE, *REGISTRY.models_for(RULE)).alive()


def test_estimate_is_that_of_the_papers_equations(case: Case) -> None:
    recording = case.record()
    strength = float(RULE.values()["strength"])
    without_push: dict[str, float] = dict.fromkeys(LAYERS, 0.0)
    for trial in (0, 2, 3):
        told, without = run(case, trial, strength), run(case, trial, 0.0)
        for name in LAYERS:
            if name != "readout":
                spikes = recording.spikes[name].raster(len(case.trials), STEPS, case.state.weights[name].shape[1])
                assert np.array_equal(spikes[trial], np.array(told.spikes[name]))
            found, wanted = recording.gradient[name][trial], estimates(told)[name]
            size = np.abs(wanted).max()
            assert size > 1e-6
            np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9 * size)
            without_push[name] = max(without_push[name], np.abs(found - estimates(without)[name]).max() / size)
    # Where nobody pushes the phases differ otherwise.
    assert min(without_push.values()) > 0.1


def test_outputs_are_pushed_to_where_they_shall_be(case: Case) -> None:
    told = run(case, 2, float(RULE.values()["strength"]))
    late = np.mean(told.potential["readout"][-8:], axis=0)
    wanted = case.trials.target[2] > 0.5
    assert (late[wanted] > 2).all()
    assert (late[~wanted] < -2).all()


def test_checks_give_neurons_that_spike_by_chance_weights_that_do_something(case: Case) -> None:
    """Most neurons have neither the chance to spike that they have without input, nor the least or the greatest."""
    told = [run(case, trial, 0.0) for trial in (0, 2, 3)]
    for name in LAYERS:
        away = np.abs(logistic(np.array([one.potential[name] for one in told])[:, 10:]) - 0.5)
        assert ((away > 0.05) & (away < 0.49)).mean() > 0.5, name
