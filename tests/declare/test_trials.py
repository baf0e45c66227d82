"""Trials hold together or are refused, in one sentence, and those that do not fit a network never reach it."""

from dataclasses import replace
from typing import Any

import brian2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.raw_trials import masked
from workbench import Network, Trials
from workbench.common.errors import DataError, ModelError
from workbench.declare.loss import CROSS_ENTROPY, SQUARED_ERROR
from workbench.declare.task import TaskData
from workbench.declare.trial_checks import refuse_misfit
from workbench.declare.trial_format import TrialFormat

FORMAT = TrialFormat(4, 3, 30, 1e-3, (0, 30), "trial")


def raster(n_trials: int = 3, n_steps: int = 30, seed: int = 0) -> NDArray[np.bool_]:
    return np.random.default_rng(seed).random((n_trials, n_steps, 4)) < 0.2


def trials(**changes: Any) -> Trials:
    """Return three trials, of which some arrays are replaced."""
    good = Trials.from_raster(raster(), np.eye(3))
    arrays: dict[str, Any] = {name: getattr(good, name) for name in ("start", "step", "neuron", "target")}
    return Trials(**arrays | changes)


def one(step: Any, neuron: Any, start: Any = None, target: Any = ((1.0, 0.0),), **others: Any) -> Trials:
    """Return a trial of the given events."""
    return Trials([0, len(step)] if start is None else start, step, neuron, target, **others)  # type: ignore[arg-type]


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "times": ({"step": [1.2, 5.9]}, "`step` must hold whole numbers, not float64. Divide times by"),
    "whole times": ({"step": [1.0, 5.0]}, "`step` must hold whole numbers, not float64"),
    "truths": ({"neuron": [True, False]}, "`neuron` must hold whole numbers, not bool"),
    "words": ({"neuron": ["a", "b"]}, "`neuron` must hold whole numbers, not <U1"),
    "negative step": ({"step": [-1, 5]}, "`step` must be 0 or more, and has values from -1 to 5"),
    "negative neuron": ({"neuron": [-1, 1]}, "`neuron` must be 0 or more, and has values from -1 to 1"),
    "huge step": ({"step": [1, 2**40]}, f"`step` must be {2**31 - 1} at most, and goes up to {2**40}"),
    "rows of two lengths": ({"step": [[1], [1, 5]]}, "`step`: no array can be made of them .* of equal length"),
    "masked steps": ({"step": masked([1, 5], [0, 1])}, "`step`: some values are masked, and so are none"),
    "a masked step": ({"step": [1, np.ma.masked]}, "`step`: some values are masked"),
    "times with a unit": ({"step": np.array([1, 5]) * brian2.ms}, "`step`: plain numbers .* a unit. Divide times"),
    "a time with a unit": ({"step": [1, 5 * brian2.ms]}, "`step`: plain numbers .* a unit. Divide times"),
    "twice": ({"step": [2, 2], "neuron": [1, 1]}, "input neuron 1 spikes twice in step 2 of trial 0"),
    "twice, apart": (
        {"step": [2, 3, 2], "neuron": [1, 1, 1], "start": [0, 3]}, "input neuron 1 spikes twice in step 2 of trial 0"
    ),
    "fewer neurons": ({"neuron": [1]}, "each event has a `step` and a `neuron`, but there are 2 and 1"),
    "start too short": ({"start": [0]}, "`start` must have 2 numbers, one more than `target` has trials, not 1"),
    "start not from 0": ({"start": [1, 2]}, "`start` must go from 0 to the number of events, 2, .* from 1 to 2"),
    "start beyond": ({"start": [0, 3]}, "`start` must go from 0 to the number of events, 2, .* it goes from 0 to 3"),
    "start of times": ({"start": [0.0, 2.0]}, "`start` must hold whole numbers, not float64"),
    "start back": (
        {"start": [0, 2, 1, 2], "target": np.eye(3)}, "`start` must go from 0 to the number of events, 2"
    ),
    "steps of two dimensions": ({"step": [[1, 5]]}, r"`step` must have one dimension, not shape \(1, 2\)"),
    "NaN": ({"target": [[np.nan, 1.0]]}, r"`target` must be finite, and that of trial 0 is \[nan,  ?1\.?\]"),
    "infinite": ({"target": [[np.inf, 1.0]]}, "`target` must be finite, and that of trial 0"),
    "labels": ({"target": [1]}, r"`target` must be numbers in an array of shape .* not int64 of shape \(1,\)"),
    "infinite as a double": ({"target": [[np.longdouble("1e400"), 1]]}, "`target` must be finite"),
    "without a finite square": ({"target": [[-1e200, 1]]}, r"`target` must lie within 1e\+15 of 0, and that"),
    "masked": ({"target": masked([[1.0, 0]], [[0, 1]])}, "`target`: some values are masked"),
    "rows that are masked": ({"target": [masked([1.0, 0], [0, 1])]}, "`target`: some values are masked"),
    "with a unit": ({"target": [[1, 0]] * brian2.mV}, "`target`: plain numbers .* without a unit. Divide by it"),
    "of a format of its own": ({"format": "trial"}, "`format` must be that of a task's data, not 'trial'"),
    "complex": ({"target": [[1j, 0]]}, "`target` must be numbers .* not complex128"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_trials_that_do_not_hold_together_are_refused(name: str) -> None:
    changes, message = BROKEN[name]
    one([1, 5], [0, 1])
    with pytest.raises(DataError, match=f"Trials: {message}"):
        one(**{"step": [1, 5], "neuron": [0, 1]} | changes)


def test_events_of_a_trial_may_come_in_any_order() -> None:
    good = trials()
    order = np.arange(len(good.step))
    for begin, end in zip(good.start[:-1], good.start[1:], strict=True):
        order[begin:end] = np.random.default_rng(1).permutation(order[begin:end])
    assert (np.diff(good.step[order]) < 0).any()
    assert trials(step=good.step[order], neuron=good.neuron[order]).same_as(good)
    assert not good.take(np.array([0, 2, 1])).same_as(good)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, np.uint64])
def test_any_whole_numbers_will_do(dtype: type) -> None:
    good = trials()
    told = {name: getattr(good, name).astype(dtype) for name in ("start", "step", "neuron")}
    same = trials(**told)
    assert same.same_as(good)
    assert [array.dtype.name for array in (same.start, same.step, same.neuron)] == ["int64", "int32", "int32"]
    assert same.take(np.array([2, 0])).same_as(good.take(np.array([2, 0])))


def test_trials_do_not_change_with_what_they_were_made_of() -> None:
    step = np.array([1, 5])
    made = one(step, [0, 1])
    step[0] = 99
    assert made.step.tolist() == [1, 5]
    for each in (made, made.take(np.array([0]))):
        with pytest.raises(ValueError, match="read-only"):
            each.step[0] = 99


def test_raster_and_trials_are_the_same() -> None:
    made = Trials.from_raster(raster(), np.eye(3))
    np.testing.assert_array_equal(made.raster(30, 4), raster())
    for wrong, message in ((raster()[0], r"of shape \(30, 4\)"), (2 * raster(), "with other values")):
        with pytest.raises(DataError, match=f"A raster must be an array .*{message}"):
            Trials.from_raster(wrong, np.eye(3))


#: Targets, whether they are classes, and whether the loss of classes takes them.
TARGETS = {
    "one-hot": (np.eye(3), True, True),
    "smoothed": (np.eye(3) * 0.8 + 0.2 / 3, True, True),
    "undecided": (np.full((3, 3), 1 / 3), False, True),
    "two-hot": (np.array([[1.0, 1, 0]] * 3), False, False),
    "nothing": (np.zeros((3, 3)), False, False),
    "negative": (np.array([[2.0, -1, 0]] * 3), False, False),
    "values": (np.array([[0.5, 0.7, 0]] * 3), False, False),
    "one wrong": (np.array([[1.0, 0, 0], [0, 1, 0], [0.5, 0.7, 0]]), False, False),
}


@pytest.mark.parametrize("name", TARGETS)
def test_loss_of_classes_takes_shares_alone(name: str) -> None:
    target, classified, taken = TARGETS[name]
    given = trials(target=target)
    assert given.classified == classified
    refuse_misfit(given, FORMAT, SQUARED_ERROR)
    if taken:
        refuse_misfit(given, FORMAT, CROSS_ENTROPY)
        return
    place = 2 if name == "one wrong" else 0
    message = f"for loss 'cross_entropy' the `target` of each trial must be shares .* that of trial {place} is"
    with pytest.raises(DataError, match=message):
        refuse_misfit(given, FORMAT, CROSS_ENTROPY)


def test_loss_of_classes_needs_two_of_them() -> None:
    alone = trials(target=np.ones((3, 1)))
    assert not alone.classified
    needed = replace(FORMAT, n_outputs=1)
    refuse_misfit(alone, needed, SQUARED_ERROR)
    with pytest.raises(DataError, match="loss 'cross_entropy' of a single output is always 0"):
        refuse_misfit(alone, needed, CROSS_ENTROPY)
    with pytest.raises(DataError, match="Loss 'cross_entropy' is of classes, and the task has none"):
        refuse_misfit(trials(target=np.ones((3, 30, 3)) / 3), replace(FORMAT, targets="step"), CROSS_ENTROPY)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_steps": 20, "window": (0, 20)}, "Trials: `step` goes up to 29, but the steps are 0 to 19"),
        ({"n_inputs": 3}, "Trials: `neuron` goes up to 3, but the input neurons are 0 to 2"),
        ({"n_outputs": 2}, r"`target` has shape \(3,\) for each trial, but targets of kind 'trial' must have \(2,\)"),
        ({"targets": "step"}, r"targets of kind 'step' must have \(30, 3\)"),
    ],
)
def test_misfits_are_refused(changes: dict[str, Any], message: str) -> None:
    refuse_misfit(trials(), FORMAT)
    with pytest.raises(DataError, match=message):
        refuse_misfit(trials(), replace(FORMAT, **changes))


def of_a_task() -> TaskData:
    train, validation, test = (Trials.from_raster(raster(seed=seed), np.eye(3)) for seed in range(3))
    return TaskData(4, 3, 30, 2e-3, train, validation, test, window=(10, 30))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_steps": 100}, r"made for n_steps = 30, and the network has n_steps = 100. Use `Network.for_task`"),
        ({"dt": 1e-3}, "made for dt = 0.002, and the network has dt = 0.001"),
        ({"window": (0, 0)}, r"made for window = \(10, 30\), and the network has window = \(0, 30\)"),
        ({"n_inputs": 5}, "made for n_inputs = 4, and the network has n_inputs = 5"),
    ],
)
def test_trials_of_a_task_know_their_network(changes: dict[str, Any], message: str) -> None:
    data = of_a_task()
    network = Network.for_task(data, hidden=(5,))
    for split in (data.train, data.test.take(np.array([1]))):
        refuse_misfit(split, network.format("trial"), network.loss)
        with pytest.raises(DataError, match=message):
            refuse_misfit(split, replace(network, **changes).format("trial"), network.loss)


def test_network_of_a_task_has_all_that_the_task_decides() -> None:
    data = of_a_task()
    network = Network.for_task(data, hidden=[5, 6])
    assert (network.sizes, network.n_steps, network.dt, network.window) == ((4, 5, 6, 3), 30, 2e-3, (10, 30))
    assert network.loss == CROSS_ENTROPY
    values = replace(data, train=replace(data.train, target=np.eye(3) * 2))
    assert Network.for_task(values).loss == SQUARED_ERROR
    with pytest.raises(ModelError, match="Network: `dt` is the task's"):
        Network.for_task(data, hidden=(5,), dt=1e-3)


@pytest.mark.parametrize(
    ("asked", "told"), [(1, "1"), ([3], r"\[3\]"), ([1.0], r"\[1.0\]"), ([[0, 1]], r"\[\[0, 1\]\]"), ("a", "'a'")]
)
def test_trials_that_are_not_there_cannot_be_taken(asked: Any, told: str) -> None:
    good = trials()
    assert good.take([-1, 0]).same_as(good.take(np.array([2, 0])))
    assert good.take([True, False, True]).same_as(good.take(np.array([0, 2])))
    assert len(good.take([])) == 0
    with pytest.raises(DataError, match=f"Trials to take must be an array of numbers from 0 to 2, not {told}"):
        good.take(asked)


@pytest.mark.parametrize(
    ("n_steps", "n_inputs", "message"),
    [(5, 4, "`n_steps` must be 30 at least to hold the spikes, not 5"), (30, 3, "`n_inputs` must be 4 at least"),
     (-1, 4, "`n_steps` must be a whole number from 1, not -1"), (30.0, 4, "`n_steps` must be a whole number")],
)  # fmt: skip
def test_raster_holds_all_spikes(n_steps: Any, n_inputs: int, message: str) -> None:
    with pytest.raises(DataError, match=f"A raster: {message}"):
        trials().raster(n_steps, n_inputs)


def test_raster_has_a_trial_for_each_target() -> None:
    with pytest.raises(DataError, match="A raster must have a trial for each target, and has 3 for 2"):
        Trials.from_raster(raster(), np.eye(2))
    with pytest.raises(DataError, match="A raster: some values are masked"):
        Trials.from_raster(masked(raster(), raster()), np.eye(3))


def test_no_trials_fit_nothing() -> None:
    with pytest.raises(DataError, match="Trials: there are none, and a network needs one at least"):
        refuse_misfit(trials().take([]), FORMAT)


def test_shares_in_single_precision_are_no_matter_of_course() -> None:
    single: Any = np.array([[0.1, 0.2, 0.7]] * 3, dtype=np.float32)
    given = trials(target=single)
    assert given.nearly_shares
    assert not given.classified
    with pytest.raises(DataError, match=r"must have the sum 1, and that of trial 0 has 0.9999999925. Divide it"):
        refuse_misfit(given, FORMAT, CROSS_ENTROPY)
    data = of_a_task()
    rounded = replace(data, train=replace(data.train, target=single))
    with pytest.raises(ModelError, match="targets are shares of classes but for rounding"):
        Network.for_task(rounded)
    assert Network.for_task(rounded, loss=SQUARED_ERROR).loss == SQUARED_ERROR
    double = single.astype(np.float64) / single.astype(np.float64).sum(axis=1, keepdims=True)
    exact = trials(target=double)
    assert exact.classified
    assert not exact.nearly_shares
    refuse_misfit(exact, FORMAT, CROSS_ENTROPY)
