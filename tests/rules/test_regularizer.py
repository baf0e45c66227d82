"""A regularizer adds to the estimate by its strength, draws rates to where they shall be, and is free at 0."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import CAPACITY, RULES, error_of
from workbench.engine.plan import Plan
from workbench.engine.structure import structure_of
from workbench.errors import RuleError
from workbench.model.check import check
from workbench.model.setup import Setup
from workbench.network import Network
from workbench.rule import Regularizer
from workbench.testing.case import Case, random_case


def case_of(strength: str, target_rate: str = "10 Hz", form: str = "events") -> Case:
    rule = RULES["eprop"].with_parameters({"regularize": strength, "target_rate": target_rate})
    network = Network(n_inputs=8, hidden=(9,), n_outputs=3, n_steps=60)
    return random_case(Setup(network=network, rule=rule, feedback="symmetric", form=form, **CAPACITY), count=8)  # type: ignore[arg-type]


def test_estimate_grows_with_the_strength() -> None:
    none, once, twice = (case_of(strength).record().gradient["hidden1"] for strength in ("0 s", "0.1 s", "0.2 s"))
    assert error_of(once, none) > 1e-2
    assert error_of(twice - none, 2 * (once - none)) < 1e-9


def test_events_and_steps_agree_about_it() -> None:
    events, clock = (case_of("0.1 s", form=form).record().gradient["hidden1"] for form in ("events", "clock"))
    assert error_of(events, clock) < 1e-9


def test_nothing_is_there_where_its_strength_is_none() -> None:
    off = case_of("0 s").setup
    without = replace(off, rule=replace(off.rule, regularizer=None))
    assert structure_of(off) == structure_of(without)
    assert structure_of(case_of("0.1 s").setup) != structure_of(off)


@pytest.mark.parametrize("target", [5.0, 40.0])
def test_rates_are_drawn_to_the_target(target: float) -> None:
    case = case_of("1 second", f"{target} Hz")
    # Without weights of the readout there is no error, and nothing but the regularizer.
    case = case.with_weights(readout=np.zeros((9, 3)))
    run, state = case.simulator(), case.state
    plan = Plan(learning=True, update_after=np.full(8, 1), learning_rate=0.02)

    def off() -> float:
        recording, _ = run.run(state, case.trials, Plan())
        rates = np.bincount(recording.spikes["hidden1"].neuron, minlength=9) / (8 * 0.06)
        return float(np.abs(rates - target).mean())

    before = off()
    for _ in range(40):
        state = run.run(replace(state, weights=state.weights | {"readout": np.zeros((9, 3))}), case.trials, plan)[1]
    assert before > 5
    assert off() < 0.6 * before


def test_mistake_in_it_is_told_though_its_strength_is_none() -> None:
    setup = case_of("0 s").setup
    wrong = Regularizer(strength="regularize", synapse="rat_post * psi_post * p_pre * hertz")
    with pytest.raises(RuleError, match=r"reads '(hertz|rat_post)', which nothing defines"):
        check(replace(setup, rule=replace(setup.rule, regularizer=wrong)))
