"""Room for input spikes is what runs hold, and runs are cut to fit it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.engine import plan
from workbench.engine.plan import parts_of, room_for


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
