"""A network may have no hidden layer: its readout learns from the inputs, exactly, in every form."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import CAPACITY, RULES, error_of
from workbench.declare.network import Network
from workbench.declare.optimizer import ADAM
from workbench.declare.options import Form
from workbench.engine.presentation import Plan
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.case import random_case

SETUP = Setup(
    network=Network(n_inputs=8, hidden=(), n_outputs=3, n_steps=40), rule=RULES["frozen"], feedback="none",
    optimizer=ADAM, **CAPACITY,
)  # fmt: skip


@pytest.mark.parametrize("form", ["events", "clock"])
def test_readout_learns_from_inputs_by_the_gradient(form: Form) -> None:
    case = random_case(replace(SETUP, form=form), count=5)
    recording = case.record("cpp" if form == "events" else "numpy")
    exact = reference(case.setup).gradients(ForwardPass(case.state.weights, {}, case.trials, recording), per_trial=True)
    assert list(exact.trials) == ["readout"]
    assert np.abs(exact.trials["readout"]).max() > 0.01
    assert error_of(recording.gradient["readout"], exact.trials["readout"]) < 1e-9
    assert error_of(recording.gradient["readout"], exact.trials["readout"][::-1]) > 0.1


def test_training_lowers_the_loss() -> None:
    case = random_case(SETUP, count=16)
    plan = Plan(learning=True, update_after=np.full(16, 1), learning_rate=0.02)
    run, state = case.simulator(), case.state
    before = run.run(state, case.trials, Plan())[0].loss.mean()
    for _ in range(10):
        state = run.run(state, case.trials, plan)[1]
    assert run.run(state, case.trials, Plan())[0].loss.mean() < 0.8 * before
