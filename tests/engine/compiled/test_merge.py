"""The merged library is the program that Brian2 generated: every array of it ends as that of Brian2's own program.

The library is optimised as users have it, and Brian2's program is not, so that neither changes a bit.
"""

import json
import re
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import SETUPS, assert_alive, error_of
from tests.shipped import as_shipped
from workbench.common.errors import BuildError
from workbench.declare.options import Form
from workbench.engine.compiled import generate as generating
from workbench.engine.compiled.cache import cached
from workbench.engine.compiled.cache_key import ARITHMETIC, compiler
from workbench.engine.compiled.compile import compile_library
from workbench.engine.compiled.library_source import Array
from workbench.engine.compiled.merge import _dense_loop, merge
from workbench.engine.compiled.program import Program, _load, load_library
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator
from workbench.model.bindings import Binding, Propagator
from workbench.model.structure import structure_of
from workbench.testing.case import Case, random_case

Dense = Mapping[str, tuple[int, int]]
Values = Mapping[str, Any]
Arrays = dict[str, NDArray[Any]]

#: How Brian2's program knows an array on its command line, and in which file it leaves it.
_ARGUMENT = re.compile(r'if \(name == "([^"]+)"\) \{.*?set_variable_from_file\(name, &?(\w+)', re.DOTALL)
_FILE = re.compile(r'outfile_(\w+)\.open\(results_dir \+ "(_[^"]+)"')


@dataclass(frozen=True)
class Told:
    """What `merge` is told besides the folder."""

    gates: Mapping[str, str]
    dense: Dense
    arrays: Sequence[Array]


def generated(case: Case, folder: Path) -> Told:
    """Write Brian2's sources of a network, and return what is to be put into them."""
    told = []

    def listen(project: Path, gates: Mapping[str, str], dense: Dense, arrays: Sequence[Array]) -> str:
        told.append(Told(gates, dense, arrays))
        return merge(project, gates, dense, arrays)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generating, "merge", listen)
        generating.generate(case.setup, folder)
    return told[0]


def compile_separately(case: Case, folder: Path, told: Told) -> None:
    """Compile as Brian2 does, file by file with its own makefile; gates, dt and the arithmetic are put in.

    The makefile reads `CXX`, as the tests set it.
    """
    for name, condition in told.gates.items():
        path = folder / "code_objects" / f"{name}.cpp"
        start = rf"(void _run_{name}\(\)\n{{\n\s*using namespace brian;\n)"
        text, count = re.subn(start, rf"\1if (!({condition})) return;\n", path.read_text())
        assert count == 1
        path.write_text(text)
    main = folder / "main.cpp"
    text, count = re.subn(
        r"(_array_defaultclock_dt\[0\] = )[-+0-9.e]+;", rf"\g<1>{case.setup.network.dt!r};", main.read_text()
    )
    assert count >= 1
    main.write_text(text)
    flags = " ".join((*ARITHMETIC, "-march=native", "-std=c++17"))
    # The header has been put beside the sources by the build of the library.
    subprocess.run(["make", "-j2", f"OPTIMISATIONS={flags}"], cwd=folder, check=True, capture_output=True)


def compile_all(case: Case, folder: Path) -> None:
    """Compile a network in every way."""
    told = generated(case, folder)
    assert len(told.gates) > 10
    assert len(told.dense) >= 3 if case.setup.form == "clock" else not told.dense
    # All that ends with cpp would be merged.
    (folder / "merged.cpp").rename(folder / "merged.cc")
    with as_shipped():
        compile_library(folder, "merged.cc")
        if told.dense:
            (folder / "plain.cc").write_text(merge(folder, told.gates, {}, told.arrays))
            assert (folder / "plain.cc").read_text() != (folder / "merged.cc").read_text()
            compile_library(folder, "plain.cc", "plain.so")
    (folder / "names.json").write_text(json.dumps([array.name for array in told.arrays]))
    compile_separately(case, folder, told)


@dataclass(frozen=True)
class Keeper:
    """A program of which every array is kept, asked for or not."""

    program: Program
    start: Callable[[Program, Values], Arrays]
    kept: Arrays = field(default_factory=dict)

    @property
    def bindings(self) -> tuple[Binding, ...]:
        return self.program.bindings

    @property
    def propagators(self) -> tuple[Propagator, ...]:
        return self.program.propagators

    def run(self, values: Values, read: Iterable[str]) -> Arrays:
        self.kept.update(self.start(self.program, {**values, **filled(self.program, values)}))
        return {name: self.kept[name] for name in read}


def filled(program: Program, values: Values) -> Values:
    """Return spikes that are given, followed by the last until there is no room, so that each byte is told."""
    program.prepare()
    given = {name: np.asarray(value) for name, value in values.items() if name in program.variables}
    room = {name: len(program._view(name)) for name in given if program.variables[name].given}
    assert room
    return {name: np.pad(given[name], (0, size - len(given[name])), mode="edge") for name, size in room.items()}


def everything(program: Program) -> list[str]:
    """Return the variables that Brian2 writes; it writes no tables."""
    return [name for name in program.variables if not name.startswith(("table.", "time."))]


def run_library(program: Program, values: Values) -> Arrays:
    found = program.run(values, everything(program))
    # When Brian2's own program has run, it forgets the spikes of the last step, and nothing else.
    ends = [path.name for path in (program.folder / "code_objects").glob("after_run_*.cpp")]
    assert ends == ["after_run_hidden1_spike_thresholder_codeobject.cpp"]
    found["hidden1._spikespace"][-1] = 0
    return found


def run_separately(program: Program, values: Values, place: Path) -> Arrays:
    """Run Brian2's own program, which takes and leaves arrays as files."""
    assert values["time.steps"] * values["time.dt"] == pytest.approx(1.0), "not the time in Brian2's own main program"
    objects = (program.folder / "objects.cpp").read_text()
    arguments = {held: argument for argument, held in _ARGUMENT.findall(objects)}
    files = dict(_FILE.findall(objects))
    names = json.loads((program.folder / "names.json").read_text())
    told = []
    for name, value in values.items():
        if not name.startswith("time."):
            variable = program.variables[name]
            np.asarray(value, dtype=variable.dtype).tofile(place / name)
            told.append(f"{arguments[names[variable.number]]}={place / name}")
    command = [str(program.folder / "main"), "--results_dir", f"{place}/", *told]
    done = subprocess.run(command, cwd=program.folder, capture_output=True, text=True, check=True)
    assert done.stdout + done.stderr == ""
    found = {}
    for name in everything(program):
        variable = program.variables[name]
        found[name] = np.fromfile(place / files[names[variable.number]], dtype=variable.dtype)
    return found


def present(case: Case, start: Callable[[Program, Values], Arrays], program: Program, rate: float = 2.0) -> Arrays:
    """Train a network, then let it record gradients, and return every array as it is after each of the two."""
    keeper = Keeper(program, start)
    simulator = Simulator(case.setup, keeper)
    plan = Plan(learning=True, update_after=np.resize([0, 0, 0, 4], 20), learning_rate=rate)
    recording, state = simulator.run(case.state, case.trials, plan)
    assert_alive(recording, case.setup)
    assert error_of(state.weights["hidden1"], case.state.weights["hidden1"]) > 1e-3
    trained = dict(keeper.kept)
    recording, _ = simulator.run(state, case.trials, Plan(learning=True, record_gradient=True))
    assert_alive(recording, case.setup)
    return trained | {f"recorded {name}": array for name, array in keeper.kept.items()}


@dataclass(frozen=True)
class Results:
    """All arrays after a training, for each way of compiling the network.

    Attributes
    ----------
    separate, merged : dict of str to ndarray
        Of Brian2's own program, and of the library without loops of ours.
    other, again : dict of str to ndarray
        Of another training in the same library, and of the first after it once more.
    dense : dict of str to ndarray
        Of the library as it is used.
    """

    separate: Arrays
    merged: Arrays
    other: Arrays
    again: Arrays
    dense: Arrays


@pytest.fixture(scope="module", params=["clock", "replay", "causal"])
def results(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Return what a network leaves after trials that take one second: the time in Brian2's own main program."""
    form: Form = request.param
    setup = replace(SETUPS["eprop_1"], form=form)
    setup = replace(setup, network=replace(setup.network, n_steps=50, dt=1e-3))
    case, other = (random_case(setup, seed=seed, count=20) for seed in (0, 1))
    # Brian2's own way takes half a minute, so that it is kept like any other program.
    name = {"compiled in every way": structure_of(setup), "test": Path(__file__).read_text()}
    folder = cached(name, lambda place: compile_all(case, place))
    program = _load(folder)
    plain = replace(program, library=load_library(folder / "plain.so")) if form == "clock" else program
    place = tmp_path_factory.mktemp("separate")
    return Results(
        separate=present(case, lambda program, values: run_separately(program, values, place), program),
        merged=present(case, run_library, plain),
        other=present(other, run_library, plain, rate=1.0),
        again=present(case, run_library, plain),
        dense=present(case, run_library, program),
    )


def different(one: Arrays, other: Arrays) -> list[str]:
    """Return the arrays that differ in a bit."""
    assert one.keys() == other.keys()
    return [
        name for name in one if one[name].dtype != other[name].dtype or one[name].tobytes() != other[name].tobytes()
    ]


def test_merged_and_separate_give_the_same_bytes(results: Results) -> None:
    assert different(results.merged, results.separate) == []
    assert len(results.merged) > 100
    assert sum(array.nbytes for array in results.merged.values()) > 10_000


def test_another_training_gives_other_bytes(results: Results) -> None:
    seen = set(different(results.other, results.separate))
    assert {"w_hidden1.w", "hidden1_spikes.t", "readout_record.loss", "recorded g_hidden1.g", "readout.v"} <= seen


def test_a_library_that_ran_before_gives_the_same_bytes(results: Results) -> None:
    assert different(results.again, results.separate) == []


@pytest.mark.parametrize("results", ["clock"], indirect=True)
def test_dense_loops_give_the_same_bytes(results: Results) -> None:
    dense, plain = results.dense, results.merged
    assert different(dense, plain) == []
    assert np.abs(plain["w_hidden1.w"]).max() > 0
    other = results.other["w_hidden1.w"]
    assert np.abs(other - plain["w_hidden1.w"]).max() > 1e-3 * np.abs(plain["w_hidden1.w"]).max()


#: What is looked for in Brian2's main program and in its source of all arrays.
BEGIN = "brian_start();\n{\n    using namespace brian;\n    w[0] = 7;\n    network.clear();\n"
STEP = "    network.add(&defaultclock, _run_{name});\n"
END = "    set_from_command_line(args);\n    network.run(1.0, NULL, 10.0);\n}\n"
MAIN = BEGIN + STEP.format(name="learn") + STEP.format(name="reset") + END
SET = "void set_variable_by_name(std::string name)\n{\n    set_it();\n}\n"
WRITE = "void _write_arrays()\n{\n    write_it();\n}\n"


def source(folder: Path, **files: str) -> Path:
    """Return a project of few files."""
    (folder / "code_objects").mkdir()
    for name, text in ({"main": MAIN, "objects": SET + WRITE} | files).items():
        (folder / f"{name}.cpp").write_text(text)
    return folder


def test_sources_that_look_as_expected_are_merged(tmp_path: Path) -> None:
    arrays = [Array("w", "fixed"), Array("spikes", "growing"), Array("record", "rows")]
    text = merge(source(tmp_path), {}, {}, arrays)
    prepared, ran = text.split("WORKBENCH_OFFERS const char* workbench_run(")
    assert "w[0] = 7;" in prepared
    assert "w[0] = 7;" not in ran
    assert re.findall(r"_run_\w+\(\);", ran) == ["_run_learn();", "_run_reset();"]
    assert re.findall(r"case (\d+): .*\b(w|spikes|record)\b", prepared) == [
        ("0", "w"),
        ("1", "spikes"),
        ("2", "record"),
    ]
    assert "set_it" not in text
    assert "write_it" not in text


NOT_ONE_RUN = "main program does not set variables and then run once, as was expected"
NOT_ONLY_STEPS = "main program does something else than to run one object after the other"
NO_FILES = "reads and writes arrays is not where it was expected"


@pytest.mark.parametrize(
    ("files", "gates", "message"),
    [
        ({}, {"learn": "true"}, "Brian2 generated no code for learn, which should run in some steps only"),
        ({"main": ""}, {}, NOT_ONE_RUN),
        ({"main": MAIN.replace("network.run(1.0, NULL, 10.0);", "")}, {}, NOT_ONE_RUN),
        ({"main": MAIN + "network.run(2.0, NULL, 10.0);"}, {}, NOT_ONE_RUN),
        ({"main": MAIN.replace("set_from_command_line(args);", "")}, {}, NOT_ONE_RUN),
        ({"main": BEGIN + END}, {}, NOT_ONLY_STEPS),
        ({"main": BEGIN + STEP.format(name="learn") + "    w[0] = 8;\n" + END}, {}, NOT_ONLY_STEPS),
        ({"main": MAIN.replace("&defaultclock, _run_reset", "&slow, _run_reset")}, {}, NOT_ONLY_STEPS),
        ({"main": MAIN.replace("network.clear();", "")}, {}, NOT_ONLY_STEPS),
        ({"objects": SET}, {}, NO_FILES),
        ({"objects": WRITE}, {}, NO_FILES),
        ({"objects": SET + WRITE + WRITE}, {}, NO_FILES),
        ({"objects": SET + SET + WRITE}, {}, NO_FILES),
    ],
)
def test_sources_that_look_otherwise_are_refused(
    tmp_path: Path, files: dict[str, str], gates: dict[str, str], message: str
) -> None:
    with pytest.raises(BuildError, match=message):
        merge(source(tmp_path, **files), gates, {}, [])


LOOP = "    for(int _idx=0; _idx<N; _idx++)\n    {\n        x[_idx] = 1;\n    }\n"


@pytest.mark.parametrize("loops", [0, 1, 2])
def test_one_loop_is_expected(tmp_path: Path, loops: int) -> None:
    project = source(tmp_path)
    code = f"void _run_learn()\n{{\n    using namespace brian;\n    y = 1;\n{loops * LOOP}}}\n"
    (project / "code_objects" / "learn.cpp").write_text(code)
    assert "if (!(gate)) return;" in merge(project, {"learn": "gate"}, {}, [])
    if loops == 1:
        assert "const int _idx = _pre*3 + _post;" in merge(project, {}, {"learn": (2, 3)}, [])
        assert "_pre*3" not in merge(project, {}, {}, [])
        return
    with pytest.raises(BuildError, match=f"code over synapses has {loops} loops; one was expected"):
        merge(project, {}, {"learn": (2, 3)}, [])


#: What Brian2 writes in a loop over synapses, and what of it is found once for each target.
BODIES = {
    "_ptr_g[_idx] = g + dt * ((a_post * e_post) * int(r_pre > 0.5));": ["(a_post * e_post)"],
    "_ptr_g[_idx] = g + (- a_post) * (r_pre - (a_post * g)) * (a_post);": ["(- a_post)"],
    "_ptr_g[_idx] = (a_post - e_post) * r_pre + fabs(e_post + a_post * e_post) * (a_post - e_post);": [
        "(a_post - e_post)",
        "(e_post + a_post * e_post)",
    ],
    "_ptr_g[_idx] = g * (e_post * r_pre) * (2.0 * a_post) * (a_post / e_post) * (dt * a_post);": [],
    "_ptr_a[_postsynaptic_idx] = g + 0.5 * (a_post * e_post);": [],
    "const double _synaptic_var = g * e_post;\n_ptr_r[_ptr_w_synaptic_pre[_idx]] += _synaptic_var;": [],
    "const double _synaptic_var = g * (a_post * r_pre);\n_ptr_e[_ptr_w_synaptic_post[_idx]] += _synaptic_var;": [],
}

#: Runs two loops on the same numbers, and prints whether the first changes any, and whether the second does otherwise.
COMPARED = """
namespace case_{number} {{
const int n_pre = {n_pre}, n_post = {n_post}, N = n_pre * n_post;
struct Numbers {{ double g[N], a[n_post], e[n_post], r[n_pre]; }} given, first, second;
int32_t _ptr_w_synaptic_pre[N], _ptr_w_synaptic_post[N];
void plain(double* __restrict _ptr_g, double* __restrict _ptr_a, double* __restrict _ptr_e, double* __restrict _ptr_r)
{{
    const double dt = 1e-3;
{plain}
void dense(double* __restrict _ptr_g, double* __restrict _ptr_a, double* __restrict _ptr_e, double* __restrict _ptr_r)
{{
    const double dt = 1e-3;
{dense}
void run()
{{
    std::mt19937_64 generator(1);
    std::normal_distribution<double> normal;
    for (size_t k = 0; k < sizeof(Numbers) / sizeof(double); k++)
        ((double*) &given)[k] = normal(generator) * std::pow(10, 3 * normal(generator));
    given.a[1] = -0.0;
    given.e[0] = {extreme};
    for (int k = 0; k < N; k++) {{ _ptr_w_synaptic_pre[k] = k / n_post; _ptr_w_synaptic_post[k] = k % n_post; }}
    first = second = given;
    plain(first.g, first.a, first.e, first.r);
    dense(second.g, second.a, second.e, second.r);
    printf("%d %d\\n", memcmp(&given, &first, sizeof first) != 0, memcmp(&first, &second, sizeof first) != 0);
}}
}}
"""


def loop_of(body: str) -> str:
    """Return a loop over synapses as Brian2 writes it, and the end of its function."""
    ends = (("pre", "r"), ("post", "a"), ("post", "e"))
    reads = [f"const int32_t _{side}synaptic_idx = _ptr_w_synaptic_{side}[_idx];" for side in ("pre", "post")]
    reads += [f"const double {name}_{side} = _ptr_{name}[_{side}synaptic_idx];" for side, name in ends]
    inside = "".join(f"        {line}\n" for line in [*reads, "const double g = _ptr_g[_idx];", body])
    return f"    for(int _idx=0; _idx<N; _idx++)\n    {{\n{inside}    }}\n\n}}\n"


@pytest.mark.parametrize("body", BODIES)
def test_what_follows_from_a_target_alone_is_found_once(body: str) -> None:
    text = _dense_loop(loop_of(body), 11, 5)
    once, _, inside = text.partition("for(int _pre=") if "_of_post" in text else ("", "", text)
    assert re.findall(r"_of_post_\d\[_post\] = (.*);", once) == BODIES[body]
    assert not [bracket for bracket in BODIES[body] if bracket in inside]


@pytest.mark.parametrize("kind", ["double", "float"])
def test_loops_of_ours_change_no_bit(kind: str, tmp_path: Path) -> None:
    shapes = [(19, 6), (8, 3), (3, 33)]
    cases = [(shape, body, body, extreme) for shape in shapes for body in BODIES for extreme in ("1.0", "1e30", "NAN")]
    # A product in another order has other bits, and so has a sum of such.
    orders = ("dt * (a_post * r_pre)", "(dt * a_post) * r_pre")
    (summed,) = [body for body in BODIES if "_ptr_r[" in body]
    others = [[f"_ptr_g[_idx] = {each};" for each in orders], [summed.replace("g * e_post", each) for each in orders]]
    cases += [((19, 6), body, other, "1.0") for body, other in others]
    program = "".join(f"#include <{name}>\n" for name in ("cmath", "cstdint", "cstdio", "cstring", "random"))
    for number, ((n_pre, n_post), body, other, extreme) in enumerate(cases):
        dense = _dense_loop(loop_of(other), n_pre, n_post)
        program += COMPARED.format(
            number=number, n_pre=n_pre, n_post=n_post, plain=loop_of(body), dense=dense, extreme=extreme
        )
    program += f"int main() {{ {' '.join(f'case_{number}::run();' for number in range(len(cases)))} return 0; }}\n"
    (tmp_path / "compared.cpp").write_text(program.replace("double", kind))
    command = [compiler()[0], "-std=c++17", "-w", *ARITHMETIC[:-2], "-march=native", "compared.cpp", "-o", "compared"]
    subprocess.run(command, cwd=tmp_path, check=True)
    told = subprocess.run([tmp_path / "compared"], capture_output=True, text=True, check=True).stdout.splitlines()
    assert told == ["1 0"] * (len(cases) - len(others)) + ["1 1"] * len(others)


def test_code_after_the_loop_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="goes on after its loop, which was expected to be the last"):
        _dense_loop(f"{LOOP}    y = 1;\n}}\n", 2, 3)
