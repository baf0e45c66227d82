"""What holds of weights after an update does so alike in every form, in NumPy's code, and outside of the network."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.networks import RULES, SETUPS, error_of
from workbench import LearningSignal, Parameter, Updates
from workbench.common.errors import RuleError, StudyError, WorkbenchError
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
from workbench.declare.options import Target
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


def setup_of(constraints: tuple[Constraint, ...]) -> Setup:
    both = tuple((name, constraints) for name in ("hidden1", "readout"))
    return replace(SETUPS["eprop_1"], constraints=both)


def case_of(setup: Setup) -> Case:
    """Return a network of which some weights are 0."""
    case = random_case(setup)
    weights = {
        name: array * (np.arange(array.size).reshape(array.shape) % 5 > 0) for name, array in case.state.weights.items()
    }
    return replace(case, state=case.state.with_weights(weights))


def trained(case: Case, target: Target = "cpp") -> State:
    return case.simulator(target).run(case.state, case.trials, PLAN)[1]


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


#: What changes a weight whose synapse has had no spike: by each update a little, or again at each projection.
RESTLESS = {
    "fading": Constraint(name="fading", project="w = 0.99 * w"),
    "decaying": Constraint(name="decaying", soften="change = change - 0.01 * w"),
    "counting": Constraint(name="counting", soften="n = n + 1\nchange = change / n", state=("n",)),
    "rounded": LEVELS.with_parameters({"low": -5.0, "high": 6.0, "levels": 12.0}),
    "clipped": HARD_BOUNDS.with_parameters({"low": -1.0, "high": 2.0}),
}


@pytest.mark.parametrize("name", RESTLESS)
def test_synapses_without_spikes_are_not_forgotten(name: str) -> None:
    """Where weights change while time runs, those that are visited at spikes only are what each step leaves."""
    rule = replace(RULES["stdp"], updates=Updates(every="step", constraints=(RESTLESS[name],)))
    case = random_case(replace(SETUPS["eprop_1"], rule=rule, feedback="none"))
    plan = Plan(learning=True, learning_rate=0.5)
    _, events = case.simulator().run(case.state, case.trials, plan)
    _, clock = case.with_setup(form="clock").simulator().run(case.state, case.trials, plan)
    assert np.array_equal(events.weights["hidden1"], clock.weights["hidden1"])
    free = case.with_setup(rule=replace(rule, updates=Updates(every="step")))
    loose = free.simulator().run(case.state, case.trials, plan)[1]
    assert not np.array_equal(loose.weights["hidden1"], clock.weights["hidden1"])


def test_weights_that_feedback_follows_decay_without_spikes() -> None:
    rule = replace(
        RULES["stdp"],
        synapse="dg/dt = error_post * x_pre * spiked_post / dt * tau_plus : second",
        signal=LearningSignal(feedback="learned"),
        updates=Updates(every="step"),
    )
    case = random_case(replace(SETUPS["eprop_2"], rule=rule, feedback="learned", feedback_decay=0.01))
    plan = Plan(learning=True, learning_rate=0.05)
    _, events = case.simulator().run(case.state, case.trials, plan)
    _, clock = case.with_setup(form="clock").simulator().run(case.state, case.trials, plan)
    for layer, weights in events.weights.items():
        assert np.array_equal(weights, clock.weights[layer])
    for layer, feedback in events.feedback.items():
        assert np.array_equal(feedback, clock.feedback[layer])
        assert not np.array_equal(feedback, case.state.feedback[layer])


def test_numbers_of_a_rule_are_those_of_its_constraints() -> None:
    bounds = HARD_BOUNDS.with_parameters({"low": -2.0, "high": "depression"})
    parameters = (*RULES["oja"].parameters, Parameter(name="depression", default=1.5, doc="The upper bound."))
    rule = replace(RULES["oja"], parameters=parameters, updates=Updates(constraints=(bounds,)))
    (held,) = replace(SETUPS["eprop_1"], rule=rule, feedback="none").constraints_on("hidden1")
    assert dict(held.parameters) == {"low": -2.0, "high": 1.5}
    chosen = Parameter(name="most", default="one", choices=("one", "two"), doc="No number.")
    exact = replace(RULES["bptt"], parameters=(chosen,))
    with pytest.raises(RuleError, match="'high' is 'most', which is none of its parameters that are numbers"):
        replace(exact, updates=Updates(constraints=(HARD_BOUNDS.with_parameters({"high": "most"}),)))


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"soften": "step = 1"}, "`soften` sets neither 'change' nor any of `state`"),
        ({"project": "v = w"}, "`project` never sets 'w'"),
        ({"soften": "w = 1\nchange = 2"}, "`soften` sets 'w', which only `project` may"),
        ({"project": "w = total"}, "reads 'total', which nothing defines"),
        ({"project": "w = 1", "total": "w"}, "`project` never reads it. Drop it."),
        ({"project": "w = w", "state": ("n",)}, "nothing ever sets 'n'"),
        ({"project": "w = high * w\nhigh = 2", "parameters": (("high", 1.0),)}, "set 'high', which they may only read"),
    ],
    ids=str,
)
def test_mistake_of_a_constraint_is_told(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(StudyError, match=told):
        Constraint(name="mine", **fields)
    with pytest.raises(StudyError, match=r"Constraint 'hard_bounds' has no parameter 'hihg'. Did you mean 'high'\?"):
        HARD_BOUNDS.with_parameters({"hihg": 1.0})


@pytest.mark.parametrize("every", ["often", "10 mV", "-1 ms", "0 ms"])
def test_interval_that_is_none_is_refused(every: str) -> None:
    with pytest.raises(WorkbenchError, match=r"Updates: `every`"):
        Updates(every=every)


def test_interval_that_is_no_whole_steps_is_refused() -> None:
    rule = replace(RULES["stdp"], updates=Updates(every="1.5 ms"))
    with pytest.raises(RuleError, match=r"Updates every '1.5 ms' must be whole steps of 1 ms"):
        replace(SETUPS["eprop_1"], rule=rule, feedback="none")
