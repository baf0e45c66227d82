"""Measures of spike trains, by brute force: van Rossum's integral in small steps, and the best pairing of all."""

from itertools import permutations

import numpy as np
import pytest

from tests.networks import error_of
from workbench import Network, Trials
from workbench.declare.decision import MEAN, PEAK
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.measure import Looked
from workbench.declare.neuron_models import LEAKY_INTEGRATOR, SPIKE_TRAIN
from workbench.declare.recording import Recording, Spikes
from workbench.declare.task import TaskData
from workbench.measures.spike_trains import spikes_as_wanted, threshold_errors, van_rossum, wanted_spikes_hit

STEPS, TRIALS, OUTPUTS = 120, 6, 2
INPUT = np.ones((TRIALS, STEPS, 1))


def looked(wanted: np.ndarray, spiked: np.ndarray) -> Looked:
    """Return what is seen of outputs that are to spike at some times, and do at others."""
    network = Network(n_inputs=1, hidden=(), n_outputs=OUTPUTS, n_steps=STEPS, readout=SPIKE_TRAIN, loss=SQUARED_ERROR)
    trials = Trials.from_raster(INPUT[: len(wanted)], wanted)
    data = TaskData(1, OUTPUTS, STEPS, 1e-3, trials, trials, trials, targets="spikes")
    zero = np.zeros(len(wanted))
    recording = Recording(zero, np.zeros((len(wanted), OUTPUTS)), {"readout": Spikes(*np.nonzero(spiked))})
    return Looked(network, data.test, recording, {}, {})


def random_trains(seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    wanted, spiked = (generator.random((TRIALS, STEPS, OUTPUTS)) < 0.03 for _ in range(2))
    return wanted.astype(float), spiked


def best(wanted: np.ndarray, spiked: np.ndarray) -> int:
    """Return how many pairs within two steps there are at most."""
    few, many = sorted((np.flatnonzero(wanted), np.flatnonzero(spiked)), key=len)
    ways = permutations(many, len(few))
    return max((sum(abs(one - other) <= 2 for one, other in zip(few, way, strict=True)) for way in ways), default=0)


@pytest.mark.parametrize("seed", range(3))
def test_pairs_are_as_many_as_can_be(seed: int) -> None:
    wanted, spiked = random_trains(seed)
    # Few enough for all pairings.
    spiked &= np.cumsum(spiked, axis=1) <= 5
    look = looked(wanted, spiked)
    pairs = sum(best(wanted[k, :, j], spiked[k, :, j]) for k in range(TRIALS) for j in range(OUTPUTS))
    assert 0 < pairs < spiked.sum()
    hit, right = wanted_spikes_hit(look), spikes_as_wanted(look)
    assert hit is not None
    assert hit.value == pytest.approx(pairs / wanted.sum())
    assert right is not None
    assert right.value == pytest.approx(pairs / spiked.sum())


def test_distance_is_van_rossums_integral() -> None:
    wanted, spiked = random_trains(5)
    found = van_rossum(looked(wanted, spiked))
    assert found is not None
    fine = np.arange(0, STEPS * 1e-3 + 0.2, 1e-6)
    squares = []
    for trial, output in np.ndindex(TRIALS, OUTPUTS):
        course = np.zeros_like(fine)
        for train, sign in ((wanted, 1.0), (spiked, -1.0)):
            for step in np.flatnonzero(train[trial, :, output]):
                late = fine - step * 1e-3
                course += sign * (late >= -1e-9) * np.exp(-np.maximum(late, 0) / 10e-3)
        squares.append(np.sum(course**2) * 1e-6 / 10e-3)
    assert error_of(np.array([found.value]), np.array([np.mean(squares)])) < 1e-3


def test_alone_and_equal_trains() -> None:
    wanted = np.zeros((1, STEPS, OUTPUTS))
    wanted[0, 30, 0] = 1
    alone, equal = looked(wanted, wanted > 1), looked(wanted, wanted > 0)
    values = [measure(look) for look in (alone, equal) for measure in (van_rossum, wanted_spikes_hit)]
    # One output of two lacks a spike.
    assert [value.value for value in values if value is not None] == [0.25, 0.0, 0.0, 1.0]
    nothing = spikes_as_wanted(alone)
    assert nothing is not None
    assert nothing.reason == "The outputs have no spikes."
    none = wanted_spikes_hit(looked(0 * wanted, wanted > 0))
    assert none is not None
    assert none.reason == "No spike is wanted."


def test_errors_are_counted_at_a_peak_of_1_and_elsewhere_not_at_all() -> None:
    network = Network(n_inputs=1, hidden=(), n_outputs=2, n_steps=STEPS, readout=LEAKY_INTEGRATOR, decision=PEAK)
    trials = Trials.from_raster(INPUT[:2], np.eye(2))
    score = np.array([[1.5, 0.2], [1.0, 0.9]])
    recording = Recording(np.zeros(2), np.zeros((2, 2)), {}, score=score)
    found = threshold_errors(Looked(network, trials, recording, {}, {}))
    assert found is not None
    assert found.value == 0.5
    plain = Network(n_inputs=1, hidden=(), n_outputs=2, n_steps=STEPS, readout=LEAKY_INTEGRATOR, decision=MEAN)
    assert threshold_errors(Looked(plain, trials, recording, {}, {})) is None
    assert van_rossum(Looked(plain, trials, recording, {}, {})) is None
