"""Arrays as somebody may give them for trials, in order and broken, and what they say when they are read one by one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import brian2
import numpy as np
import pandas as pd
from hypothesis import strategies as st
from numpy.typing import NDArray

N_INPUTS, N_OUTPUTS, MOST = 8, 3, 4

NAMES = ("start", "step", "neuron", "target")


@dataclass(frozen=True)
class Raw:
    """What is given, and what was done to it: ``how`` is empty where it is in order."""

    start: Any
    step: Any
    neuron: Any
    target: Any
    how: str = ""

    def arrays(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in NAMES}


@dataclass(frozen=True)
class Read:
    """The events of each trial, as (step, neuron), and the targets."""

    events: list[list[tuple[int, int]]]
    target: NDArray[np.float64]

    def dense(self, n_steps: int) -> NDArray[np.float64]:
        """Return the input spikes, shape (n_trials, n_steps, n_inputs)."""
        found = np.zeros((len(self.events), n_steps, N_INPUTS))
        for trial, events in enumerate(self.events):
            for step, neuron in events:
                found[trial, step, neuron] += 1
        return found

    def fits(self, n_steps: int, of_steps: bool, of_classes: bool) -> bool:
        """Return whether they are for a network."""
        inside = all(step < n_steps and neuron < N_INPUTS for events in self.events for step, neuron in events)
        shape = (n_steps, N_OUTPUTS) if of_steps else (N_OUTPUTS,)
        if not (inside and self.events and self.target.shape[1:] == shape):
            return False
        return not of_classes or self.shares()

    def shares(self) -> bool:
        """Return whether the targets are those of classes."""
        return bool((self.target >= 0).all() and (np.abs(self.target.sum(axis=-1) - 1) < 1e-9).all())


def read(raw: Raw) -> Read | None:
    """Return what arrays say when each number is looked at; None where they say nothing."""
    start, step, neuron = (_whole(each) for each in (raw.start, raw.step, raw.neuron))
    target = _finite(raw.target)
    if start is None or step is None or neuron is None or target is None:
        return None
    if len(step) != len(neuron) or len(start) != len(target) + 1 or start != sorted(start):
        return None
    if start[0] != 0 or start[-1] != len(step) or max([0, *step, *neuron]) >= 2**31:
        return None
    pairs = list(zip(step, neuron, strict=True))
    events = [pairs[first:last] for first, last in pairwise(start)]
    return Read(events, target) if all(len(set(each)) == len(each) for each in events) else None


def _whole(values: Any) -> list[int] | None:
    """Return what are whole numbers from 0 one by one, and in a row."""
    if isinstance(values, str | dict | brian2.Quantity) or (
        isinstance(values, np.ndarray) and values.size and values.dtype.kind == "O"
    ):
        return None
    try:
        found = list(values)
    except TypeError:
        return None
    row = np.ndim(values if isinstance(values, np.ndarray) else [0]) == 1
    fine = all(isinstance(each, int | np.integer) and not isinstance(each, bool | np.timedelta64) for each in found)
    return [int(each) for each in found] if row and fine and min(found, default=0) >= 0 else None


def _finite(values: Any) -> NDArray[np.float64] | None:
    """Return what are numbers of a size that can be squared."""
    if np.ma.is_masked(values) or isinstance(values, brian2.Quantity):
        return None
    try:
        given = np.asarray(values)
    except ValueError:
        return None
    if (
        given.dtype.kind not in "biuf"
        or given.ndim not in {2, 3}
        or not (np.abs(given.astype(np.longdouble)) <= 1e15).all()
    ):
        return None
    return given.astype(np.float64)


@st.composite
def in_order(draw: st.DrawFn, n_steps: int, of_steps: bool, of_classes: bool) -> Raw:
    """Draw trials, the events of each in any order, in arrays of any kind."""
    count = draw(st.integers(1, MOST))
    places = st.integers(0, n_steps * N_INPUTS - 1)
    trials = [draw(st.lists(places, max_size=30, unique=True)) for _ in range(count)]
    if draw(st.booleans()):
        trials = [sorted(each) for each in trials]
    flat = np.array([place for trial in trials for place in trial], dtype=np.int64)
    start = np.cumsum([0, *(len(trial) for trial in trials)])
    shape = (count, n_steps, N_OUTPUTS) if of_steps else (count, N_OUTPUTS)
    seed = draw(st.integers(0, 99))
    target = np.random.default_rng(seed).integers(-9, 9, size=shape) / 4
    if draw(st.booleans()) if not of_classes else True:
        share = np.abs(target) + 0.125 * (seed % 3)
        share[..., 0] += 0.25
        target = np.eye(N_OUTPUTS)[np.argmax(share, axis=-1)] if seed % 2 else share / share.sum(-1, keepdims=True)
    arrays = {"start": start, "step": flat // N_INPUTS, "neuron": flat % N_INPUTS}
    return Raw(**{name: draw(dressed(array)) for name, array in arrays.items()}, target=draw(dressed_target(target)))


@st.composite
def dressed(draw: st.DrawFn, array: NDArray[Any]) -> Any:
    """Draw the same whole numbers as something else that NumPy takes."""
    dtype = draw(st.sampled_from(["i1", "u1", "i2", ">i4", "u4", "i8", ">u8", "i8", "i8"]))
    given = array.astype(dtype if array.size and array.max() < 128 else "i8")
    return draw(st.sampled_from([given, *_views(given), given.tolist(), tuple(given), pd.Series(given)]))


@st.composite
def dressed_target(draw: st.DrawFn, array: NDArray[np.float64]) -> Any:
    """Draw the same targets as something else that NumPy takes."""
    halves = np.array_equal(array.astype(np.float16), array)
    given = array.astype(draw(st.sampled_from(["f8", ">f8", "g", "f4", "f2"] if halves else ["f8", ">f8", "g"])))
    kinds = [given, *_views(given), np.asfortranarray(given), given.tolist()]
    return draw(st.sampled_from([*kinds, given.astype("i1"), given == 1] if set(given.flat) <= {0, 1} else kinds))


def _views(array: NDArray[Any]) -> list[NDArray[Any]]:
    """Return arrays that are equal, but lie otherwise in memory, or cannot be written to."""
    apart = np.repeat(array, 2, axis=0)[::2]
    sealed = array.copy()
    sealed.flags.writeable = False
    return [apart, array[::-1].copy()[::-1], sealed]


#: Values that somebody may have put somewhere.
ODD = (-1, 0, 1, 5, N_INPUTS, 127, -(2**31), 2**31 - 1, 2**31, 2**32, 2**40, -(2**63), 2**63 - 1)

ODD_TARGETS = (*ODD, np.nan, np.inf, -np.inf, 1e15, 1e16, -1e200, 1e308, 5e-324, 0.1)

TYPES = ("?", "f4", "f8", "c16", "O", "U9", "M8[ms]", "m8[ms]", "i1", "u2", "S4")


@st.composite
def broken(draw: st.DrawFn, raw: Raw, kinds: tuple[str, ...] = ()) -> Raw:
    """Draw what may be a mistake in one of the arrays, of some kind, or of any where none is named."""
    name = draw(st.sampled_from(NAMES))
    array = np.array(getattr(raw, name))
    options: dict[str, Callable[[], Any]] = {
        "value": lambda: _with_value(draw, array, name),
        "type": lambda: array.astype(draw(st.sampled_from(TYPES))),
        "shorter": lambda: array[:-1],
        "longer": lambda: np.concatenate([array, array[-1:]]),
        "backwards": lambda: array[::-1],
        "an axis more": lambda: array[None] if draw(st.booleans()) else array[..., None],
        "an axis less": lambda: array[0] if len(array) else array,
        "turned": lambda: array.T if name == "target" else array[:, None].T,
        "masked": lambda: masked(array, np.arange(array.size).reshape(array.shape) % 3 == 1),
        "unit": lambda: array * brian2.ms,
        "ragged": lambda: [*array.tolist(), [1, 2, 3, 4]],
        "nothing": lambda: draw(st.sampled_from([None, [], "12", {}, {1: 2}, 3, np.nan, np.zeros((0, 3)), object()])),
    }
    how = draw(st.sampled_from(kinds or [*options, "value", "twice", "no trial"]))
    if how == "twice":
        return _twice(draw, raw)
    if how == "no trial":
        return Raw([0], [], [], np.zeros((0, *np.shape(raw.target)[1:])), how)
    return replace(raw, **{name: options[how](), "how": f"{name}: {how}"})


def masked(values: Any, mask: Any) -> Any:
    """Return values some of which are masked."""
    module: Any = np.ma
    return module.array(values, mask=mask)


def _with_value(draw: st.DrawFn, array: NDArray[Any], name: str) -> NDArray[Any]:
    array = array.astype(np.float64 if name == "target" else np.int64)
    if array.size:
        place = draw(st.integers(0, array.size - 1))
        array.flat[place] = draw(st.sampled_from(ODD_TARGETS if name == "target" else ODD))
    return array


def _twice(draw: st.DrawFn, raw: Raw) -> Raw:
    """Repeat an event within its trial, at once or as the trial's last."""
    start, step, neuron = (np.array(each, dtype=np.int64) for each in (raw.start, raw.step, raw.neuron))
    if not len(step):
        return raw
    event = draw(st.integers(0, len(step) - 1))
    trial = int(np.searchsorted(start, event, side="right")) - 1
    place = draw(st.sampled_from([event, int(start[trial + 1])]))
    start[trial + 1 :] += 1
    return Raw(start, np.insert(step, place, step[event]), np.insert(neuron, place, neuron[event]), raw.target, "twice")
