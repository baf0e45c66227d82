"""How far a program is optimised changes no bit: what the tests find of theirs holds of those that users have."""

import os
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from tests.networks import SETUPS, assert_alive, same_recording, same_state
from tests.shipped import as_shipped
from workbench.declare.recording import Recording
from workbench.engine.compiled.cache_key import compiler
from workbench.engine.compiled.program import program
from workbench.engine.presentation import Plan
from workbench.engine.state import State
from workbench.model.setup import Setup
from workbench.testing.case import random_case

#: All three forms, both precisions, and every kind of neuron that is not linear.
STRUCTURES: dict[str, Setup] = {
    "clock": replace(SETUPS["eprop_1"], form="clock"),
    "replay": replace(SETUPS["eprop_2"], form="replay"),
    "causal": replace(SETUPS["eprop_1"], form="causal"),
    "adaptive": SETUPS["direct_2"],
    "learned": SETUPS["learned_2"],
    "trains": SETUPS["trains_1"],
    "single": replace(SETUPS["dcll_1"], precision="float32"),
}


@dataclass(frozen=True)
class Trained:
    """What a program leaves after a training, and the estimates that it then makes."""

    recording: Recording
    state: State
    library: bytes


def trained(setup: Setup, rate: float = 0.05) -> Trained:
    case = random_case(setup, count=9)
    plan = Plan(learning=True, update_after=np.resize([0, 0, 3], 9), learning_rate=rate)
    _, state = case.simulator().run(case.state, case.trials, plan)
    recording = replace(case, state=state).record()
    return Trained(recording, state, (program(setup).folder / "program.so").read_bytes())


@pytest.mark.parametrize("name", STRUCTURES)
def test_programs_of_the_tests_compute_as_those_of_users(name: str) -> None:
    setup = STRUCTURES[name]
    ours, other = trained(setup), trained(setup, 0.04)
    with as_shipped():
        users = trained(setup)
    assert_alive(users.recording, setup)
    assert users.library != ours.library
    assert same_recording(ours.recording, users.recording)
    assert same_state(ours.state, users.state)
    # The negative control: the comparison sees another learning rate.
    assert not same_recording(other.recording, users.recording)
    assert not same_state(other.state, users.state)


def test_users_have_programs_that_are_optimised_in_full() -> None:
    """The compiler of the tests is another one, by path and version, so that the cache tells their programs apart."""
    ours = compiler()
    with as_shipped():
        users = compiler()
    assert ours[0] != users[0]
    assert ours[1] == f"-O1, {users[1]}"


def test_headers_are_read_once_and_are_those_of_the_source(tmp_path: Path) -> None:
    """What was read before is found by the text of the header, and by all that the compiler is told."""
    headers = tmp_path / "headers"
    environment = os.environ | {"WORKBENCH_TEST_HEADERS": str(headers)}

    def answer(value: int, *flags: str) -> int:
        (tmp_path / "arithmetic.h").write_text(f"#pragma once\nstatic int value() {{ return {value}; }}\n")
        (tmp_path / "main.cpp").write_text("int main() { return value(); }\n")
        command = [compiler()[0], *flags, "-include", "arithmetic.h", "main.cpp", "-o", "main"]
        subprocess.run(command, cwd=tmp_path, env=environment, check=True)
        return subprocess.run([tmp_path / "main"], check=False).returncode

    assert [answer(3), answer(3), answer(4), answer(4, "-fPIC")] == [3, 3, 4, 4]
    assert len(list(headers.glob("*.gch"))) == 3
