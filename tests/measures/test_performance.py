"""Accuracy, loss and spikes of recordings whose numbers are known."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from workbench.declare.measured import Measured
from workbench.declare.recording import Recording, Spikes, join
from workbench.declare.trials import Trials
from workbench.measures.performance import accuracy, chance, local_accuracy, loss, silent_layers, spikes_per_trial


def spikes(*events: tuple[int, int, int]) -> Spikes:
    columns = np.array(events, dtype=np.int64).reshape(-1, 3).T
    return Spikes(*columns)


def recording() -> Recording:
    output = np.array([[0.1, 0.9], [0.8, 0.2], [0.3, 0.4], [0.5, 0.5]])
    layers = {"hidden1": spikes((0, 1, 2), (0, 3, 0), (3, 0, 1)), "hidden2": spikes()}
    return Recording(np.array([1.0, 2.0, 3.0, 6.0]), output, layers)


def trials(labels: list[int]) -> Trials:
    return Trials(np.zeros(len(labels) + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32), np.eye(2)[labels])


def test_accuracy_is_the_share_of_right_predictions() -> None:
    assert list(recording().prediction) == [1, 0, 1, 0]
    assert accuracy(recording(), trials([1, 0, 0, 0])) == Measured(0.75)
    assert accuracy(recording(), trials([0, 1, 0, 1])) == Measured(0.0)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        (np.eye(2)[[1, 1, 1, 1]], "All 4 trials are of class 1, so that there is nothing to tell apart."),
        (np.ones((4, 1)), "The targets are no classes."),
        (np.array([[2.0, 0.5]] * 4), "The targets are no classes."),
    ],
)
def test_accuracy_without_classes_to_tell_apart_is_undefined(target: NDArray[np.float64], reason: str) -> None:
    given = replace(trials([0, 0, 0, 0]), target=target)
    found = accuracy(recording(), given)
    assert np.isnan(found.value)
    assert found.reason == reason
    assert np.isnan(chance(given))
    local = local_accuracy(replace(recording(), local_output={"hidden1": recording().output}), given)
    assert local["hidden1"].reason == reason


def test_chance_is_the_share_of_the_largest_class() -> None:
    assert chance(trials([0, 1, 1, 1])) == 0.75
    assert chance(trials([0, 1, 0, 1])) == 0.5


def test_loss_and_spikes_are_means_over_trials() -> None:
    assert loss(recording()) == 3.0
    assert spikes_per_trial(recording()) == 0.75
    assert silent_layers(recording()) == ["hidden2"]


def test_spikes_as_raster() -> None:
    raster = recording().spikes["hidden1"].raster(4, 5, 3)
    assert raster.sum() == 3
    assert raster[0, 1, 2]
    assert raster[0, 3, 0]
    assert raster[3, 0, 1]
    assert list(recording().spikes["hidden1"].per_trial(4)) == [2, 0, 0, 1]


def test_joined_recordings_count_trials_on() -> None:
    both = join([recording(), recording()])
    assert len(both) == 8
    assert list(both.spikes["hidden1"].trial) == [0, 0, 3, 4, 4, 7]
    assert list(both.loss) == [1, 2, 3, 6, 1, 2, 3, 6]
    assert accuracy(both, trials([1, 0, 1, 0] * 2)) == Measured(1.0)
