"""A network's library that does anything but what it was told is an error, never a result, and leaves no trace."""

import platform
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import SETUPS, assert_alive, same_recording, same_state
from workbench.common.errors import SimulationError
from workbench.common.thread_locks import lock
from workbench.declare.recording import Recording
from workbench.engine.compiled import program as standalone
from workbench.engine.compiled.cache_entry import LIBRARY, NEEDED
from workbench.engine.compiled.compile import compile_library
from workbench.engine.compiled.library_source import Array
from workbench.engine.compiled.merge import merge
from workbench.engine.compiled.program import Program, Variable, _lock_of, load_library
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator, simulator
from workbench.testing.case import Case, random_case

#: A network of one array, as Brian2 would write it.
TOY = {
    "objects.h": """
#pragma once
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>
template<class T> struct DynamicArray2D
{
    int n = 0;
    std::vector<std::vector<T>> held;
    std::vector<T>& operator()(int row) { return held[row]; }
};
struct Clock { void tick() {} };
namespace brian
{
extern double* _array_w;
extern const int _num__array_w;
extern Clock defaultclock;
}
""",
    "objects.cpp": """
#include "objects.h"
namespace brian
{
double* _array_w;
const int _num__array_w = 3;
Clock defaultclock;
}
void set_variable_by_name(std::string name)
{
}
void _write_arrays()
{
}
void _init_arrays()
{
    using namespace brian;
    _array_w = new double[3];
    for(int i=0; i<3; i++) _array_w[i] = 0;
}
void _load_arrays()
{
    std::ifstream file;
    file.open("static_arrays/indices", std::ios::in | std::ios::binary);
    if (!file.is_open())
        std::cout << "Error opening static array indices." << std::endl;
}
void brian_start()
{
    _init_arrays();
    _load_arrays();
}
""",
    "main.cpp": """
    brian_start();
    {
        using namespace brian;
        network.clear();
        network.add(&defaultclock, _run_step);
        set_from_command_line(args);
        network.run(1.0, NULL, 10.0);
    }
""",
    "code_objects/step.cpp": """
#include "objects.h"
void _run_step()
{
    using namespace brian;
    volatile double one = 1.0;
    _array_w[1] += 1;
    _array_w[2] = _array_w[2] * one;
    if (_array_w[0] == _array_w[1])
        throw std::runtime_error("no memory left");
}
""",
    "static_arrays/indices": "anything",
}


def loaded(folder: Path, like: Program) -> Program:
    """Return the program in a folder; never one that is loaded already."""
    return replace(like, folder=folder, library=load_library(folder / LIBRARY), lock=lock())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the toy, compiled."""
    folder = tmp_path_factory.mktemp("built")
    for name, text in TOY.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    (folder / "merged.cc").write_text(merge(folder, {}, {}, [Array("_array_w", "fixed")]))
    compile_library(folder, "merged.cc")
    return folder


@pytest.fixture
def toy(built: Path, tmp_path: Path) -> Program:
    """Return a network which counts steps in its second number, and fails when it has counted up to its first."""
    folder = tmp_path / "toy"
    shutil.copytree(built, folder)
    return Program(folder, {"w": Variable(0, "float64", given=False)}, (), (), load_library(folder / LIBRARY), lock())


@pytest.mark.parametrize("steps", [0, 1, 5])
def test_what_is_given_comes_back_after_as_many_steps(toy: Program, steps: int) -> None:
    found = toy.run({"w": [-1.0, 0.5, 2.5], "time.steps": steps}, ["w"])
    assert found["w"].tolist() == [-1.0, 0.5 + steps, 2.5]
    assert toy.run({"time.steps": steps}, ["w"])["w"].tolist() == [0, steps, 0]


def test_what_fails_in_the_network_is_told(toy: Program) -> None:
    with pytest.raises(SimulationError, match=r"The network's program ended and said: no memory left$"):
        toy.run({"w": [3.0, 0.0, 0.0], "time.steps": 3}, ["w"])
    assert toy._view("w").tolist() == [3.0, 3.0, 0.0]
    assert toy.run({"w": [3.0, 0.0, 0.0], "time.steps": 2}, ["w"])["w"].tolist() == [3.0, 2.0, 0.0]


def denormals_are_numbers() -> bool:
    """Return whether the smallest of all numbers is told from 0."""
    return bool((np.array([5e-324]) * np.ones(1))[0] != 0) and bool(np.float64(5e-324) * np.float64(1) != 0)


def test_denormals_are_zero_only_within_a_run(toy: Program) -> None:
    assert denormals_are_numbers()
    given = {"w": [0.0, 0.0, 5e-324], "time.steps": 0}
    assert toy.run(given, ["w"])["w"][2] != 0
    after = toy.run(given | {"time.steps": 1}, ["w"])["w"]
    assert denormals_are_numbers()
    # Other processors are left as they are.
    assert (after[2] == 0) == (platform.machine() in {"x86_64", "AMD64"})
    with pytest.raises(SimulationError, match="no memory left"):
        toy.run({"w": [1.0, 0.0, 5e-324], "time.steps": 1}, ["w"])
    assert denormals_are_numbers()


def test_library_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.cc").write_text('extern "C" int workbench_prepare(const char*) { return 0; }')
    compile_library(tmp_path, "other.cc", "other.so")
    (tmp_path / "text.so").write_text("no library at all")
    for name in ("other.so", "text.so", "missing.so"):
        with pytest.raises(
            SimulationError, match=rf"{name}: the network's program cannot be loaded .* Delete its folder"
        ):
            load_library(tmp_path / name)


@pytest.fixture(params=["replay", "causal", "clock"])
def program(request: pytest.FixtureRequest) -> Program:
    """Return a compiled network."""
    return standalone.program(replace(SETUPS["eprop_1"], form=request.param))


def copied(program: Program, folder: Path) -> Program:
    """Return a network of its own with the same code."""
    for path in (path for pattern in NEEDED for path in program.folder.glob(pattern)):
        place = folder / path.relative_to(program.folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    return loaded(folder, program)


WEIGHTS: NDArray[Any] = np.arange(72.0)


def values(weights: NDArray[Any] = WEIGHTS) -> dict[str, Any]:
    """Return what a run of no trials needs."""
    return {"time.dt": 1e-3, "time.steps": 0, "w_hidden1.w": weights, "clock.n_steps": 10}


def test_weights_come_back_from_a_real_program(program: Program) -> None:
    found = program.run(values(), ["w_hidden1.w", "clock.n_steps"])
    assert np.array_equal(found["w_hidden1.w"], WEIGHTS)
    assert found["clock.n_steps"] == 10


@pytest.mark.parametrize("size", [0, 1, 71, 73, 144])
def test_array_of_another_size_is_refused(program: Program, size: int) -> None:
    with pytest.raises(
        SimulationError, match=f"'w_hidden1.w' has 72 elements in the network's program, but {size} came"
    ):
        program.run(values(np.zeros(size)), ["w_hidden1.w"])


def test_more_than_one_number_for_one_is_refused(program: Program) -> None:
    with pytest.raises(SimulationError, match=r"'clock.n_steps' has 1 elements in the network's program, but 2 came"):
        program.run(values() | {"clock.n_steps": [10, 10]}, ["w_hidden1.w"])


@pytest.mark.parametrize("name", ["hidden1_spikes.t", "g_hidden1.g"])
def test_what_a_run_fills_cannot_be_given(program: Program, name: str) -> None:
    assert len(program.run(values(), [name])[name]) == 0
    with pytest.raises(SimulationError, match=f"'{name}' has 0 elements in the network's program, but 3 came"):
        program.run(values() | {name: np.zeros(3)}, [name])


def test_variable_that_a_program_does_not_know_is_refused(program: Program) -> None:
    unknown = Variable(len(program.variables), "float64", given=False)
    tampered = replace(program, variables=program.variables | {"w_hidden1.w": unknown})
    message = "The network's program has no variable 'w_hidden1.w'"
    with pytest.raises(SimulationError, match=message):
        tampered.run(values(), ["clock.n_steps"])
    given = values()
    del given["w_hidden1.w"]
    tampered.run(given, ["clock.n_steps"])
    with pytest.raises(SimulationError, match=message):
        tampered.run(given, ["w_hidden1.w"])


def test_weights_that_are_not_finite_reach_a_program(program: Program) -> None:
    given = WEIGHTS.copy()
    given[[5, 7]] = np.nan, -np.inf
    found = program.run(values(given), ["w_hidden1.w"])
    assert np.array_equal(found["w_hidden1.w"], given, equal_nan=True)


def test_single_precision_is_read_as_double() -> None:
    setup = replace(SETUPS["eprop_1"], precision="float32")
    program = standalone.program(setup)
    weights = np.linspace(-1.0, 1.0, 72)
    targets = np.linspace(0.0, 2.0, setup.trial_capacity * setup.network.n_outputs)
    given = values(weights) | {"table.targets": targets, "clock.learning_rate": 0.1}
    found = program.run(given, [*given.keys() - {"time.steps"}, "w_hidden1.g"])
    for name in ("w_hidden1.w", "table.targets", "clock.learning_rate"):
        assert np.allclose(found[name], given[name], rtol=1e-7, atol=0)
    assert found["w_hidden1.w"].dtype == np.float64
    assert found["clock.n_steps"].dtype == np.int32
    assert np.array_equal(found["w_hidden1.w"], weights.astype(np.float32).astype(np.float64))
    assert not np.array_equal(found["w_hidden1.w"], weights)
    assert len(found["w_hidden1.g"]) == len(weights)


def test_files_that_are_missing_are_told(program: Program, tmp_path: Path) -> None:
    mine = copied(program, tmp_path / "mine")
    paths = sorted((mine.folder / "static_arrays").iterdir())
    kept = {path: path.read_bytes() for path in paths}
    assert len(kept) > 2
    for missing in (1, len(kept)):
        for path in paths[:missing]:
            path.unlink(missing_ok=True)
        message = f"mine: {missing} of the program's files are missing. Delete the folder."
        with pytest.raises(SimulationError, match=message):
            mine.run(values(), ["w_hidden1.w"])
    for path, data in kept.items():
        path.write_bytes(data)
    assert np.array_equal(mine.run(values(), ["w_hidden1.w"])["w_hidden1.w"], WEIGHTS)


def test_a_program_offers_its_three_functions_only(program: Program) -> None:
    told = subprocess.run(
        ["nm", "-D", "--defined-only", program.folder / LIBRARY], capture_output=True, text=True, check=True
    )
    symbols = [line.split()[-2:] for line in told.stdout.splitlines()]
    # Weak functions of the standard library hold no state; whatever does, two libraries might share.
    assert sorted(name for kind, name in symbols if kind != "W") == [
        "workbench_array",
        "workbench_prepare",
        "workbench_run",
    ]
    assert not [name for _, name in symbols if "brian" in name or "unit_" in name]


def test_networks_do_not_see_each_others_arrays(program: Program, tmp_path: Path) -> None:
    other = standalone.program(SETUPS["dcll_1"])
    alike = copied(program, tmp_path)
    for another in (other, alike):
        program.run(values(), [])
        found = another.run(values(-WEIGHTS), ["w_hidden1.w"])
        assert np.array_equal(found["w_hidden1.w"], -WEIGHTS)
        assert np.array_equal(program._view("w_hidden1.w"), WEIGHTS)
    # The same file is the same network.
    loaded(program.folder, program).run(values(-WEIGHTS), [])
    assert np.array_equal(program._view("w_hidden1.w"), -WEIGHTS)


#: A plan that changes the weights, and the memory of the optimizer, after every second of 8 trials.
LEARN = Plan(learning=True, update_after=np.resize([0, 2], 8), learning_rate=1.0)


def test_networks_do_not_disturb_each_other(program: Program, tmp_path: Path) -> None:
    case, other = random_case(SETUPS["eprop_1"]), random_case(SETUPS["dcll_1"])
    before, after = (Simulator(case.setup, item).run(case.state, case.trials, LEARN) for item in (program, program))
    assert_alive(before[0], case.setup)
    assert not same_state(before[1], case.state)
    alike = Simulator(case.setup, copied(program, tmp_path))
    for setting in (LEARN, Plan()):
        disturbed, state = other.simulator().run(other.state, other.trials, setting)
        assert_alive(disturbed, other.setup)
        copy, moved = alike.run(case.state, case.trials, LEARN)
        assert same_recording(copy, before[0])
        assert same_state(moved, before[1])
        after = Simulator(case.setup, program).run(case.state, case.trials, LEARN)
        assert same_recording(after[0], before[0])
        assert same_state(after[1], before[1])
        assert same_state(state, other.state) == (setting is not LEARN)


def bits(found: dict[str, NDArray[Any]]) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in found.items()}


class Everything:
    """A program of which every variable is read, asked for or not."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.bindings, self.propagators = program.bindings, program.propagators
        self.found: dict[str, NDArray[Any]] = {}

    def run(self, values: Mapping[str, Any], read: Iterable[str]) -> dict[str, NDArray[Any]]:
        self.found = self.program.run(values, self.program.variables)
        return {name: self.found[name] for name in read}


def test_every_run_starts_from_zero(program: Program, tmp_path: Path) -> None:
    case, other = random_case(SETUPS["eprop_1"]), random_case(SETUPS["eprop_1"], seed=1)
    runner = Everything(copied(program, tmp_path / "used"))
    simulator = Simulator(case.setup, runner)
    simulator.run(case.state, case.trials, LEARN)
    first, kept = runner.found, bits(runner.found)
    simulator.run(other.state, other.trials, Plan(learning=True, record_gradient=True))
    changed = {name for name, data in bits(runner.found).items() if data != kept[name]}
    assert {
        "w_hidden1.w",
        "hidden1_spikes.t",
        "g_hidden1.g",
        "readout.v",
        "clock.n_updates",
        "table.targets",
    } <= changed
    # What was read is a copy, which the next run leaves alone.
    assert bits(first) == kept
    simulator.run(case.state, case.trials, LEARN)
    assert bits(runner.found) == kept


def test_what_is_not_given_is_zero(program: Program, tmp_path: Path) -> None:
    case = random_case(SETUPS["eprop_1"])
    nothing = {"time.dt": 1e-3, "time.steps": 0}
    fresh, used = (copied(program, tmp_path / name) for name in ("fresh", "used"))
    # Tables are given in every run, and so is where the spikes end.
    given = [name for name, variable in program.variables.items() if variable.given]
    assert given == ["inputs._timebins", "inputs.neuron_index"]
    read = [name for name in program.variables if not name.startswith("table.") and name not in given]
    expected = bits(fresh.run(nothing, read))
    Simulator(case.setup, used).run(case.state, case.trials, LEARN)
    left = {name: used._view(name).copy() for name in read}
    found = used.run(nothing, read)
    assert [name for name, data in bits(found).items() if data != expected[name]] == []
    for name in ("w_hidden1.w", "readout.v", "readout.target", "clock.learning", "clock.n_updates"):
        assert left[name].any()
        assert not found[name].any()


def test_fewer_spikes_than_a_run_had_before_leave_no_spike_of_it(program: Program, tmp_path: Path) -> None:
    case = random_case(SETUPS["eprop_1"])
    fresh, used = (Simulator(case.setup, copied(program, tmp_path / name)) for name in ("fresh", "used"))
    few = case.trials.take(np.arange(2))
    gradient = Plan(learning=True, record_gradient=True)
    expected, _ = fresh.run(case.state, few, gradient)
    first, _ = used.run(case.state, case.trials, LEARN)
    assert len(first.spikes["hidden1"].step) > len(expected.spikes["hidden1"].step) > 0
    found, _ = used.run(case.state, few, gradient)
    assert bits(vars(found.spikes["hidden1"])) == bits(vars(expected.spikes["hidden1"]))
    assert bits(found.gradient) == bits(expected.gradient)


def test_arithmetic_of_the_process_stays_as_it_is(program: Program, tmp_path: Path) -> None:
    case = random_case(SETUPS["eprop_1"])
    assert denormals_are_numbers()
    mine = copied(program, tmp_path)
    assert denormals_are_numbers(), "loading a network changes the arithmetic of whoever loads it"
    recording, _ = Simulator(case.setup, mine).run(case.state, case.trials, LEARN)
    assert_alive(recording, case.setup)
    assert denormals_are_numbers(), "running a network changes the arithmetic of whoever runs it"


def test_every_plastic_number_of_a_state_is_read_back() -> None:
    case = random_case(SETUPS["eprop_2"], count=2)
    plan = Plan(learning=True, update_after=np.array([0, 2]), learning_rate=0.0)
    _, state = case.simulator().run(case.state, case.trials, plan)
    for layer, weights in case.state.weights.items():
        assert np.array_equal(state.weights[layer], weights)
        assert {f"{layer}.{name}" for name in ("g", "mean", "square")} <= set(state.memory)
    assert state.n_updates == 1


def counted_in_threads(toy: Program, runs: int) -> list[bool]:
    """Let two threads run one network, and return for each run whether it counted from its own number."""

    def count(number: int) -> bool:
        found = toy.run({"w": [-1.0, float(number), 0.0], "time.steps": 10_000}, ["w"])
        return bool(found["w"][1] == number + 10_000)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(count, range(runs)))


def test_threads_wait_for_each_other(toy: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(counted_in_threads(toy, 40))
    # The negative control: without the lock both set their number before one of them runs.
    both_have_set = threading.Barrier(2)
    set_alone = Program._set

    def set_together(toy: Program, name: str, value: object) -> None:
        set_alone(toy, name, value)
        both_have_set.wait()

    monkeypatch.setattr(Program, "_set", set_together)
    assert not all(counted_in_threads(replace(toy, lock=nullcontext(True)), 2))


def test_a_run_in_the_middle_of_another_is_refused(toy: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"w": [-1.0, 0.5, 2.5], "time.steps": 4}
    refused: list[SimulationError] = []

    def interrupt(*_: object) -> None:
        with pytest.raises(SimulationError, match="in the middle of a call for the same one") as told:
            toy.run(given | {"time.steps": 1}, ["w"])
        refused.append(told.value)

    set_alone = Program._set

    def set_and_interrupted(toy: Program, name: str, value: object) -> None:
        set_alone(toy, name, value)
        signal.raise_signal(signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(Program, "_set", set_and_interrupted)
            assert toy.run(given, ["w"])["w"].tolist() == [-1.0, 4.5, 2.5]
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert len(refused) == 1
    # Afterwards it is free, also where a run has failed.
    with pytest.raises(SimulationError, match="no memory left"):
        toy.run({"w": [1.0, 0.0, 0.0], "time.steps": 1}, ["w"])
    assert toy.run(given, ["w"])["w"].tolist() == [-1.0, 4.5, 2.5]


@pytest.mark.parametrize("threads", [2, 4])
@pytest.mark.parametrize("names", [["eprop_1"], ["eprop_1", "dcll_1"]], ids=["one network", "two networks"])
def test_results_are_the_same_in_threads(names: list[str], threads: int) -> None:
    cases = [random_case(SETUPS[names[k % len(names)]], k % 4) for k in range(24)]

    def run(case: Case) -> Recording:
        return simulator(case.setup).run(case.state, case.trials, Plan(learning=True, record_gradient=True))[0]

    alone = [run(case) for case in cases]
    with ThreadPoolExecutor(threads) as pool:
        together = list(pool.map(run, cases))
    assert all(same_recording(one, other) for one, other in zip(alone, together, strict=True))
    assert not same_recording(alone[0], together[2])


def test_paths_to_one_library_share_its_lock(built: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(built)
    copy = shutil.copytree(built, tmp_path / "copy")
    locks = [_lock_of(load_library(folder / LIBRARY)._handle) for folder in (built, tmp_path / "link", copy)]
    assert locks[0] is locks[1]
    assert locks[0] is not locks[2]
