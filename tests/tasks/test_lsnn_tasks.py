"""Evidence accumulation and pattern generation: what is drawn, what is wanted, and what is refused."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from workbench import TaskData, Trials, WorkbenchError
from workbench.tasks.evidence_accumulation import EVIDENCE_ACCUMULATION
from workbench.tasks.pattern_generation import PATTERN_GENERATION

#: Cues of 30 steps after 10 each, 3 of them, then 20 steps of delay and 40 of the decision.
SMALL = {"cues": 3, "cue": 30, "spacing": 10, "delay": 20, "recall": 40, "inputs": 8, "train": 400}


def rates(trials: Trials, data: TaskData, group: int, first: int, last: int) -> NDArray[np.float64]:
    """Return the share of steps with a spike of a group's neurons between two steps, by trial."""
    raster = trials.raster(data.n_steps, data.n_inputs)
    return np.asarray(raster[:, first:last, 2 * group : 2 * group + 2].mean(axis=(1, 2)))


def test_evidence_is_what_most_cues_say() -> None:
    data = EVIDENCE_ACCUMULATION.data(**SMALL, rate=1000, noise=500, share=0.8)
    assert (data.n_steps, data.window) == (180, (140, 180))
    # At 1000 Hz an input that tells something spikes in each step.
    left, right = (
        np.stack([rates(data.train, data, group, 40 * cue + 10, 40 * cue + 40) for cue in range(3)])
        for group in range(2)
    )
    assert set(np.unique(left)) == set(np.unique(right)) == {0.0, 1.0}
    np.testing.assert_array_equal(left + right, 1)
    np.testing.assert_array_equal(data.train.label, right.sum(axis=0) > 1.5)
    # 0.8^3 + 3 * 0.8^2 * 0.2 of trials are of the side that was drawn, and all three cues agree in 0.8^3 + 0.2^3.
    assert ((right.sum(axis=0) % 3) == 0).mean() == pytest.approx(0.52, abs=0.08)
    assert data.train.label.mean() == pytest.approx(0.5, abs=0.08)
    for cue in range(3):
        assert rates(data.train, data, 0, 40 * cue, 40 * cue + 10).max() == 0
    assert rates(data.train, data, 2, 0, 140).max() == 0
    assert rates(data.train, data, 2, 140, 180).min() == 1
    assert rates(data.train, data, 3, 0, 180).mean() == pytest.approx(0.5, abs=0.01)


def test_sizes_by_default_are_the_authors() -> None:
    data = EVIDENCE_ACCUMULATION.data(train=8)
    assert (data.n_inputs, data.n_outputs, data.n_steps, data.window) == (40, 2, 2250, (2100, 2250))
    assert PATTERN_GENERATION.data().train.target.shape == (1, 1000, 1)


def test_each_epoch_tells_the_same_cues_by_other_spikes() -> None:
    data = EVIDENCE_ACCUMULATION.data(**SMALL, share=1)
    again, third = data.train.drawn_anew(1), data.train.drawn_anew(2)
    np.testing.assert_array_equal(again.target, data.train.target)
    assert not again.same_as(data.train)
    assert not again.same_as(third)
    for trials in (data.train, again):
        for cue in range(3):
            told = rates(trials, data, 1, 40 * cue + 10, 40 * cue + 40)
            assert told[trials.label == 0].max() == 0
            assert told[trials.label == 1].mean() == pytest.approx(0.04, rel=0.15)


def test_counts_of_spikes_tell_the_answer_and_the_decision_alone_does_not() -> None:
    data = EVIDENCE_ACCUMULATION.data(train=600)
    found = []
    for first in (0, 2100):
        counts = [split.raster(2250, 40)[:, first:].sum(axis=1) for split in (data.train, data.test)]
        fitted = LogisticRegression(max_iter=2000).fit(counts[0], data.train.label)
        found.append(fitted.score(counts[1], data.test.label))
    assert found[0] > 0.9
    assert found[1] < 0.6


def test_pattern_is_a_sum_of_four_sines() -> None:
    data = PATTERN_GENERATION.data(outputs=3, train=2)
    assert (len(data.train), len(data.validation), len(data.test)) == (2, 1, 1)
    target = data.test.target[0]
    assert target.shape == (1000, 3)
    np.testing.assert_array_equal(target[0], 0)
    np.testing.assert_allclose(np.abs(target).max(axis=0), 1)
    time = np.linspace(0, 2 * np.pi, 1000)[:, None]
    waves = np.concatenate([wave(time * number) for number in (1, 2, 3, 5) for wave in (np.sin, np.cos)], axis=1)
    whole = np.column_stack([waves, np.ones(1000)])
    misses = [
        np.abs(target - basis @ np.linalg.lstsq(basis, target, rcond=None)[0]).max() for basis in (whole, whole[:, 2:])
    ]
    assert misses[0] < 1e-12
    assert misses[1] > 0.05
    assert not np.allclose(target[:, 0], target[:, 1])
    assert data.train.raster(1000, 100).mean() == pytest.approx(0.05, rel=0.05)
    assert not np.array_equal(PATTERN_GENERATION.data(pattern=1).train.target, PATTERN_GENERATION.data().train.target)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("cues", 2, "must be odd, so that one side has more of them, not 2"),
        ("cues", 0, "must be a whole number from 1, not 0"),
        ("delay", 1.5, "must be a whole number from 0, not 1.5"),
        ("inputs", 6, "must be a multiple of 4, for groups of equal size, not 6"),
        ("rate", 2000, "must lie above 0 and not above 1000, not 2000"),
        ("share", 0.5, "must lie above 0.5 and not above 1, not 0.5"),
        ("noise", 50, "must not be above `rate`, 40 Hz, not 50"),
        ("train", 3, "must be a whole number from 4, not 3"),
    ],
)
def test_evidence_refuses_what_does_not_fit(name: str, value: float, told: str) -> None:
    with pytest.raises(WorkbenchError, match=f"^evidence_accumulation.{name}: {told}"):
        EVIDENCE_ACCUMULATION.data(**{name: value})


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("outputs", 0, "must be a whole number from 1, not 0"),
        ("steps", 9, "must be a whole number from 10, not 9"),
        ("rate", 0, "must lie above 0 and not above 1000 Hz, not 0"),
    ],
)
def test_pattern_refuses_what_does_not_fit(name: str, value: float, told: str) -> None:
    with pytest.raises(WorkbenchError, match=f"^pattern_generation.{name}: {told}"):
        PATTERN_GENERATION.data(**{name: value})
