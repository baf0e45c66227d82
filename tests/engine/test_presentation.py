"""Room for input spikes is what runs hold, and runs are cut to fit it."""

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.networks import SETUPS, same_recording
from workbench.common.errors import DataError, SimulationError
from workbench.declare.options import Precision
from workbench.declare.trials import Trials
from workbench.engine import presentation as plan
from workbench.engine.presentation import parts_of, room_for
from workbench.engine.simulate import COUNTED, Simulator
from workbench.engine.state import State
from workbench.testing.case import random_case


@pytest.mark.parametrize(
    ("counts", "n_trials", "room"),
    [
        ([0, 0], 4, 1),
        ([3, 4], 4, 8),
        ([3, 5], 4, 16),
        # Only as many as a run presents, at worst the busiest of them.
        ([1, 5, 1, 6, 1], 2, 16),
        # Many trials are cut into runs, and one that is larger than all has its room.
        ([1000] * 100, 100, 8192),
        ([10000, 1], 2, 16384),
    ],
)
def test_room_is_what_a_run_holds(counts: list[int], n_trials: int, room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "MANY", 4096)
    assert room_for(np.array(counts), n_trials) == room


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30), st.integers(1, 12), st.integers(1, 20))
def test_runs_are_as_long_as_there_is_room(counts: list[int], chunk: int, capacity: int) -> None:
    start = np.concatenate([[0], np.cumsum(counts)])
    parts = list(parts_of(start, chunk, capacity))
    assert np.concatenate(parts).tolist() == list(range(len(counts)))
    for part in parts:
        held, more = sum(counts[k] for k in part), sum(counts[part[0] : part[-1] + 2])
        assert len(part) <= chunk
        assert held < capacity or len(part) == 1
        assert len(part) == chunk or part[-1] == len(counts) - 1 or more >= capacity


@pytest.mark.parametrize("precision", get_args(Precision))
def test_steps_of_a_run_fit_into_what_counts_them(precision: Precision, monkeypatch: pytest.MonkeyPatch) -> None:
    case = random_case(replace(SETUPS["eprop_1"], precision=precision), count=11)
    whole = case.record()
    monkeypatch.setitem(COUNTED, precision, 3 * case.setup.network.n_steps + 1)
    lengths = []
    of_one: Any = Simulator._run_chunk

    def counting(self: Simulator, state: State, trials: Trials, *others: Any) -> Any:
        lengths.append(len(trials))
        return of_one(self, state, trials, *others)

    monkeypatch.setattr(Simulator, "_run_chunk", counting)
    assert same_recording(case.record(), whole)
    assert lengths == [3, 3, 3, 2]


def test_a_trial_of_more_steps_than_are_told_apart_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COUNTED, "float32", 39)
    case = random_case(replace(SETUPS["eprop_1"], precision="float32"))
    with pytest.raises(SimulationError, match=r"A trial has 40 steps, and precision 'float32' tells 39 apart\. Take"):
        case.record()


def test_numbers_in_single_precision_tell_so_many_steps_apart_and_no_more() -> None:
    steps = np.arange(COUNTED["float32"] - 3, COUNTED["float32"] + 2).astype(np.float32)
    assert np.diff(steps).tolist() == [1, 1, 1, 0]


def test_no_trials_at_all_are_refused() -> None:
    case = random_case(SETUPS["eprop_1"])
    with pytest.raises(DataError, match="Trials: there are none, and a network needs one at least"):
        case.on(case.trials.take([])).record()
