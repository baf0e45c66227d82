"""Programs give the same bits on every processor, and functions of our own are right."""

import ctypes
import hashlib
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import SETUPS, assert_alive
from tests.shipped import as_shipped
from workbench.engine.compiled import compile as compiling
from workbench.engine.compiled.cache import cached
from workbench.engine.compiled.cache_key import ARITHMETIC, FLAGS, compiler
from workbench.engine.compiled.program import Program, _load, program
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator
from workbench.model.bindings import Binding, Propagator
from workbench.model.setup import Setup
from workbench.model.structure import structure_of
from workbench.testing.case import random_case
from workbench.text.expressions import evaluate

#: Where a function is looked at, and by how many units of the last place it may be off.
FUNCTIONS: dict[str, tuple[float, float, float]] = {
    "exp": (-700, 700, 1),
    "log": (1e-300, 1e3, 1),
    "log10": (1e-3, 1e3, 2),
    "log1p": (-0.9, 9, 2),
    "expm1": (-9, 9, 3),
    "sinh": (-9, 9, 3),
    "cosh": (-9, 9, 3),
    "tanh": (-9, 9, 3),
    "sin": (-99, 99, 0.51),
    "cos": (-99, 99, 0.51),
    "tan": (-9, 9, 0.51),
    "asin": (-1, 1, 0.51),
    "acos": (-1, 1, 0.51),
    "atan": (-9, 9, 0.51),
}

#: Each function of the header over many numbers, and what tells two processors apart: a product that is added.
SOURCE = "".join(
    f'extern "C" void {name}_of(const double* x, double* y, long n) {{ for (long k = 0; k < n; k++) y[k] = {call}; }}\n'
    for name, call in [
        *((name, f"{name}(x[k])") for name in FUNCTIONS),
        ("powers", "pow(0.999, x[k])"),
        ("sums", "x[k] * x[k] + 1e-3 * x[k]"),
    ]
)


@pytest.fixture(scope="module", autouse=True)
def in_full() -> Iterator[None]:
    """Optimise as users do: with less, g++ makes no use of what one processor has and another has not."""
    with as_shipped():
        yield


def compiled(folder: Path, march: str, *flags: str) -> ctypes.CDLL:
    """Return the functions as a library for a processor."""
    (folder / "arithmetic.h").write_bytes(compiling._ARITHMETIC[0].read_bytes())
    (folder / "functions.cc").write_text(SOURCE)
    name = f"{march}{''.join(flags)}.so"
    command = [
        compiler()[0],
        *ARITHMETIC,
        *flags,
        "-w",
        f"-march={march}",
        "-fPIC",
        "-shared",
        "functions.cc",
        "-o",
        name,
    ]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return ctypes.CDLL(str(folder / name))


def values(library: ctypes.CDLL, function: str, x: NDArray[np.float64]) -> NDArray[np.float64]:
    y = np.empty_like(x)
    pointers = (ctypes.c_void_p(array.ctypes.data) for array in (x, y))
    library[f"{function}_of"](*pointers, ctypes.c_long(len(x)))
    return y


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("arithmetic")


@pytest.fixture(scope="module")
def native(folder: Path) -> ctypes.CDLL:
    return compiled(folder, "native")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_right(native: ctypes.CDLL, name: str) -> None:
    low, high, bound = FUNCTIONS[name]
    x = np.random.default_rng(0).uniform(low, high, 400)
    with mpmath.workprec(120):
        exact = [getattr(mpmath, name)(mpmath.mpf(each)) for each in x]
        errors = [
            float(abs(mpmath.mpf(given) - right)) / np.spacing(abs(float(right)))
            for given, right in zip(values(native, name, x), exact, strict=True)
        ]
    assert 0 < max(errors) <= bound


def test_ends_of_the_range(native: ctypes.CDLL) -> None:
    x = np.array([0.0, 1.0, 709.7, 711.0, -711.0, -1e9, np.inf, -np.inf, np.nan])
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(values(native, "exp", x), np.where(x < -707, 0, np.exp(x)), rtol=1e-15)
        np.testing.assert_allclose(values(native, "log", x), np.log(x), rtol=1e-15)
        for name in ("expm1", "tanh", "sinh", "cosh", "log1p"):
            np.testing.assert_allclose(values(native, name, x), getattr(np, name)(x), rtol=1e-15, err_msg=name)


def test_powers_are_those_outside_of_programs(native: ctypes.CDLL) -> None:
    exponents = np.array([-40.0, -1.0, 0.0, 1.0, 2.0, 3.0, 7.0, 300.0, 12345.0, 0.5, -2.5, 3.7])
    outside = [evaluate("base**exponent", {"base": 0.999, "exponent": each}, np) for each in exponents.tolist()]
    assert values(native, "powers", exponents).tolist() == outside
    np.testing.assert_allclose(outside, 0.999**exponents, rtol=1e-15)


def test_processors_agree_on_functions(folder: Path, native: ctypes.CDLL) -> None:
    older = compiled(folder, "x86-64-v2")
    for name, (low, high, _) in (FUNCTIONS | {"powers": (0.0, 9.0, 1.0), "sums": (0.0, 9.0, 1.0)}).items():
        x = np.random.default_rng(1).uniform(low, high, 10_000)
        assert values(native, name, x).tobytes() == values(older, name, x).tobytes(), name


def test_processors_disagree_where_operations_are_contracted(folder: Path, native: ctypes.CDLL) -> None:
    if "fma" not in Path("/proc/cpuinfo").read_text():
        pytest.skip("this processor cannot multiply and add at once")
    contracted = compiled(folder, "native", "-ffp-contract=fast")
    x = np.random.default_rng(1).uniform(0, 9, 10_000)
    assert values(contracted, "sums", x).tobytes() != values(native, "sums", x).tobytes()


@dataclass(frozen=True)
class Keeper:
    """A program all of whose arrays are kept, as a hash of each."""

    program: Program
    kept: dict[str, str] = field(default_factory=dict)

    @property
    def bindings(self) -> tuple[Binding, ...]:
        return self.program.bindings

    @property
    def propagators(self) -> tuple[Propagator, ...]:
        return self.program.propagators

    def run(self, values: Mapping[str, Any], read: Iterable[str]) -> dict[str, NDArray[Any]]:
        everything = [name for name in self.program.variables if not name.startswith(("table.", "time."))]
        found = self.program.run(values, everything)
        self.kept.update({name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in found.items()})
        return {name: found[name] for name in read}


def left_by(built: Program, setup: Setup, seed: int = 0) -> dict[str, str]:
    """Return hashes of all arrays after some training, and after gradients were recorded."""
    case = random_case(setup, seed=seed, count=6)
    keeper = Keeper(built)
    simulator = Simulator(setup, keeper)
    plan = Plan(learning=True, update_after=np.resize([0, 3], 6), learning_rate=0.1)
    recording, state = simulator.run(case.state, case.trials, plan)
    assert_alive(recording, setup)
    trained = dict(keeper.kept)
    simulator.run(state, case.trials, Plan(learning=True, record_gradient=True))
    return trained | {f"recorded {name}": hashed for name, hashed in keeper.kept.items()}


def built_for(march: str, setup: Setup) -> Program:
    flags = tuple(f"-march={march}" if flag == "-march=native" else flag for flag in FLAGS)
    assert flags != FLAGS
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "FLAGS", flags)
        return _load(
            cached({"structure": structure_of(setup), "for": march}, lambda place: compiling.make(setup, place))
        )


@pytest.mark.parametrize("name", ["eprop_2", "dcll_2", "adaptive_1", "trains_1"])
def test_programs_leave_the_same_bytes_on_other_processors(name: str) -> None:
    setup = SETUPS[name]
    here = left_by(program(setup), setup)
    assert len(here) > 80
    assert left_by(built_for("x86-64-v2", setup), setup) == here
    other = left_by(program(setup), setup, seed=1)
    assert sum(here[each] != other[each] for each in here) > 30
