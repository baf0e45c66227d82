"""The trials that are looked at: of each class as many, in each half as well."""

import numpy as np
import pytest
from numpy.typing import NDArray

from workbench.declare.trials import Trials
from workbench.study.run.probe import balanced
from workbench.study.seeds import stream
from workbench.tasks.yin_yang import YIN_YANG


def split(label: NDArray[np.int64]) -> Trials:
    """Return trials in which trial k has one event, in step k."""
    count = len(label)
    step = np.arange(count, dtype=np.int32)
    target = np.eye(int(label.max()) + 1)[label]
    return Trials(np.arange(count + 1), step, np.zeros(count, dtype=np.int32), target)


def spread(trials: Trials) -> int:
    """Return how far the numbers of two classes differ, in all trials or in one of their halves."""
    parts = (trials.label, trials.label[::2], trials.label[1::2])
    counts = [np.bincount(part, minlength=trials.target.shape[1]) for part in parts]
    return max(int(count.max() - count.min()) for count in counts)


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("count", [20, 127, 128])
def test_classes_are_there_equally_often_in_each_half(classes: int, count: int) -> None:
    label = np.random.default_rng(3).integers(classes, size=1000)
    found = balanced(split(label), count, stream("probe", "x"))
    assert len(found) == count
    # Whole numbers: one more or less of a class, in a half as well.
    assert spread(found) <= 2
    # The control: the first trials of the split.
    assert spread(split(label).take(np.arange(count))) > 2


def test_halves_of_the_probe_of_yin_yang_have_the_same_classes() -> None:
    validation = YIN_YANG.data(train=10, validation=1000, test=10).validation
    assert spread(balanced(validation, 128, stream("probe", "yin_yang"))) <= 1
    assert spread(validation.take(np.arange(128))) > 5


def test_each_trial_is_there_once_with_its_own_events() -> None:
    trials = split(np.arange(60) % 3)
    found = balanced(trials, 30, stream("probe", "x"))
    assert len(set(found.step)) == 30
    assert (found.label == found.step % 3).all()
    # Drawn from all of the split, and by the stream alone.
    assert found.step.max() > 40
    assert (balanced(trials, 30, stream("probe", "x")).step == found.step).all()
    assert set(balanced(trials, 30, stream("probe", "y")).step) != set(found.step)


def test_a_rare_class_is_there_as_often_as_the_split_has_it() -> None:
    label = np.array([0] * 50 + [1] * 40 + [2] * 3)
    assert np.bincount(balanced(split(label), 43, stream("probe", "x")).label).tolist() == [20, 20, 3]
    assert len(balanced(split(label), 500, stream("probe", "x"))) == 93


def test_targets_that_are_no_classes_are_drawn_as_they_come() -> None:
    trials = split(np.arange(40) % 2)
    steps = Trials(trials.start, trials.step, trials.neuron, np.repeat(trials.target[:, None], 5, axis=1))
    found = balanced(steps, 10, stream("probe", "x"))
    assert found.target.shape == (10, 5, 2)
    assert len(set(found.step)) == 10
