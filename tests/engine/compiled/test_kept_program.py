"""Forward dynamics are kept from one process to the next, and are what would be read."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.networks import SETUPS
from workbench.engine.compiled.cache_entry import write_privately
from workbench.engine.compiled.kept_program import _kept, _program, _sealed, _text, forward_dynamics
from workbench.model.read_program import read_program

#: Takes the gradient of a network, and says what that took.
GRADIENT = """
import sys
from pathlib import Path
import numpy as np
from workbench import Network, Trials, rules
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.followed import followed
from workbench.reference.forward_pass import ForwardPass

network = Network(n_inputs=3, hidden=(4,), n_outputs=2, n_steps=20, window=(0, 20))
bptt = next(rule for rule in rules() if rule.name == "bptt")
setup = Setup(network=network, rule=bptt, feedback="none")
trials = Trials(np.array([0, 3]), np.array([1, 2, 3]), np.array([0, 1, 2]), np.eye(2)[:1])
weights = {name: np.full(shape, 20.0) for name, shape in network.weight_shapes().items()}
state = State(weights, {}, {})
recording, _ = simulator(setup).run(state, trials, Plan())
mean = followed(reference(setup), ForwardPass(weights, {}, trials, recording)).mean
print(float(sum(abs(array).sum() for array in mean.values())), *sorted({"brian2", "jax"} & sys.modules.keys()))
"""


@pytest.mark.parametrize("name", SETUPS)
def test_what_is_kept_is_what_was_read(name: str) -> None:
    read = read_program(SETUPS[name])
    again = _program(json.loads(_text(read)), SETUPS[name])
    assert repr(again) == repr(read)
    assert forward_dynamics(SETUPS[name]) == read


def test_a_gradient_takes_neither_brian2_nor_jax_once_it_was_taken() -> None:
    def run() -> tuple[str, ...]:
        told = subprocess.run([sys.executable, "-c", GRADIENT], capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
        return tuple(told.stdout.split())

    first, second, third = run(), run(), run()
    assert first[0] == second[0] == third[0] != "0.0"
    assert third[1:] == ()


def test_a_note_is_read_as_it_was_written_or_not_at_all(tmp_path: Path) -> None:
    setup = SETUPS["eprop_1"]
    note, sealed = tmp_path / "a.dynamics", _sealed(_text(read_program(setup)), "a.dynamics")
    write_privately(note, sealed)
    assert _kept(note, setup) == read_program(setup)
    for content in (sealed.replace(b"exp", b"sin", 1), sealed[:-1], b"", b"\xff\n\xff", sealed[65:]):
        assert content != sealed
        write_privately(note, content)
        assert _kept(note, setup) is None
    write_privately(tmp_path / "b.dynamics", sealed)
    assert _kept(tmp_path / "b.dynamics", setup) is None
    write_privately(note, sealed)
    note.chmod(0o666)
    assert _kept(note, setup) is None
