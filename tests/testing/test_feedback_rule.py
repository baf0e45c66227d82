"""Rules for feedback weights conform; and each check of them fails where there is something to find."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.networks import REGISTRY
from workbench import FeedbackRule, Pathway
from workbench.command.checked import checked
from workbench.common.errors import ModelError
from workbench.declare.feedback import FEEDBACK
from workbench.declare.recording import Recording
from workbench.engine.simulate import Simulator
from workbench.engine.state import State
from workbench.testing import Outcome, examine_pathway
from workbench.testing.feedback_rule import PATHWAY_CHECKS

BY_RULE = [offer.item for offer in REGISTRY.all(Pathway).values() if offer.item.rule is not None]
MIRROR = REGISTRY.pathway("weight_mirror")


def outcomes(pathway: Pathway) -> dict[str, Outcome]:
    return {outcome.check: outcome for outcome in examine_pathway(pathway)}


@pytest.mark.parametrize("pathway", BY_RULE, ids=lambda pathway: pathway.name)
def test_rule_for_feedback_weights_conforms(pathway: Pathway) -> None:
    found = outcomes(pathway)
    assert [*found] == [*PATHWAY_CHECKS]
    assert {outcome.result for outcome in found.values()} == {"passed"}, found


@pytest.mark.parametrize(
    ("synapse", "words"),
    [
        ("dg/dt = b : second", "change by themselves, whatever the forward weights are"),
        ("dg/dt = b + 0 * v_pre : second", "change by themselves, whatever the neurons do"),
        ("dg/dt = 0 * b : second", "do not change in a phase of noise"),
        ("dg/dt = exp(1e9 * v_pre**2) : second", "not finite any more"),
    ],
)
def test_rules_that_learn_nothing_are_found(synapse: str, words: str) -> None:
    rule = FeedbackRule(name="other", title="Other", synapse=synapse)
    found = outcomes(replace(MIRROR, name="other", rule=rule))["learns from what it reads"]
    assert found.result == "failed"
    assert words in found.detail


def test_weights_that_drift_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Simulator.run
    calls = iter(range(1000))

    def drifting(self: Simulator, state: State, trials: Any, plan: Any, *given: Any) -> tuple[Recording, State]:
        recording, after = whole(self, state, trials, plan, *given)
        more = 1 + 1e-3 * next(calls)
        moved = {key: array * more for key, array in getattr(after, drifts).items()}
        made = replace(after, weights=moved) if drifts == "weights" else replace(after, feedback=moved)
        return recording, made

    drifts = "weights"
    monkeypatch.setattr(Simulator, "run", drifting)
    found = outcomes(MIRROR)
    assert found["leaves all else alone"].result == "failed"
    assert "change in a phase without a task" in found["leaves all else alone"].detail
    drifts = "feedback"
    found = outcomes(MIRROR)
    assert "change with a task" in found["leaves all else alone"].detail
    assert "are others when trials are cut" in found["agrees however computed"].detail


def test_program_that_is_other_in_numpy_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Simulator.run

    def other(self: Simulator, state: State, trials: Any, plan: Any, *given: Any) -> tuple[Recording, State]:
        recording, after = whole(self, state, trials, plan, *given)
        if "interpreted" in type(self.runner).__module__:
            after = replace(after, feedback={name: array + 1e-3 for name, array in after.feedback.items()})
        return recording, after

    monkeypatch.setattr(Simulator, "run", other)
    found = outcomes(MIRROR)["agrees however computed"]
    assert found.result == "failed"
    assert "NumPy differs" in found.detail


def test_command_checks_both_kinds(tmp_path: Path) -> None:
    (pair,) = checked(["weight_mirror"], REGISTRY)
    assert pair[0] is MIRROR
    assert {outcome.rule for outcome in pair[1]} == {"weight_mirror"}
    with pytest.raises(ModelError, match="'uniform' has no rule"):
        list(examine_pathway(FEEDBACK["uniform"]))
