"""What holds of weights after an update does so alike in every form, in NumPy's code, and outside of the network."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import SETUPS, error_of
from workbench.declare.constraint import (
    HARD_BOUNDS,
    INCOMING_NORM,
    INCOMING_SUM,
    KEPT_SIGN,
    LEVELS,
    MASK,
    SOFT_BOUNDS,
    Constraint,
)
from workbench.engine.presentation import Plan
from workbench.engine.state import State
from workbench.engine.update import update
from workbench.model.setup import Setup
from workbench.testing.case import Case, random_case

ENDS = np.array([0, 2, 0, 2, 0, 0, 3, 1])

PLAN = Plan(learning=True, update_after=ENDS, learning_rate=3.0)

#: Some at a time, so that few programs show all of them.
TOGETHER: dict[str, tuple[Constraint, ...]] = {
    "kept": (
        SOFT_BOUNDS.with_parameters({"low": -30.0, "high": 30.0}),
        KEPT_SIGN,
        INCOMING_NORM.with_parameters({"norm": 4.0}),
    ),
    "projected": (
        MASK,
        HARD_BOUNDS.with_parameters({"low": -2.0, "high": 3.0}),
        replace(INCOMING_SUM, at="trial").with_parameters({"sum_to": 12.0}),
    ),
    "levels": (LEVELS.with_parameters({"low": -5.0, "high": 6.0, "levels": 12.0}),),
}


def setup_of(constraints: tuple[Constraint, ...], **changes: object) -> Setup:
    both = tuple((name, constraints) for name in ("hidden1", "readout"))
    return replace(SETUPS["eprop_1"], constraints=both, **changes)  # type: ignore[arg-type]


def case_of(setup: Setup) -> Case:
    """Return a network of which some weights are 0."""
    case = random_case(setup)
    weights = {
        name: array * (np.arange(array.size).reshape(array.shape) % 5 > 0) for name, array in case.state.weights.items()
    }
    return replace(case, state=case.state.with_weights(weights))


def trained(case: Case, target: str = "cpp") -> State:
    return case.simulator(target).run(case.state, case.trials, PLAN)[1]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", TOGETHER)
def test_weights_are_the_same_bits_in_every_form(name: str) -> None:
    case = case_of(setup_of(TOGETHER[name]))
    events, clock = trained(case), trained(case.with_setup(form="clock"))
    numpy = trained(case, "numpy")
    for layer, weights in events.weights.items():
        assert error_of(weights, clock.weights[layer]) < 1e-12
        assert error_of(numpy.weights[layer], clock.weights[layer]) < 1e-12
        assert not np.array_equal(weights, case.state.weights[layer])
    assert set(events.memory) == set(clock.memory)


@pytest.mark.parametrize("name", TOGETHER)
def test_weights_are_what_they_may_be(name: str) -> None:
    case = case_of(setup_of(TOGETHER[name]))
    for layer, weights in trained(case).weights.items():
        before = case.state.weights[layer]
        if name == "kept":
            assert (weights * before >= 0).all()
            assert np.linalg.norm(weights, axis=0).max() < 4.0 * (1 + 1e-12)
        elif name == "projected":
            assert (weights[before == 0] == 0).all()
            assert np.abs(np.abs(weights).sum(axis=0) - 12.0).max() < 1e-12
        else:
            assert set(np.unique(weights)) <= set(np.arange(-5.0, 7.0))
    free = trained(case_of(setup_of(())))
    moved = free.weights["hidden1"]
    assert (moved[case.state.weights["hidden1"] == 0] != 0).any()
    assert np.linalg.norm(moved, axis=0).max() > 4.0


@pytest.mark.parametrize(("name", "left_out"), [(name, k) for name, all_ in TOGETHER.items() for k in range(len(all_))])
def test_each_of_them_matters(name: str, left_out: int) -> None:
    constraints = TOGETHER[name]
    case = case_of(setup_of(constraints))
    others = constraints[:left_out] + constraints[left_out + 1 :]
    with_all, without = (
        trained(case.with_setup(constraints=setup_of(some).constraints), "numpy") for some in (constraints, others)
    )
    assert any(error_of(without.weights[layer], weights) > 1e-3 for layer, weights in with_all.weights.items())


@pytest.mark.parametrize("name", TOGETHER)
def test_host_does_outside_of_the_network_what_it_does_in_it(name: str) -> None:
    # A batch of one trial ends with every trial, so that what holds after trials holds after updates.
    case = case_of(setup_of(TOGETHER[name]))
    plan = replace(PLAN, update_after=np.ones(len(case.trials), dtype=np.int64), learning_rate=1.0)
    _, inside = case.simulator().run(case.state, case.trials, plan)
    state = case.state
    for trial in range(len(case.trials)):
        one = case.trials.take(np.array([trial]))
        recording, _ = case.simulator().run(state, one, Plan(learning=True, record_gradient=True))
        state = update(case.setup, state, {layer: each[0] for layer, each in recording.gradient.items()}, 1.0)
    for layer, weights in inside.weights.items():
        assert error_of(state.weights[layer], weights) < 1e-10
        assert not np.array_equal(weights, case.state.weights[layer])
    for key in inside.memory:
        if "constraint" in key:
            assert np.array_equal(state.memory[key], inside.memory[key])
            assert inside.memory[key].any()


def test_recording_an_estimate_changes_no_weight() -> None:
    case = case_of(setup_of(TOGETHER["projected"]))
    outside = case.with_weights(hidden1=10 * case.state.weights["hidden1"])
    recording, state = outside.simulator().run(outside.state, outside.trials, Plan(learning=True, record_gradient=True))
    assert state is outside.state
    # If weights had been projected after the first trial, the others would have other estimates.
    free = outside.with_setup(constraints=())
    again, _ = free.simulator().run(free.state, free.trials, Plan(learning=True, record_gradient=True))
    for layer, estimate in recording.gradient.items():
        assert np.array_equal(estimate, again.gradient[layer])
