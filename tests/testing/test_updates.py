"""Rules whose weights change while time runs conform; and where something goes wrong with that, the checks find it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.networks import RULES
from tests.rules.published.rules import CALCIUM
from workbench.declare.constraint import Constraint
from workbench.declare.recording import Recording
from workbench.declare.rule import Rule
from workbench.engine.simulate import Simulator
from workbench.engine.state import State
from workbench.testing import Outcome, examine

ALIKE, CARRIES = "changes weights alike", "carries what outlives a trial"

TRIPLET = RULES["triplet_stdp"]


def outcome(rule: Rule, check: str) -> Outcome:
    (found,) = [one for one in examine(rule) if one.check == check]
    return found


def test_rule_without_traces_of_its_neurons_conforms(only: Callable[..., None]) -> None:
    only("learns", "repeats", ALIKE, CARRIES, "clock-driven form agrees", "keeps to its neurons")
    found = {one.check: (one.result, one.detail) for one in examine(CALCIUM)}
    passed = {check for check, (result, _) in found.items() if result == "passed"}
    assert {"learns", "repeats", ALIKE, CARRIES} <= passed, found
    assert all(result != "failed" for result, _ in found.values()), found


def test_constraint_that_holds_nothing_back_is_found(only: Callable[..., None]) -> None:
    only(ALIKE)
    wide = Constraint(name="wide", project="w = clip(w, -1e9, 1e9)")
    found = outcome(replace(TRIPLET, updates=replace(TRIPLET.updates, constraints=(wide,))), ALIKE)
    assert (found.result, found.detail) == (
        "failed",
        "Its constraints hold no weight back, whatever the learning rate.",
    )


def changed_by(patch: pytest.MonkeyPatch, change: Callable[[Simulator, State], State]) -> None:
    """Let what training leaves be changed by something that should not."""
    whole = Simulator.run

    def run(self: Simulator, state: State, trials: Any, plan: Any, *rest: Any) -> tuple[Recording, State]:
        recording, after = whole(self, state, trials, plan, *rest)
        return recording, change(self, after) if plan.keeps else after

    patch.setattr(Simulator, "run", run)


def test_forms_that_differ_are_found(only: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    only(ALIKE)

    def other(made: Simulator, state: State) -> State:
        factor = 1 + 1e-6 * (made.setup.form == "clock")
        return state.with_weights({name: factor * array for name, array in state.weights.items()})

    changed_by(monkeypatch, other)
    found = outcome(TRIPLET, ALIKE)
    assert found.result == "failed"
    assert found.detail.startswith("Weights are others where they are computed in each step: relative error")


@pytest.mark.parametrize(
    ("factor", "told"),
    [
        (0.0, "All that outlives a trial is 0, so that nothing was compared."),
        (0.5, "is another when trials are run one by one."),
    ],
    ids=["forgotten", "halved"],
)
def test_what_is_forgotten_is_found(
    factor: float, told: str, only: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    only(CARRIES)

    def fading(_: Simulator, state: State) -> State:
        return replace(state, outlasting={name: factor * values for name, values in state.outlasting.items()})

    changed_by(monkeypatch, fading)
    found = outcome(TRIPLET, CARRIES)
    assert found.result == "failed"
    assert told in found.detail


def test_state_that_makes_no_difference_is_found(only: Callable[..., None]) -> None:
    only(CARRIES)
    # A variable that nothing reads.
    idle = replace(
        TRIPLET,
        post=f"{TRIPLET.post}\ndq/dt = -q / tau_y + spiked / dt : 1",
        persistent=("q",),
    )
    assert outcome(idle, CARRIES).detail == "What outlives a trial makes no difference to the next one."
