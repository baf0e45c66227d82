"""Neurons stand for the class that they respond to, and trials for the class whose neurons respond."""

import numpy as np
import pytest

from workbench.common.errors import DataError
from workbench.declare.recording import Recording, Spikes
from workbench.measures.label_assignment import assigned, responses, voted

#: Trials by neurons: the first answers class 0, the second class 1, the third both alike, the fourth never.
COUNTS = np.array([[5, 0, 2, 0], [3, 1, 2, 0], [0, 4, 2, 0], [1, 6, 2, 0]])
LABELS = np.array([0, 0, 1, 1])


def test_responses_are_counted_by_trial_and_neuron() -> None:
    spikes = Spikes(np.array([0, 0, 2]), np.array([1, 7, 3]), np.array([1, 1, 0]))
    recording = Recording(np.zeros(3), np.zeros((3, 2)), {"hidden1": spikes})
    assert responses(recording, "hidden1", 3).tolist() == [[0, 2, 0], [0, 0, 0], [1, 0, 0]]


def test_neurons_stand_for_the_class_that_they_respond_to() -> None:
    assert assigned(COUNTS, LABELS, 2).tolist() == [0, 1, 0, -1]
    # More trials of a class do not make it more likely.
    often = np.vstack([COUNTS, COUNTS[2:], COUNTS[2:]]), np.concatenate([LABELS, LABELS[2:], LABELS[2:]])
    assert assigned(*often, 2).tolist() == [0, 1, 0, -1]


def test_trials_are_of_the_class_whose_neurons_respond_most_on_average() -> None:
    classes = np.array([0, 1, 0, -1])
    assert voted(np.array([[2, 3, 2, 0], [4, 3, 4, 0], [0, 0, 0, 9]]), classes, 2).tolist() == [1, 0, -1]


def test_what_cannot_be_assigned_is_refused() -> None:
    with pytest.raises(DataError, match="there are 4 trials, and 3 labels"):
        assigned(COUNTS, LABELS[:3], 2)
    with pytest.raises(DataError, match="class 2 has no trial"):
        assigned(COUNTS, LABELS, 3)
