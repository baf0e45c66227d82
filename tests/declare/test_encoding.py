"""What cannot be coded as spikes is refused, and said."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from workbench import Trials, latency_coded, poisson_coded, rate_coded
from workbench.catalogue.registry import load_registry
from workbench.common.counter_noise import drawn, key_of
from workbench.common.errors import DataError
from workbench.declare.poisson import Chances
from workbench.study.results.identity import checksum

VALUES = np.random.default_rng(2).random((6, 4))
LABELS = np.arange(6) % 3


def latency(
    values: Any = VALUES, labels: Any = LABELS, n_classes: Any = 3, span: Any = 30, below: Any = 0.05
) -> Trials:
    return latency_coded(values, labels, n_classes, span, below, bias=True)


def rate(values: Any = VALUES, labels: Any = LABELS, n_classes: Any = 3, n_steps: Any = 40, most: Any = 0.25) -> Trials:
    return rate_coded(values, labels, n_classes, n_steps, most, bias=True)


CODINGS = {"latency": latency, "rate": rate}

MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "z-scored": ({"values": VALUES * 4 - 2}, "must lie from 0 to 1, and go from -[0-9.]+ to [0-9.]+. Scale them"),
    "a little beyond": ({"values": VALUES / VALUES.max() * 1.03}, "must lie from 0 to 1, and go from [0-9.]+ to 1.03"),
    "NaN": ({"values": np.where(VALUES[2, 1] == VALUES, np.nan, VALUES)}, "that of trial 2, input 1 is nan"),
    "infinite": ({"values": np.where(VALUES[2, 1] == VALUES, np.inf, VALUES)}, "must be finite"),
    "one row": ({"values": VALUES[0]}, r"in an array of shape \(n_trials, n_values\), not float64 of shape \(4,\)"),
    "words": ({"values": VALUES.astype(str)}, "must be numbers"),
    "signs": ({"labels": np.where(LABELS > 1, 1, -1)}, "whole numbers from 0 to 2 for 3 classes, and are from -1 to 1"),
    "from 1": ({"labels": LABELS + 1}, "from 1 to 3. Number the classes: np.unique"),
    "names": ({"labels": np.array(["a", "b", "c"] * 2)}, "are <U1, such as a. Number the classes"),
    "truths": ({"labels": LABELS > 1}, "are bool, such as False"),
    "floats": ({"labels": LABELS * 1.0}, "are float64, such as 0.0"),
    "fewer labels": ({"labels": LABELS[:4]}, r"there are 6 trials, but the labels have shape \(4,\)"),
    "one-hot labels": ({"labels": np.eye(3)[LABELS]}, r"there are 6 trials, but the labels have shape \(6, 3\)"),
    "no class": ({"n_classes": 0}, "`n_classes` must be a whole number from 1, not 0"),
}  # fmt: skip


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("name", MISTAKES)
def test_mistaken_values_and_labels_are_refused(coding: str, name: str) -> None:
    changes, message = MISTAKES[name]
    assert len(CODINGS[coding]()) == 6
    with pytest.raises(DataError, match=message):
        CODINGS[coding](**changes)


@pytest.mark.parametrize(
    ("coding", "changes", "message"),
    [
        ("latency", {"span": -5}, "`span` must be a whole number from 1, not -5"),
        ("latency", {"span": 2.5}, "`span` must be a whole number from 1, not 2.5"),
        ("latency", {"below": float("nan")}, "`silent_below` must be a finite number, not nan"),
        ("latency", {"below": 1.5}, "`silent_below` must lie from 0 to 1, as values do, not 1.5"),
        ("rate", {"n_steps": 0}, "`n_steps` must be a whole number from 1, not 0"),
        ("rate", {"most": 0.0}, "`most` must lie above 0 and not above 1 spike per step, not 0"),
        ("rate", {"most": 1.5}, "`most` must lie above 0 and not above 1 spike per step, not 1.5"),
    ],
)
def test_mistaken_numbers_are_refused(coding: str, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        CODINGS[coding](**changes)


def test_chance_draws_as_often_as_it_should_and_anew_each_time() -> None:
    values = np.tile([0.0, 0.2, 1.0], (300, 1))
    trials = poisson_coded(values, np.zeros(300, dtype=int), 2, 50, 0.5, bias=False)
    raster = trials.raster(50, 3)
    for share, found in zip((0.0, 0.1, 0.5), raster.mean(axis=(0, 1)), strict=True):
        assert abs(found - share) <= 4 * np.sqrt(share * (1 - share) / 15_000)
    again, same = trials.drawn_anew(1), poisson_coded(values, np.zeros(300, dtype=int), 2, 50, 0.5, bias=False)
    assert same.same_as(trials)
    assert not again.same_as(trials)
    assert again.drawn_anew(0) is again
    # What is drawn for a trial hangs on no other.
    order = np.array([250, 3, 3])
    assert again.take(order).same_as(trials.take(order).drawn_anew(1))
    assert not trials.take([0]).same_as(trials.take([1]))
    other = poisson_coded(values, np.zeros(300, dtype=int), 2, 50, 0.5, bias=False, seed=1)
    assert not other.same_as(trials)


@pytest.mark.parametrize("lengths", [(), (7, 13)], ids=["one interval", "two"])
def test_spikes_are_where_the_number_of_a_trial_step_and_input_is_below_its_chance(lengths: tuple[int, ...]) -> None:
    """Of all numbers, although inputs that never spike are left out; more trials than are drawn at a time."""
    generator = np.random.default_rng(3)
    each = np.where(generator.random((150, len(lengths) or 1, 9)) < 0.4, 0.2 * generator.random((150, 1, 9)), 0.0)
    draw = 5 + np.arange(150)
    chances = Chances(each if lengths else each[:, 0], 20, 4, lengths)
    raster = drawn("uniform", key_of("inputs", 4), draw[:, None], np.arange(20), 9) < np.repeat(
        each, lengths or (20,), axis=1
    )
    start, step, neuron = chances.events(draw)
    assert raster.any(axis=(0, 1)).all()
    assert np.array_equal(np.diff(start), raster.sum(axis=(1, 2)))
    assert np.array_equal(np.stack([step, neuron]), np.nonzero(raster)[1:])
    assert not np.array_equal(chances.events(draw + 1)[1], step)


def test_chance_may_change_from_interval_to_interval() -> None:
    values = np.zeros((200, 3, 2))
    values[:, 1, 0], values[:100, 2, 1] = 1.0, 0.5
    trials = poisson_coded(values, np.zeros(200, dtype=int), 2, (5, 20, 10), 0.8, bias=True)
    for shown in (trials, trials.drawn_anew(1)):
        raster = shown.raster(35, 3)
        assert raster[:, 5:25, 0].mean() == pytest.approx(0.8, abs=0.03)
        assert raster[:100, 25:, 1].mean() == pytest.approx(0.4, abs=0.05)
        assert raster[:, :, 2].mean() == pytest.approx(0.8, abs=0.03)
        silent = raster.copy()
        silent[:, 5:25, 0] = silent[:100, 25:, 1] = silent[:, :, 2] = 0
        assert silent.sum() == 0
    assert not trials.drawn_anew(1).same_as(trials)
    assert trials.take([3]).same_as(
        poisson_coded(values, np.zeros(200, dtype=int), 2, [5, 20, 10], 0.8, True).take([3])
    )
    assert trials.chances is not None
    np.testing.assert_allclose(trials.chances.expected[[0, 199]], [0.8 * (20 + 5 + 35), 0.8 * (20 + 35)])


def test_intervals_must_be_those_of_the_values() -> None:
    with pytest.raises(DataError, match=r"lengths of 2 intervals, so that values must be of shape \(n_trials, 2, n_va"):
        poisson_coded(np.zeros((4, 3, 2)), np.zeros(4, dtype=int), 2, (5, 6), 0.5, bias=False)
    with pytest.raises(DataError, match="Poisson coding: a length in `n_steps` must be a whole number from 1"):
        poisson_coded(np.zeros((4, 2, 2)), np.zeros(4, dtype=int), 2, (5, 0), 0.5, bias=False)


def test_task_draws_anew_in_each_epoch() -> None:
    data = load_registry().task("digits").data(coding="poisson")
    assert data.train.format is not None
    first, second = data.train.take([5]), data.train.take([5]).drawn_anew(1)
    assert not first.same_as(second)
    assert abs(len(second.step) / len(first.step) - 1) < 0.5


@pytest.mark.parametrize(("field", "value"), [("most", 1.5), ("n_steps", 0), ("seed", -1)])
def test_chances_that_are_none_are_refused(field: str, value: float) -> None:
    given: dict[str, Any] = {"n_steps": 5, "most": 0.5, "bias": False, "seed": 0} | {field: value}
    with pytest.raises(DataError, match=f"Poisson coding: `{field}`"):
        poisson_coded(np.zeros((1, 2)), np.zeros(1, dtype=int), 2, **given)


def test_seed_and_chances_tell_tasks_apart() -> None:
    data = load_registry().task("digits").data(coding="poisson")
    kept = replace(data, train=replace(data.train, chances=None))
    later = replace(data, train=replace(data.train, draw=data.train.draw + 1000))
    assert len({checksum(each) for each in (data, kept, later)}) == 3
    with pytest.raises(DataError, match="`time` must be a whole number from 0"):
        data.train.drawn_anew(-1)
    with pytest.raises(DataError, match="`chances` must be what `poisson_coded` gives"):
        replace(data.train, chances="often")  # type: ignore[arg-type]
