"""The statements of every optimizer do outside of Brian2 what they do in it."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import OPTIMIZERS, SETUPS, error_of
from workbench.declare.optimizer import Optimizer
from workbench.engine.presentation import Plan
from workbench.engine.update import update
from workbench.testing.case import random_case

#: Each trial is a batch of its own.
ENDS, RATE = np.ones(3, dtype=np.int64), 0.05

LOOK = Plan(learning=True, record_gradient=True)


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=lambda optimizer: optimizer.name)
def test_statements_run_alike_in_and_outside_of_the_network(optimizer: Optimizer) -> None:
    case = random_case(replace(SETUPS["eprop_1"], optimizer=optimizer), count=len(ENDS))
    simulator = case.simulator("numpy")
    _, inside = simulator.run(case.state, case.trials, Plan(learning=True, update_after=ENDS, learning_rate=RATE))
    state = case.state
    for trial in range(len(ENDS)):
        recording, _ = simulator.run(state, case.trials.take(np.array([trial])), LOOK)
        gradient = {layer: array[0] for layer, array in recording.gradient.items()}
        before, state = state, update(case.setup, state, gradient, RATE)
    assert state.n_updates == inside.n_updates == len(ENDS)
    for layer, weights in inside.weights.items():
        moved = weights - case.state.weights[layer]
        assert error_of(state.weights[layer] - case.state.weights[layer], moved) < 1e-12
        for variable in optimizer.state:
            assert error_of(state.memory[f"{layer}.{variable}"], inside.memory[f"{layer}.{variable}"]) < 1e-12
    # Statements that differ a little would be seen.
    changed = replace(case.setup, optimizer=replace(optimizer, code=f"{optimizer.code}\nstep = 1.001 * step"))
    other = update(changed, before, gradient, RATE)
    moved = inside.weights["readout"] - case.state.weights["readout"]
    assert error_of(other.weights["readout"] - case.state.weights["readout"], moved) > 1e-6


@pytest.mark.parametrize(
    "code",
    [
        "old = velocity\nold += gradient\nvelocity = 0.5 * velocity + gradient\nstep = old",
        "old = velocity\nvelocity = 0.5 * velocity + gradient\nstep = old + gradient",
    ],
    ids=["the copy changes", "what was copied changes"],
)
def test_what_was_copied_and_its_copy_are_two(code: str) -> None:
    """NumPy has one array for both, unless it is told otherwise; compiled code has two numbers."""
    optimizer = Optimizer(name="late", code=code, state=("velocity",))
    case = random_case(replace(SETUPS["eprop_1"], optimizer=optimizer), count=len(ENDS))
    plan = Plan(learning=True, update_after=ENDS, learning_rate=RATE)
    _, state = case.simulator("numpy").run(case.state, case.trials, plan)
    # By hand: each step is what the velocity was, and the gradient.
    own, velocity = case.state, {layer: np.zeros_like(array) for layer, array in case.state.weights.items()}
    for trial in range(len(ENDS)):
        recording, _ = case.simulator("numpy").run(own, case.trials.take(np.array([trial])), LOOK)
        weights = {}
        for layer, (gradient,) in recording.gradient.items():
            weights[layer] = own.weights[layer] - RATE * (velocity[layer] + gradient)
            velocity[layer] = 0.5 * velocity[layer] + gradient
        own = own.with_weights(weights)
    for layer, weights_ in own.weights.items():
        assert error_of(state.weights[layer] - case.state.weights[layer], weights_ - case.state.weights[layer]) < 1e-12
