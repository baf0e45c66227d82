"""The merged source is the program that Brian2 generated: the same bytes come out of both."""

import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import SETUPS, Case, assert_alive, error_of, make_case
from workbench.engine import generate as generating
from workbench.engine.cache import FLAGS, cached, compiler
from workbench.engine.merge import merge
from workbench.engine.plan import Plan
from workbench.engine.simulate import Simulator
from workbench.engine.standalone import Program, _load
from workbench.engine.structure import structure_of
from workbench.errors import BuildError
from workbench.model.parts import Binding, Propagator

Dense = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Told:
    """What `merge` is told besides the folder."""

    gates: Mapping[str, str]
    dense: Dense
    run_time: str


def generated(case: Case, folder: Path) -> Told:
    """Write Brian2's sources of a network, and return what is to be put into them."""
    told = []

    def listen(project: Path, gates: Mapping[str, str], dense: Dense, run_time: str) -> str:
        told.append(Told(gates, dense, run_time))
        return merge(project, gates, dense, run_time)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generating, "merge", listen)
        generating.generate(case.setup, folder)
    (folder / "merged.cpp").unlink()
    return told[0]


def compile_merged(folder: Path, told: Told, binaries: Mapping[str, Dense]) -> None:
    """Compile merged sources side by side, each with its own loops."""
    texts = {name: merge(folder, told.gates, dense, told.run_time) for name, dense in binaries.items()}
    running = []
    for name, text in texts.items():
        (folder / f"{name}.cc").write_text(text)
        running.append(subprocess.Popen([compiler()[0], *FLAGS, f"{name}.cc", "-o", name], cwd=folder))
    assert [process.wait() for process in running] == [0] * len(running)


def compile_separately(folder: Path, told: Told) -> None:
    """Compile as Brian2 does, file by file with its own makefile; only the gates are put in."""
    for name, condition in told.gates.items():
        path = folder / "code_objects" / f"{name}.cpp"
        start = rf"(void _run_{name}\(\)\n{{\n\s*using namespace brian;\n)"
        text, count = re.subn(start, rf"\1if (!({condition})) return;\n", path.read_text())
        assert count == 1
        path.write_text(text)
    subprocess.run(["make", "-j2"], cwd=folder, check=True, capture_output=True)


@dataclass(frozen=True)
class Keeper:
    """A program of which every result is kept, asked for or not."""

    program: Program
    binary: str
    place: Path

    @property
    def bindings(self) -> tuple[Binding, ...]:
        return self.program.bindings

    @property
    def propagators(self) -> tuple[Propagator, ...]:
        return self.program.propagators

    def run(self, values: Mapping[str, Any], read: Iterable[str]) -> dict[str, NDArray[Any]]:
        arguments, _ = self.program._arguments(values, self.place)
        files = re.findall(r'results_dir \+ "(_[^"]+)"', (self.program.folder / "objects.cpp").read_text())
        (self.place / "wanted.txt").write_text("\n".join(files))
        command = [str(self.program.folder / self.binary), "--results_dir", f"{self.place}/", *arguments]
        done = subprocess.run(command, cwd=self.program.folder, capture_output=True, text=True, check=True)
        assert done.stderr == ""
        return {name: self.program._read(name, self.place) for name in read}


@pytest.fixture(scope="module")
def case() -> Case:
    """Return trials that take one second: the time that Brian2 writes into its own main program."""
    setup = SETUPS["eprop_1"]
    return make_case(replace(setup, network=replace(setup.network, n_steps=50, dt=1e-3)), count=20)


def compile_all(case: Case, folder: Path) -> None:
    """Compile a network in every way."""
    told = generated(case, folder)
    assert len(told.gates) > 10
    assert len(told.dense) >= 3
    compile_merged(folder, told, {"dense": told.dense, "merged": {}})
    compile_separately(folder, told)


@pytest.fixture(scope="module")
def results(case: Case, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """Return all arrays that the network writes after training, for each way of compiling it."""
    # Brian2's own way takes half a minute, so that it is kept like any other program.
    name = {"compiled in every way": structure_of(case.setup), "test": Path(__file__).read_text()}
    folder = cached(name, lambda place: compile_all(case, place))
    found = {}
    for binary in ("dense", "merged", "main"):
        place = tmp_path_factory.mktemp(binary)
        simulator = Simulator(case.setup, Keeper(_load(folder), binary, place))
        plan = Plan(learning=True, update_after=np.resize([0, 0, 0, 4], 20), learning_rate=2.0)
        recording, state = simulator.run(case.state, case.trials, plan)
        assert_alive(recording, case.setup)
        assert error_of(state.weights["hidden1"], case.state.weights["hidden1"]) > 1e-3
        found[binary] = {path.name: path.read_bytes() for path in place.glob("_*array*")}
    return found


def test_merged_and_separate_give_the_same_bytes(results: dict[str, dict[str, bytes]]) -> None:
    merged, separate = results["merged"], results["main"]
    assert merged.keys() == separate.keys()
    assert len(merged) > 50
    assert [name for name in merged if merged[name] != separate[name]] == []
    assert sum(len(data) for data in merged.values()) > 10_000


def test_dense_loops_add_up_to_the_same(results: dict[str, dict[str, bytes]]) -> None:
    dense, plain = results["dense"], results["merged"]
    assert dense.keys() == plain.keys()
    compared = 0
    for name in plain:
        if dense[name] != plain[name]:
            mine, other = np.frombuffer(dense[name]), np.frombuffer(plain[name])
            assert np.abs(mine - other).max() <= 1e-12 * np.abs(other).max(), name
        compared += 1
    assert compared > 50
    weights = next(data for name, data in plain.items() if name.startswith("_dynamic_array_w_hidden1_w_"))
    assert np.abs(np.frombuffer(weights)).max() > 0


def source(folder: Path, **files: str) -> Path:
    """Return a project of few files."""
    (folder / "code_objects").mkdir()
    texts = {"main": "network.run(1.0, NULL, 10.0);", **files}
    for name, text in texts.items():
        (folder / f"{name}.cpp").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("files", "gates", "message"),
    [
        ({}, {"learn": "true"}, "Brian2 generated no code for learn, which should run in some steps only"),
        ({"main": "network.run(1.0, a); network.run(2.0, b);"}, {}, "main program has 2 runs; one was expected"),
        ({"main": ""}, {}, "main program has 0 runs; one was expected"),
        ({"objects": "void _write_arrays()\n{"}, {}, "reads and writes arrays is not where it was expected"),
    ],
)
def test_sources_that_look_otherwise_are_refused(
    tmp_path: Path, files: dict[str, str], gates: dict[str, str], message: str
) -> None:
    with pytest.raises(BuildError, match=message):
        merge(source(tmp_path, **files), gates, {}, "time")


def test_loop_that_is_not_there_is_refused(tmp_path: Path) -> None:
    project = source(tmp_path)
    code = "void _run_learn()\n{\n    using namespace brian;\n    x = 1;\n}\n"
    (project / "code_objects" / "learn.cpp").write_text(code)
    with pytest.raises(BuildError, match="code over synapses has 0 loops; one was expected"):
        merge(project, {}, {"learn": (2, 3)}, "time")
    assert "if (!(gate)) return;" in merge(project, {"learn": "gate"}, {}, "time")
