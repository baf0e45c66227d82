"""Whatever makes up a task's data: it is refused, or a network for the task does what an independent one does.

`python -m tests.declare.test_task_fuzz 10000` tries more of it.
"""

import sys
from dataclasses import replace
from fractions import Fraction
from numbers import Integral, Real
from typing import Any

import brian2
import numpy as np
import pytest
from hypothesis import strategies as st

from tests.four_programs import STRUCTURES, Numbers, Ran, agree, case_of, print_ends, reason, share, tried
from tests.raw_trials import N_INPUTS, N_OUTPUTS, Read, in_order, read
from workbench.common.errors import DataError, shown
from workbench.declare.loss import CROSS_ENTROPY, SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.task import TaskData
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator

SIZE_NAMES = ("n_inputs", "n_outputs", "n_steps")

SPLITS = ("train", "validation", "test")

#: What somebody may give for a number of something, a time, a window, a kind.
SIZES: list[Any] = [
    *(0, -1, 1, 2, 5, 64, 2**31, 10**40, -(10**5000), 10**5000, 12.0, 2.5, True, "12", None, np.array(12), [12]),
    *(kind(12) for kind in (np.int8, np.uint64, np.float64, np.bool_)),
    *(np.timedelta64(12, unit) for unit in ("ms", "ns")),
]

DTS: list[Any] = [
    *(0.1, 0.10001, 1, 0, -1e-3, 1e-9, 1e-10, 5e-324, 1e308, 10**400, 1e-3 * brian2.second, "1 ms", None, True),
    *(np.float32(1e-3), np.float16(2e-3), Fraction(1, 500), np.array(1e-3), np.nan, np.inf, 1e-3 + 0j),
    np.timedelta64(1, "ms"),
]

WINDOWS: list[Any] = [
    *((0, 0), [0, 0], (3, 9), (5, 2), (5, 5), (0, 10**6), (-1, 5), (0, 12), (0, 13), (1,), (1, 2, 3), (0.0, 3.0)),
    *((np.int64(2), np.uint8(7)), (False, True), (np.nan, 5), None, "29", np.array([3, 9]), (0, 10**5000), 9),
    (np.timedelta64(0, "ns"), np.timedelta64(5, "ns")),
    (0 * brian2.ms, 5 * brian2.ms),
]

KINDS: list[Any] = ["trial", "step", "spikes", "class", "", None, ["trial"], np.array(["trial", "step"]), 3]


def whole(value: Any, least: int = 1) -> bool:
    """Return whether something is a number of something."""
    return isinstance(value, Integral) and not isinstance(value, bool | np.timedelta64) and least <= int(value) < 2**31


def can_be(given: dict[str, Any], said: dict[str, Read | None]) -> bool:
    """Return whether what is given can be a task's data."""
    dt: Any = given["dt"]
    window, targets = given["window"], given["targets"]
    if not all(whole(given[name]) for name in SIZE_NAMES):
        return False
    is_time = isinstance(dt, Real) and not isinstance(dt, bool | np.timedelta64)
    if not is_time or not 1e-9 <= dt <= 0.1:
        return False
    if not isinstance(window, tuple | list) or len(window) != 2 or not all(whole(each, 0) for each in window):
        return False
    if tuple(window) != (0, 0) and not window[0] < window[1] <= given["n_steps"]:
        return False
    return isinstance(targets, str) and targets in KINDS[:3] and splits_can_be(given, said, targets)


def splits_can_be(given: dict[str, Any], said: dict[str, Read | None], targets: str) -> bool:
    """Return whether three splits are some of a task with such targets."""
    shape = (given["n_outputs"],) if targets == "trial" else (given["n_steps"], given["n_outputs"])
    contents = []
    for each in said.values():
        events = [event for trial in each.events for event in trial] if each is not None else []
        if each is None or not events or each.target.shape[1:] != shape:
            return False
        if max(step for step, _ in events) >= given["n_steps"] or max(n for _, n in events) >= given["n_inputs"]:
            return False
        if targets == "spikes" and not set(each.target.flat) <= {0, 1}:
            return False
        contents.append(([sorted(trial) for trial in each.events], each.target.tolist()))
    return targets != "trial" or all(contents[k] != contents[k - 1] for k in range(3))


@st.composite
def examples(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Read | None]]:
    """Draw what is given to `TaskData`, of which some may be wrong, and what its splits say."""
    of_steps, of_classes = draw(st.booleans()), draw(st.booleans())
    given: dict[str, Any] = {"n_inputs": N_INPUTS, "n_outputs": N_OUTPUTS, "n_steps": 12, "dt": 2e-3}
    raw = draw(in_order(12, of_steps, of_classes))
    target = np.asarray(raw.target, dtype=np.float64)
    said: dict[str, Read | None] = {}
    for place, name in enumerate(SPLITS):
        part = replace(raw, target=np.roll(target, place, axis=-1))
        said[name], given[name] = read(part), Trials(**part.arrays())
    given |= {"window": draw(st.sampled_from([(0, 0), (3, 9), (11, 12)])), "targets": "step" if of_steps else "trial"}
    for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2]))):
        name = draw(st.sampled_from(list(given)))
        if name in SPLITS:
            given[name], said[name] = draw(
                st.sampled_from([(None, None), (raw, None), (given["train"], said["train"])])
            )
        else:
            pools = {"dt": DTS, "window": WINDOWS, "targets": KINDS}
            given[name] = draw(st.sampled_from(pools.get(name, SIZES)))
    return given, said


def end_of(given: dict[str, Any], said: dict[str, Read | None], kept: Any) -> str:
    """Return how an example ends; fail where it is taken or refused and may not be, or has two answers."""
    try:
        data = TaskData(**given)
    except DataError as error:
        refusal = reason(error)
    else:
        refusal = ""
    assert can_be(given, said) != bool(refusal), (
        f"{refusal or 'taken'}: { {name: shown(value) for name, value in given.items()} }"
    )
    of = said["train"]
    if refusal or of is None:
        return refusal
    found = [data.n_inputs, data.n_outputs, data.n_steps, data.dt, *data.window]
    assert [type(number) for number in found] == [int, int, int, float, int, int]
    assert found == [*(given[name] for name in SIZE_NAMES), float(given["dt"]), *given["window"]]
    classes = data.targets == "trial" and of.shares() and data.n_outputs > 1 and decided(of)
    structure = "steps" if data.targets == "step" else "classes" if classes else "values"
    network = Network.for_task(data, hidden=(9,), surrogate=STRUCTURES[structure].network.surrogate)
    assert network.loss == (CROSS_ENTROPY if classes else SQUARED_ERROR)
    if data.targets == "spikes" or (data.n_inputs, data.n_outputs) != (N_INPUTS, N_OUTPUTS):
        return "taken, for another network"
    numbers = Numbers(data.n_steps, data.dt, data.window)
    case = replace(case_of(structure, Numbers()), setup=replace(STRUCTURES[structure], network=network))
    recording, _ = simulator(case.setup).run(case.state, data.train, Plan(learning=True, record_gradient=True))
    ran = Ran(case.on(data.train), recording)
    agree(ran, structure, of, numbers)
    kept(ran)
    return f"compared, {'spiking' if len(recording.spikes['hidden1'].step) else 'silent'}"


def decided(of: Read) -> bool:
    """Return whether each trial has one class more than others."""
    return all(sorted(row)[-1] > sorted(row)[-2] for row in of.target.tolist())


def test_task_data_are_refused_or_a_network_for_them_agrees() -> None:
    ends = tried(end_of, examples(), 80)
    assert share(ends, "compared, spiking") > 0.25
    assert share(ends, "refused") > 0.15


def test_another_window_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    for_task: Any = Network.for_task
    monkeypatch.setattr(
        Network, "for_task", lambda *given, **chosen: replace(for_task(*given, **chosen), window=(2, 9))
    )
    with pytest.raises(DataError, match="made for window"):
        tried(end_of, examples(), 40, shrunk=False)


if __name__ == "__main__":
    print_ends(end_of, examples(), *map(int, sys.argv[1:]))
