"""A compiled program that does anything but what it was told is an error, never a result."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.networks import SETUPS, make_case
from workbench.engine import standalone
from workbench.engine.plan import Plan
from workbench.engine.simulate import Simulator
from workbench.engine.standalone import Program, Variable, checksum
from workbench.errors import SimulationError


def fake(folder: Path, script: str) -> Program:
    """Return a program that is a shell script, with one variable."""
    path = folder / "main"
    path.write_text(f'#!/bin/sh\nresults="$2"\n{script}\n')
    path.chmod(0o755)
    return Program(folder, {"w.w": Variable("w.w", "w_file", "float64")}, (), ())


WEIGHTS = np.array([1.0, 2.0, 3.0])

#: What an honest program does: says what it received, and writes the array back.
HONEST = f'echo "w.w {checksum(WEIGHTS)}" > "$results/received.txt"; cp "${{3#*=}}" "$results/w_file"'


def test_what_is_given_comes_back(tmp_path: Path) -> None:
    found = fake(tmp_path, HONEST).run({"w.w": WEIGHTS}, ["w.w"])
    assert np.array_equal(found["w.w"], WEIGHTS)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (f"{HONEST}; echo 'Error reading w' >&2", r"ended with code 0 and said: Error reading w"),
        (f"{HONEST}; exit 3", r"ended with code 3 and said: nothing"),
        (f"{HONEST}; kill -SEGV $$", r"ended with code -11 and said: nothing"),
        (
            HONEST.replace(f" {checksum(WEIGHTS)}", f" {checksum(WEIGHTS) + 1}"),
            r"did not receive w.w as they were given",
        ),
        (HONEST.replace("w.w", "v.v"), r"did not receive w.w as they were given"),
        (HONEST.split(";")[1], r"did not receive w.w as they were given"),
        (HONEST.split(";")[0], r"did not write 'w.w'"),
    ],
    ids=["standard error", "exit code", "signal", "other numbers", "other variable", "silence", "no result"],
)
def test_whatever_goes_wrong_is_an_error(tmp_path: Path, script: str, message: str) -> None:
    with pytest.raises(SimulationError, match=message):
        fake(tmp_path, script).run({"w.w": WEIGHTS}, ["w.w"])


def test_checksum_depends_on_every_place() -> None:
    values = np.random.default_rng(0).normal(size=50)
    swapped = values.copy()
    swapped[[3, 17]] = values[[17, 3]]
    assert len({checksum(array) for array in (values, swapped, values[::-1], values[:-1], np.append(values, 0))}) == 5
    assert checksum(values) == checksum(values.reshape(5, 10))
    assert checksum(np.zeros(0)) == 0


@pytest.fixture
def program() -> Program:
    """Return a compiled network."""
    return standalone.program(SETUPS["eprop_1"])


def values(program: Program) -> dict[str, Any]:
    """Return what a run of no trials needs."""
    return {"time.dt": 1e-3, "clock.run_time": 0.0, "w_hidden1.w": np.arange(72.0), "clock.n_steps": 10}


def test_weights_come_back_from_a_real_program(program: Program) -> None:
    found = program.run(values(program), ["w_hidden1.w", "clock.n_steps"])
    assert np.array_equal(found["w_hidden1.w"], np.arange(72.0))
    assert found["clock.n_steps"] == 10


@pytest.mark.parametrize("size", [71, 73])
def test_array_of_another_size_is_refused_by_a_real_program(program: Program, size: int) -> None:
    with pytest.raises(SimulationError, match="The network's program ended with code"):
        program.run(values(program) | {"w_hidden1.w": np.arange(float(size))}, ["w_hidden1.w"])


def test_variable_that_a_real_program_does_not_know_is_refused(program: Program) -> None:
    unknown = replace(program.variables["w_hidden1.w"], argument="w_hidden1.no_such")
    tampered = replace(program, variables=program.variables | {"w_hidden1.w": unknown})
    with pytest.raises(SimulationError, match=r"Cannot set unknown variable 'w_hidden1.no_such'"):
        tampered.run(values(program), ["clock.n_steps"])


def test_real_program_is_checked_against_the_checksum(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_case(SETUPS["eprop_1"], count=2)
    simulator = Simulator(case.setup, program)
    simulator.run(case.state, case.trials, Plan())
    monkeypatch.setattr(standalone, "checksum", lambda array: checksum(array) + 1)
    with pytest.raises(SimulationError, match=r"did not receive .*w_hidden1\.w.* as they were given"):
        simulator.run(case.state, case.trials, Plan())


def test_weights_that_are_not_finite_reach_a_real_program(program: Program) -> None:
    given = np.arange(72.0)
    given[5] = np.nan
    found = program.run(values(program) | {"w_hidden1.w": given}, ["w_hidden1.w"])
    assert np.array_equal(found["w_hidden1.w"], given, equal_nan=True)


def test_every_plastic_number_of_a_state_is_read_back() -> None:
    case = make_case(SETUPS["eprop_2"], count=2)
    plan = Plan(learning=True, update_after=np.array([0, 2]), learning_rate=0.0)
    _, state = case.simulator().run(case.state, case.trials, plan)
    for layer, weights in case.state.weights.items():
        assert np.array_equal(state.weights[layer], weights)
        assert {f"{layer}.{name}" for name in ("g", "mean", "square")} <= set(state.memory)
    assert state.n_updates == 1
