"""Trials are taken, coded and shown as arrays without loss."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from workbench import Parameter, Task, TaskData, Trials, latency_coded
from workbench.errors import StudyError


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


def test_empty_split_is_refused() -> None:
    trials = coded([[0.5], [0.5]])
    none = trials.take(np.array([], dtype=np.int64))
    with pytest.raises(StudyError, match="Split 'validation' of the task has no trials"):
        TaskData(1, 2, 100, 1e-3, trials, none, trials)


@pytest.mark.parametrize(("n_inputs", "n_steps"), [(1, 31), (0, 100)])
def test_spikes_outside_the_trial_are_refused(n_inputs: int, n_steps: int) -> None:
    trials = coded([[0.5], [0.5]])
    with pytest.raises(StudyError, match="Split 'train' of the task has spikes beyond"):
        TaskData(n_inputs, 2, n_steps, 1e-3, trials, trials, trials)


def test_trials_that_engine_and_reference_would_read_differently_are_refused() -> None:
    good = coded([[0.5, 0.5], [0.5, 0.5]])
    mistakes = {
        "has spikes beyond its steps: there are 0 to 99, and spikes from -1 to 31": replace(
            good, step=good.step - np.array([32, 0, 0, 0], np.int32)
        ),
        r"has targets of shape \(3,\) for each trial, which must be \(2,\)": replace(good, target=np.eye(3)[:2]),
        "has an input neuron that spikes twice in a step": replace(good, neuron=np.zeros(4, np.int32)),
    }
    TaskData(2, 2, 100, 1e-3, good, good, good)
    for message, bad in mistakes.items():
        with pytest.raises(StudyError, match=f"Split 'test' of the task {message}"):
            TaskData(2, 2, 100, 1e-3, good, good, bad)


def test_parameters_not_given_keep_their_defaults() -> None:
    given_values: list[tuple[float, float]] = []

    def load(a: float, b: float) -> TaskData:
        given_values.append((a, b))
        trials = coded([[0.5], [0.5]])
        return TaskData(1, 2, 100, 1e-3, trials, trials, trials)

    parameters = (Parameter(name="a", default=1, doc=""), Parameter(name="b", default=2, doc=""))
    Task(name="t", title="T", load=load, parameters=parameters).data(b=5)
    assert given_values == [(1, 5)]
