"""The first-party tasks give the published data, split and encoded as described."""

import itertools
import os
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from workbench import Task, Trials, WorkbenchError, rate_coded
from workbench.catalogue.registry import load_registry
from workbench.tasks import digits, mnist, yin_yang
from workbench.tasks.bandit import BANDIT
from workbench.tasks.delayed_xor import DELAYED_XOR
from workbench.tasks.digit_patches import DIGIT_PATCHES, LEAST, SIDE
from workbench.tasks.evidence_accumulation import EVIDENCE_ACCUMULATION
from workbench.tasks.iris import IRIS
from workbench.tasks.random_latencies import RANDOM_LATENCIES
from workbench.tasks.spike_train import SPIKE_TRAIN
from workbench.tasks.sum_of_sines import SUM_OF_SINES
from workbench.tasks.temporal_xor import TEMPORAL_XOR

NO_FILES = pytest.mark.skipif(not os.environ.get("WORKBENCH_DATA"), reason="WORKBENCH_DATA names no folder of MNIST")
TASKS = [
    pytest.param(offer.item, marks=NO_FILES if name == "mnist" else ()) for name, offer in load_registry().tasks.items()
]


def events(trials: Trials) -> NDArray[np.int64]:
    """Return the number of spikes of each trial."""
    return np.diff(trials.start)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_task_has_three_splits_with_all_classes(task: Task) -> None:
    data = task.data()
    if not data.train.classified:
        pytest.skip("has no classes")
    for split in (data.train, data.validation, data.test):
        assert split.target.shape == (len(split), data.n_outputs)
        assert set(split.label) == set(range(data.n_outputs))
        # These are coded by rate, by order, at random and in short steps.
        if task not in (IRIS, DELAYED_XOR, EVIDENCE_ACCUMULATION, RANDOM_LATENCIES, TEMPORAL_XOR):
            assert split.step.min() >= 1
            assert split.step.max() <= 61
        assert events(split).min() > 0


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_task_is_the_same_each_time(task: Task) -> None:
    first, second = task.data(), task.data()
    for name in ("train", "validation", "test"):
        for array in ("start", "step", "neuron", "target"):
            np.testing.assert_array_equal(
                getattr(getattr(first, name), array), getattr(getattr(second, name), array), strict=True
            )


def test_temporal_xor_asks_whether_two_spikes_differ() -> None:
    data = TEMPORAL_XOR.data()
    raster = data.train.raster(data.n_steps, data.n_inputs)
    assert (raster.sum(axis=1) == 1).all()
    times = (raster.argmax(axis=1) + 1) * data.dt * 1e3
    early, late = 0.01, 2.01
    assert np.allclose(times, [[early, early], [early, late], [late, early], [late, late]])
    assert data.train.label.tolist() == [0, 1, 1, 0]
    assert data.n_steps * data.dt == pytest.approx(10e-3)
    assert data.window == (data.n_steps - 1, data.n_steps)
    # The control: neither input alone tells the answer.
    assert all(set(data.train.label[times[:, k] > 1]) == {0, 1} for k in (0, 1))


def test_temporal_xor_asks_for_a_time() -> None:
    data = TEMPORAL_XOR.data(late=6, bias=1, answer="time", duration=40, step=0.1)
    raster = data.train.raster(data.n_steps, data.n_inputs)
    assert raster.shape == (4, 400, 3)
    assert raster[:, 0, 2].all()
    assert raster.sum(axis=(1, 2)).tolist() == [3, 3, 3, 3]
    assert np.nonzero(raster[3, :, 0])[0].tolist() == [60]
    assert np.allclose(data.train.target[:, 0], [-16.1, -10.1, -10.1, -16.1])


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"bias": 2}, "bias: must be 0 or 1, not 2"),
        ({"step": 2}, "step: must lie from 0.001 to 1 ms, not 2"),
        ({"duration": 0.001}, "duration: must lie from a step to 1000 ms"),
        ({"late": 10}, "late: must lie above 0 and not above 9.99 ms, not 10"),
        ({"late": 0.001}, "late: must be at least a step of 0.01 ms"),
        ({"answer": "time", "same": 12}, "same: must lie above 0 and not above 9.99 ms, not 12"),
    ],
)
def test_temporal_xor_refuses_times_that_do_not_fit(values: dict[str, object], words: str) -> None:
    with pytest.raises(WorkbenchError, match=f"temporal_xor.{words}"):
        TEMPORAL_XOR.data(**values)


def test_delayed_xor_asks_whether_two_cues_differ() -> None:
    data = DELAYED_XOR.data(gap=30, noise=0, train=400)
    raster = data.train.raster(data.n_steps, data.n_inputs)
    assert data.n_steps == 81
    assert data.window == (51, 81)
    first, second = raster[:, 1:11], raster[:, 41:51]
    # One spike of each neuron of one of the two groups in each cue, and none elsewhere but for the bias.
    assert (raster.sum(axis=(1, 2)) == 21).all()
    assert (raster[:, 1, 20] == 1).all()
    cues = []
    for cue in (first, second):
        groups = np.stack([cue[:, :, :10].sum(axis=1), cue[:, :, 10:20].sum(axis=1)])
        assert set(np.unique(groups)) == {0, 1}
        assert (groups.sum(axis=0) == 1).all()
        cues.append(groups[1, :, 0].astype(int))
    np.testing.assert_array_equal(data.train.label, cues[0] ^ cues[1])
    pairs, counts = np.unique(np.stack(cues), axis=1, return_counts=True)
    assert pairs.shape == (2, 4)
    assert (counts == 100).all()


def test_delayed_xor_is_not_told_by_counts_of_spikes() -> None:
    """No linear readout of how often each input spikes does better than a guess."""
    data = DELAYED_XOR.data()
    counts = [split.raster(data.n_steps, data.n_inputs).sum(axis=1) for split in (data.train, data.test)]
    fitted = LogisticRegression(max_iter=1000).fit(counts[0], data.train.label)
    assert fitted.score(counts[1], data.test.label) < 0.6
    noise = data.train.raster(data.n_steps, data.n_inputs)[:, :, :20].sum() - 20 * len(data.train)
    assert noise / (len(data.train) * data.n_steps * 20) == pytest.approx(0.005, rel=0.1)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [("gap", -1, "whole number from 0"), ("gap", 2.5, "whole number from 0"), ("train", 3, "whole number from 4"),
     ("noise", 200, "from 0 to 100 Hz")],
)  # fmt: skip
def test_delayed_xor_refuses_numbers_that_are_none(name: str, value: float, told: str) -> None:
    with pytest.raises(WorkbenchError, match=rf"^delayed_xor\.{name}: must .*{told}"):
        DELAYED_XOR.data(**{name: value})


def test_spike_train_is_frozen_and_wanted_at_equal_distances() -> None:
    data = SPIKE_TRAIN.data(inputs=50, outputs=3, spikes=4, steps=400, train=7, rate=20)
    assert (len(data.train), len(data.validation), len(data.test)) == (7, 1, 1)
    dense = data.train.raster(400, 50)
    assert (dense == dense[:1]).all()
    assert dense[0].mean() == pytest.approx(0.02, rel=0.15)
    for output in range(3):
        steps = np.flatnonzero(data.test.target[0, :, output])
        assert len(steps) == 4
        assert set(np.diff(steps)) == {100}
    assert not (SPIKE_TRAIN.data(pattern=1).train.step[:50] == SPIKE_TRAIN.data().train.step[:50]).all()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("outputs", 0, "outputs: must be a whole number from 1, not 0"),
        ("steps", 10.5, "steps: must be a whole number from 1, not 10.5"),
        ("rate", 2000, "rate: must lie above 0 and not above 1000 Hz, not 2000"),
        ("pattern", -1, "pattern: must be a whole number from 0, not -1"),
        ("spikes", 300, "spikes: at most 250 fit into 500 steps, not 300"),
    ],
)
def test_spike_train_refuses_what_does_not_fit(name: str, value: float, message: str) -> None:
    with pytest.raises(WorkbenchError, match=f"spike_train.{message}"):
        SPIKE_TRAIN.data(**{name: value})


@pytest.mark.parametrize("name", ["digits", "yin_yang"])
def test_rate_coding_spikes_the_more_the_larger_a_value(name: str) -> None:
    task = load_registry().tasks[name].item
    latency, rate = task.data(), task.data(coding="rate")
    assert np.array_equal(latency.test.target, rate.test.target)
    # By latency a value x spikes at round((1 - x) * 60) + 1, or not at all.
    first = latency.test.raster(100, latency.n_inputs)
    value = np.where(first.any(axis=1), 1 - (first.argmax(axis=1) - 1) / 60, 0.0)
    count = rate.test.raster(100, rate.n_inputs).sum(axis=1)
    assert np.abs(count - 25 * value).max() <= 1.3
    assert count.max() == 25


def test_rate_coded_spikes_lie_at_equal_distances() -> None:
    trials = rate_coded(np.array([[0.0, 0.4, 1.0]]), np.array([1]), 2, 100, 0.25, bias=False)
    dense = trials.raster(100, 3)[0]
    assert [int(train.sum()) for train in dense.T] == [0, 10, 25]
    assert set(np.diff(np.flatnonzero(dense[:, 1]))) == {10}
    assert set(np.diff(np.flatnonzero(dense[:, 2]))) == {4}


def test_iris_is_in_five_folds() -> None:
    parts = [IRIS.data(fold=fold) for fold in range(5)]
    assert [(len(part.train), len(part.validation), len(part.test)) for part in parts] == [(105, 15, 30)] * 5
    rasters = [part.test.raster(100, 5).reshape(30, -1) for part in parts]
    assert not any(np.array_equal(one, other) for one, other in itertools.combinations(rasters, 2))
    with pytest.raises(WorkbenchError, match=r"iris\.fold: must be a whole number from 0 to 4, not 5"):
        IRIS.data(fold=5)


def test_digits_split_is_stratified_and_complete() -> None:
    labels = load_digits().target
    parts = digits.split(labels)
    assert [len(part) for part in parts] == [1198, 299, 300]
    assert sorted(np.concatenate(parts)) == list(range(1797))
    share = np.bincount(labels) / len(labels)
    for part in parts:
        np.testing.assert_allclose(np.bincount(labels[part]), share * len(part), atol=1.5)


def test_digits_split_stays_what_it_is() -> None:
    train, validation, test = digits.split(load_digits().target)
    assert [int(part.sum()) for part in (train, validation, test)] == [1069837, 265538, 278331]


def test_digits_encoding_is_that_of_the_pixels() -> None:
    images = load_digits()
    data = digits.load()
    test = digits.split(images.target)[2]
    first = images.data[test[0]] / 16
    raster = data.test.raster(data.n_steps, data.n_inputs)[0]
    for pixel, value in enumerate(first):
        spikes = np.flatnonzero(raster[:, pixel])
        assert list(spikes) == ([round((1 - value) * 60) + 1] if value >= 0.05 else [])
    assert data.test.label[0] == images.target[test[0]]


def test_digits_bias_is_an_input_neuron() -> None:
    without, with_bias = digits.load(), digits.load(bias=1)
    assert (without.n_inputs, with_bias.n_inputs) == (64, 65)
    np.testing.assert_array_equal(events(with_bias.train), events(without.train) + 1)
    assert set(with_bias.train.step[with_bias.train.neuron == 64]) == {1}
    with pytest.raises(WorkbenchError, match=r"digits.bias: must be 0 or 1, not 2"):
        digits.load(bias=2)


@pytest.mark.parametrize(
    ("split", "total", "counts"),
    [
        ("train", 5034.089318317108, [1681, 1702, 1617]),
        ("validation", 990.057443152265, [316, 336, 348]),
        ("test", 987.037225026263, [350, 316, 334]),
    ],
)
def test_yin_yang_has_the_published_check_sums(split: str, total: float, counts: list[int]) -> None:
    coordinates, classes = yin_yang.points(*yin_yang.SPLITS[split])
    assert coordinates.sum() == pytest.approx(total, rel=1e-14)
    assert list(np.bincount(classes)) == counts


def test_another_seed_misses_the_check_sums() -> None:
    coordinates, classes = yin_yang.points(43, 1000)
    assert coordinates.sum() != pytest.approx(990.057443152265, rel=1e-6)
    assert list(np.bincount(classes)) != [316, 336, 348]


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ((0.25, 0.5), 2),
        ((0.75, 0.5), 2),
        ((0.5, 0.9), 1),
        ((0.5, 0.1), 0),
        ((0.25, 0.35), 1),
        ((0.75, 0.65), 0),
    ],
)
def test_yin_yang_classes_of_known_points(point: tuple[float, float], expected: int) -> None:
    assert yin_yang.class_of(*point) == expected


@pytest.mark.parametrize("coding", ["latency", "rate", "times"])
def test_yin_yang_in_finer_steps_has_its_spikes_and_its_window_when_they_were(coding: str) -> None:
    plain, fine = (yin_yang.load(20, 20, 20, coding, finer) for finer in (1, 4))
    assert fine.n_steps * fine.dt == pytest.approx(plain.n_steps * plain.dt)
    assert fine.dt == pytest.approx(plain.dt / 4)
    np.testing.assert_allclose((fine.train.step + 1) * fine.dt, (plain.train.step + 1) * plain.dt)
    np.testing.assert_array_equal(fine.train.neuron, plain.train.neuron)
    if plain.window is not None:
        assert fine.window == tuple(4 * edge for edge in plain.window)
    with pytest.raises(WorkbenchError, match=r"yin_yang.finer: must be a whole number from 1 to 1000, not 0.5"):
        yin_yang.load(20, 20, 20, coding, 0.5)


def test_yin_yang_spikes_are_the_coordinates() -> None:
    data = yin_yang.load(train=50, validation=20, test=20)
    coordinates, classes = yin_yang.points(42, 50)
    assert data.n_inputs == 5
    np.testing.assert_array_equal(events(data.train), 5)
    np.testing.assert_array_equal(data.train.label, classes)
    raster = data.train.raster(data.n_steps, data.n_inputs)
    steps = raster.argmax(axis=1)
    values = np.column_stack([coordinates, 1 - coordinates])
    np.testing.assert_array_equal(steps[:, :4], np.round((1 - values) * 60) + 1)
    np.testing.assert_array_equal(steps[:, 4], 1)


def test_yin_yang_sizes_take_the_first_of_the_published() -> None:
    small = yin_yang.YIN_YANG.data(train=30, validation=20, test=10)
    assert [len(split) for split in (small.train, small.validation, small.test)] == [30, 20, 10]
    full = yin_yang.load()
    assert [len(split) for split in (full.train, full.validation, full.test)] == [5000, 1000, 1000]
    np.testing.assert_array_equal(small.train.step, full.train.take(np.arange(30)).step)


@pytest.mark.parametrize("size", [0, -1, 5001, 10.5])
def test_yin_yang_refuses_sizes_that_it_has_not(size: float) -> None:
    with pytest.raises(WorkbenchError, match=rf"yin_yang.train: must be a whole number from 1 to 5000, not {size:g}"):
        yin_yang.load(train=size)


@NO_FILES
def test_mnist_is_split_by_index_and_latency_coded() -> None:
    data = mnist.load()
    assert [len(split) for split in (data.train, data.validation, data.test)] == [7000, 1000, 2000]
    # The first digits of the test files.
    assert list(data.train.label[:8]) == [7, 2, 1, 0, 4, 1, 4, 9]
    assert 120 < events(data.train).mean() < 160
    few = mnist.load(train=10, validation=5, test=3)
    assert np.array_equal(few.test.target, data.test.target[:3])
    first = slice(0, data.train.start[1])
    assert np.array_equal(few.train.neuron[first], data.train.neuron[first])


@NO_FILES
def test_mnist_by_chance_spikes_as_often_as_it_is_told() -> None:
    less, more = (
        mnist.load(train=50, validation=1, test=1, coding="poisson", steps=200, step=0.5, most=most)
        for most in (0.05, 0.1)
    )
    assert (less.n_steps, less.dt) == (200, 0.0005)
    assert events(more.train).mean() / events(less.train).mean() == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize(
    ("name", "value", "bounds"),
    [("step", 0, "0.001 to 10, not 0"), ("most", 1.5, "0.001 to 1, not 1.5"), ("steps", 61, "whole number from 62")],
)
@pytest.mark.parametrize("task", [mnist, digits], ids=["mnist", "digits"])
def test_images_refuse_numbers_out_of_bounds(task: ModuleType, name: str, value: float, bounds: str) -> None:
    with pytest.raises(WorkbenchError, match=rf"^{task.__name__.rpartition('.')[2]}\.{name}: must .*{bounds}"):
        task.load(**{name: value})


def test_patches_are_parts_of_digits_and_spike_as_often_as_they_are_dark() -> None:
    data = DIGIT_PATCHES.data(steps=200, train=50, validation=20, test=20)
    images = load_digits().images / 16
    corners = itertools.product(range(9 - SIDE), repeat=2)
    known = {image[y : y + SIDE, x : x + SIDE].tobytes() for y, x in corners for image in images}
    assert data.window == (100, 200)
    for split in (data.train, data.validation, data.test):
        assert {patch.tobytes() for patch in split.target} <= known
        assert split.target.std(axis=1).min() > LEAST
        counts = split.raster(data.n_steps, data.n_inputs).sum(axis=1)
        # A quarter of the steps at full ink, to a spike.
        assert np.abs(counts - 50 * split.target).max() <= 1
    assert len({patch.tobytes() for patch in data.train.target}) > 40


@pytest.mark.parametrize(("name", "value"), [("steps", 1), ("train", 2.5), ("test", 5001)])
def test_patches_refuse_what_is_no_number_of_them(name: str, value: float) -> None:
    with pytest.raises(
        WorkbenchError, match=f"digit_patches.{name}: must be a whole number from 2 to 5000, not {value:g}"
    ):
        DIGIT_PATCHES.data(**{name: value})


@pytest.mark.parametrize(
    ("task", "values", "message"),
    [
        (RANDOM_LATENCIES, {"patterns": 1}, "random_latencies.patterns: must be a whole number from 2, not 1"),
        (RANDOM_LATENCIES, {"inputs": 2.5}, "random_latencies.inputs: must be a whole number from 1, not 2.5"),
        (SUM_OF_SINES, {"sines": 0}, "sum_of_sines.sines: must be a whole number from 1, not 0"),
        (SUM_OF_SINES, {"frequency": 2000}, "1 times it must lie above 0 and not above 1000 Hz, not 2000"),
    ],
)
def test_numbers_that_make_no_patterns_are_refused(task: Task, values: dict[str, float], message: str) -> None:
    with pytest.raises(WorkbenchError, match=message):
        task.data(**values)


def test_each_input_spikes_once_in_a_random_latency_pattern() -> None:
    data = RANDOM_LATENCIES.data(inputs=6, patterns=9, steps=50)
    assert (data.train.raster(50, 6).sum(axis=1) == 1).all()
    assert data.train.same_as(data.test)
    assert len(np.unique(data.train.label)) == 2
    other = RANDOM_LATENCIES.data(inputs=6, patterns=9, steps=50, draw=1)
    assert not data.train.same_as(other.train)


@pytest.mark.parametrize("rewards", ["probabilistic", "graded"])
def test_bandit_says_what_answers_are_worth_and_no_more(rewards: str) -> None:
    data = BANDIT.data(rewards=rewards, contexts=6, answers=3, best=0.9, train=60, test=12)
    told = data.train.rewards
    assert told is not None
    assert np.allclose(np.sort(told.expected, axis=1), [[0.1, 0.5, 0.9]])
    assert np.bincount(data.train.label).tolist() == [20, 20, 20]
    assert (data.train.raster(data.n_steps, data.n_inputs).sum(axis=1) == 1).all()
    brought = told.drawn(data.train.draw)
    if rewards == "graded":
        assert np.array_equal(brought, told.expected)
    else:
        assert set(np.unique(brought)) == {0, 1}
        # The control: what answers bring is not what they are worth.
        assert not np.array_equal(brought, told.expected)
    # A context is known by its latencies, which vary a little: the nearest one of other trials is of the same worth.
    latency = data.train.raster(data.n_steps, data.n_inputs).argmax(axis=1)
    apart = np.abs(latency[:, None] - latency[None]).sum(axis=2) + 10**6 * np.eye(60)
    assert np.array_equal(told.worth[apart.argmin(axis=1)], told.worth)
    assert apart.min() > 0
    assert np.array_equal(told.expected[apart.argmin(axis=1)], told.expected)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"best": 0.5}, "best: must lie above 0.5 and not above 1, not 0.5"),
        ({"best": 1.5}, "best: must lie above 0.5 and not above 1, not 1.5"),
        ({"answers": 1}, "answers: must be a whole number from 2, not 1"),
        ({"contexts": 2.5}, "contexts: must be a whole number from 2, not 2.5"),
        ({"test": 3}, "test: must be a whole number from 8, not 3"),
    ],
)
def test_bandit_refuses_numbers_that_are_none(values: dict[str, object], words: str) -> None:
    with pytest.raises(WorkbenchError, match=f"bandit.{words}"):
        BANDIT.data(**values)
