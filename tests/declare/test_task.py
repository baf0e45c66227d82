"""Trials are taken, coded and shown as arrays without loss."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from workbench import Parameter, Task, TaskData, Trials, latency_coded
from workbench.common.errors import DataError
from workbench.declare.trial_format import TrialFormat


def coded(values: list[list[float]], silent_below: float = 0.05, bias: bool = False) -> Trials:
    labels = np.arange(len(values)) % 2
    return latency_coded(np.array(values), labels, 2, 60, silent_below, bias=bias)


def random_values(n_trials: int = 12, n_values: int = 5) -> NDArray[np.float64]:
    return np.random.default_rng(3).random((n_trials, n_values))


def test_larger_values_spike_earlier() -> None:
    trials = coded([[1.0, 0.5, 0.05, 0.04]])
    assert list(trials.neuron) == [0, 1, 2]
    assert list(trials.step) == [1, 31, 58]


def test_bias_is_the_last_neuron_and_spikes_at_step_1() -> None:
    trials = coded([[0.5, 0.0], [0.0, 0.9]], bias=True)
    assert list(trials.start) == [0, 2, 4]
    assert [(int(step), int(neuron)) for step, neuron in zip(trials.step, trials.neuron, strict=True)] == [
        (1, 2),
        (31, 0),
        (1, 2),
        (7, 1),
    ]


def test_trial_without_spikes_keeps_its_place() -> None:
    trials = coded([[0.0, 0.0], [0.9, 0.0], [0.0, 0.0]])
    assert list(trials.start) == [0, 0, 1, 1]
    assert len(trials) == 3


def test_targets_are_one_hot() -> None:
    trials = coded([[0.5], [0.5], [0.5]])
    np.testing.assert_array_equal(trials.target, [[1, 0], [0, 1], [1, 0]])
    np.testing.assert_array_equal(trials.label, [0, 1, 0])


def test_raster_has_one_entry_per_event() -> None:
    values = random_values()
    trials = coded(values.tolist(), silent_below=0.3)
    raster = trials.raster(100, 5)
    assert raster.sum() == len(trials.step) == np.sum(values >= 0.3)
    trial, neuron = np.nonzero(values >= 0.3)
    step = np.round((1 - values[trial, neuron]) * 60).astype(int) + 1
    assert raster[trial, step, neuron].all()


@given(st.lists(st.integers(0, 11), max_size=30))
def test_take_gives_the_trials_in_the_order_asked(index: list[int]) -> None:
    trials = coded(random_values().tolist(), silent_below=0.5)
    chosen = np.array(index, dtype=np.int64)
    taken = trials.take(chosen)
    np.testing.assert_array_equal(taken.raster(100, 5), trials.raster(100, 5)[chosen])
    np.testing.assert_array_equal(taken.target, trials.target[chosen])
    assert taken.start[-1] == len(taken.step) == len(taken.neuron)


@given(st.integers(1, 11), st.floats(0, 1))
def test_steps_do_not_decrease_within_a_trial(n_trials: int, silent_below: float) -> None:
    trials = coded(random_values(n_trials).tolist(), silent_below=silent_below)
    for begin, end in zip(trials.start[:-1], trials.start[1:], strict=True):
        assert (np.diff(trials.step[begin:end]) >= 0).all()


def splits(n_values: int = 2) -> tuple[Trials, Trials, Trials]:
    """Return trials of two classes that differ, as splits do."""
    values = random_values(24, n_values)
    first, second, third = (
        coded(values[part].tolist(), silent_below=0.0) for part in (slice(8), slice(8, 16), slice(16, 24))
    )
    return first, second, third


def test_splits_bring_along_what_they_are_made_for() -> None:
    data = TaskData(2, 2, 100, 1e-3, *splits(), window=(10, 90))
    assert data.format == TrialFormat(2, 2, 100, 1e-3, (10, 90), "trial")
    for split in (data.train, data.validation, data.test):
        assert split.format == split.take(np.array([0])).format == data.format


def test_numbers_may_be_those_of_numpy() -> None:
    numbers: Any = (np.int64(2), np.int32(2), np.uint8(100), np.float32(0.001))
    window: Any = (np.int64(0), np.int64(9))
    (n_inputs, n_outputs, n_steps, dt), parts = numbers, splits()
    data = TaskData(n_inputs, n_outputs, n_steps, dt, *parts, window=window)
    found = (data.n_inputs, data.n_outputs, data.n_steps, data.dt, *data.window)
    assert [type(number) for number in found] == [int, int, int, float, int, int]


MISFITS: dict[str, tuple[dict[str, Any], str]] = {
    "inputs": ({"n_inputs": 1}, "Split 'train' of the task: `neuron` goes up to 1, but the input neurons are 0 to 0"),
    "no inputs": ({"n_inputs": 0}, "Task data: `n_inputs` must be a whole number from 1, not 0"),
    "half an input": ({"n_inputs": 2.5}, "`n_inputs` must be a whole number from 1, not 2.5"),
    "true inputs": ({"n_inputs": True}, "`n_inputs` must be a whole number from 1, not True"),
    "outputs": (
        {"n_outputs": 3},
        r"`target` has shape \(2,\) for each trial, but targets of kind 'trial' must have \(3,\)",
    ),
    "steps": ({"n_steps": 31}, "Split 'train' of the task: `step` goes up to [0-9]+, but the steps are 0 to 30"),
    "dt NaN": ({"dt": float("nan")}, "Task data: `dt` must be a finite number, not nan"),
    "dt infinite": ({"dt": float("inf")}, "`dt` must be a finite number, not inf"),
    "dt 0": ({"dt": 0.0}, "must lie above 0 and not above 0.1, not 0. Write 1e-3 for 1 ms"),
    "dt negative": ({"dt": -1e-3}, "must lie above 0 and not above 0.1, not -0.001"),
    "dt in ms": ({"dt": 1.0}, "`dt`, the length of a step in seconds, must lie above 0 and not above 0.1, not 1"),
    "inputs a time": (
        {"n_inputs": np.timedelta64(2, "ms")},
        r"`n_inputs` must be a whole number from 1, not np.timedelta64\(2,'ms'\)",
    ),
    "dt a time": ({"dt": np.timedelta64(2, "ms")}, r"`dt` must be a finite number, not np.timedelta64\(2,'ms'\)"),
    "dt beyond floats": ({"dt": 10**400}, "`dt` must be a finite number, not 1000"),
    "dt next to 0": ({"dt": 1e-320}, "`dt`, the length of a step in seconds, must be 1e-09 at least"),
    "more inputs than numbers": ({"n_inputs": 10**40}, "`n_inputs` must be 2147483647 at most, not 1000"),
    "more digits than ever": (
        {"n_steps": 10**5000},
        "`n_steps` must be 2147483647 at most, not an object of type",
    ),
    "inputs a long text": ({"n_inputs": "a" * 1000}, r"`n_inputs` must be a whole number from 1, not 'a{79}\.\.\.\."),
    "targets an array": ({"targets": np.array(["trial", "step"])}, "`targets` cannot be array"),
    "dt a text": ({"dt": "1 ms"}, "`dt` must be a finite number, not '1 ms'"),
    "window empty": ({"window": (5, 5)}, r"`window` \(5, 5\) does not lie within the 100 steps"),
    "window beyond": ({"window": (5, 101)}, r"`window` \(5, 101\) does not lie within the 100 steps"),
    "window NaN": ({"window": (float("nan"), 5)}, r"`window` \(nan, 5\) does not lie within"),
    "window of one": ({"window": (5,)}, r"`window` \(5,\) does not lie within"),
    "targets": ({"targets": "trials"}, "`targets` cannot be 'trials'. Did you mean 'trial'"),
}


@pytest.mark.parametrize("name", MISFITS)
def test_misfit_of_task_data_is_refused(name: str) -> None:
    first, second, third = splits()
    fitting: dict[str, Any] = {
        "n_inputs": 2, "n_outputs": 2, "n_steps": 100, "dt": 1e-3, "train": first, "validation": second, "test": third
    }  # fmt: skip
    TaskData(**fitting)
    changes, message = MISFITS[name]
    with pytest.raises(DataError, match=message):
        TaskData(**fitting | changes)


def test_split_without_trials_or_spikes_is_refused() -> None:
    first, second, third = splits()
    none = first.take(np.array([], dtype=np.int64))
    silent = Trials(np.zeros(9, np.int64), none.step, none.neuron, second.target)
    with pytest.raises(DataError, match="Split 'validation' of the task has no trials"):
        TaskData(2, 2, 100, 1e-3, first, none, third)
    with pytest.raises(DataError, match="Split 'train' of the task has no input spikes at all"):
        TaskData(2, 2, 100, 1e-3, silent, second, third)
    with pytest.raises(DataError, match="Split 'test' of the task must be `Trials`, not tuple"):
        TaskData(2, 2, 100, 1e-3, first, second, (third, third))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("same", "names"), [((0, 0, 0), "'train' and 'validation'"), ((0, 1, 0), "'train' and 'test'")]
)
def test_splits_of_the_same_trials_are_refused(same: tuple[int, ...], names: str) -> None:
    parts = splits()
    with pytest.raises(DataError, match=f"Splits {names} of the task are the same trials"):
        TaskData(2, 2, 100, 1e-3, *(replace(parts[index]) for index in same))  # type: ignore[arg-type]


def test_trials_that_are_all_there_are_may_be_the_same_in_all_splits() -> None:
    first = splits()[0]
    data = TaskData(2, 2, 100, 1e-3, first, first, first, by_heart=True)
    assert data.train.same_as(data.test)
    with pytest.raises(DataError, match="or set `by_heart` where there are no others"):
        TaskData(2, 2, 100, 1e-3, first, first, first)


def test_spikes_that_are_learnt_may_be_the_same_in_all_splits() -> None:
    once = Trials.from_raster(np.eye(4)[None], np.zeros((1, 4, 2)))
    data = TaskData(4, 2, 4, 1e-3, once, once, once, targets="spikes")
    assert data.train.same_as(data.test)


def test_targets_that_are_no_spikes_are_refused() -> None:
    halves = Trials.from_raster(np.eye(4)[None], np.full((1, 4, 2), 0.5))
    with pytest.raises(DataError, match="`target` must be 1 for a spike and else 0, and holds"):
        TaskData(4, 2, 4, 1e-3, halves, halves, halves, targets="spikes")


def test_parameters_not_given_keep_their_defaults() -> None:
    given_values: list[tuple[float, float]] = []

    def load(a: float, b: float) -> TaskData:
        given_values.append((a, b))
        return TaskData(2, 2, 100, 1e-3, *splits())

    parameters = (Parameter(name="a", default=1, doc=""), Parameter(name="b", default=2, doc=""))
    Task(name="t", title="T", load=load, parameters=parameters).data(b=5)
    assert given_values == [(1, 5)]
