"""Every rule conforms; and every check fails where there is something to find."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.networks import REGISTRY, RULES
from workbench.audit.locality.dependency_graph import Provenance
from workbench.audit.locality.provenance import provenance
from workbench.declare.claims import Claims, ExactFor
from workbench.declare.learning_signal import LearningSignal
from workbench.declare.options import Target
from workbench.declare.recording import Recording, Spikes
from workbench.declare.rule import Rule
from workbench.declare.updates import Updates
from workbench.engine.simulate import Simulator
from workbench.engine.state import State
from workbench.model.events.lowering import why_clock_driven
from workbench.model.setup import Setup
from workbench.testing import ConformanceError, Outcome, check_rule, examine
from workbench.testing.case import Case
from workbench.testing.checks import CHECKS
from workbench.testing.locality import depends_on_what_it_seems_to
from workbench.testing.subject import FailedError, Subject

EPROP = RULES["eprop"]


def outcomes(rule: Rule) -> dict[str, Outcome]:
    return {outcome.check: outcome for outcome in examine(rule, *REGISTRY.models_for(rule))}


def outlasts(rule: Rule) -> bool:
    """Return whether the rule or the neurons that it is written for remember something from trial to trial."""
    return bool(rule.persistent) or any(model.persistent for model in REGISTRY.models_for(rule))


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_rule_conforms(rule: Rule) -> None:
    found = check_rule(rule, *REGISTRY.models_for(rule))
    assert [outcome.check for outcome in found] == list(CHECKS)
    passed = {outcome.check for outcome in found if outcome.result == "passed"}
    if not rule.has_equations:
        held = {"exact where it says so": bool(rule.claims.exact_for)}
        held |= {"second form agrees": rule.follows_reference}
        assert passed == {"builds"} | {check for check, holds in held.items() if holds}
        return
    # What says nothing about a rule, and why.
    without = {
        "second form agrees": True,
        "exact where it says so": not rule.claims.exact_for,
        "points downhill": rule.claims.estimates != "gradient"
        or bool(rule.claims.exact_for)
        or rule.default_feedback == "global_scalar",
        "depends on what it seems to": not REGISTRY.models_for(rule)[0].spiking,
        "keeps to its neurons": not REGISTRY.models_for(rule)[0].spiking,
        "needs its signal": rule.signal is None,
        "takes any pathway": rule.signal is None,
        "converges with the step": bool(rule.claims.by_steps),
        "changes weights alike": replace(rule.updates, per="window") == Updates(),
        "carries what outlives a trial": not outlasts(rule),
        "follows relabelling": bool(rule.noise or REGISTRY.models_for(rule)[0].noise),
        "clock-driven form agrees": bool(why_clock_driven(rule, *REGISTRY.models_for(rule))),
    }
    assert set(CHECKS) - passed == {check for check, holds in without.items() if holds}


def changed(text: str, **fields: object) -> Rule:
    return replace(EPROP, name="changed", synapse=EPROP.synapse.replace("error_post * k", text), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "check", "words"),
    [
        (changed("eror_post * k"), "builds", "reads 'eror_post'"),
        (changed("0 * error_post * k"), "learns", "The estimate of 'hidden1' is zero."),
        (changed("error_post * k * exp(2000 * psi_post)"), "learns", "is not finite"),
        (changed("(error_post + 0.1) * k"), "needs its signal", "learns although no signal reaches it"),
        (changed("-error_post * k", claims=Claims()), "points downhill", "does not point along the gradient"),
        (changed("error_post * k * tau_mem_post / dt"), "converges with the step", "should be about a quarter"),
        (
            changed(
                "error_post * k",
                claims=Claims(exact_for=(ExactFor(loss="network", depth=2, feedback="symmetric", reset="constant"),)),
            ),
            "exact where it says so",
            "With 2 hidden layers, by feedback 'symmetric', it is not exact",
        ),
    ],
    ids=["name", "zero", "infinite", "signal", "direction", "step", "claim"],
)
def test_what_does_not_hold_is_found(rule: Rule, check: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # What the other checks say of it is not asked, and would take minutes.
    monkeypatch.setattr("workbench.testing.suite.CHECKS", {check: CHECKS[check]})
    found = outcomes(rule)[check]
    assert found.result == "failed"
    assert words in found.detail


def test_checks_that_equations_can_hardly_break_see_a_broken_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Estimates that are a little different each time break all that compares two of them."""
    generator = np.random.default_rng(0)
    whole = Case.record

    def noisy(self: Case, target: Target = "cpp", forced: Mapping[str, Spikes] | None = None) -> Recording:
        found = whole(self, target, forced)
        noise = {name: array + 1e-6 * generator.normal(size=array.shape) for name, array in found.gradient.items()}
        return replace(found, gradient=noise)

    monkeypatch.setattr(Case, "record", noisy)
    failed = {name for name, outcome in outcomes(EPROP).items() if outcome.result == "failed"}
    others = {"builds", "learns", "takes any pathway", "converges with the step"}
    # It runs the network by itself, step by step.
    others |= {"depends on what it seems to"}
    # They say nothing of this rule.
    others |= {"changes weights alike", "carries what outlives a trial", "points downhill", "second form agrees"}
    assert failed == set(CHECKS) - others


def test_a_rule_that_learns_by_some_pathways_alone_fails_that_check_alone() -> None:
    """What it hands down is nothing, so that nothing is learnt where signals come from the layer above."""
    signal = LearningSignal(feedback="random_direct", relay="0 * error")
    found = outcomes(changed("error_post * k", signal=signal, claims=Claims()))
    assert {name for name, outcome in found.items() if outcome.result == "failed"} == {"takes any pathway"}
    assert found["takes any pathway"].detail == "The estimate of 'hidden1' is zero by feedback 'symmetric'."


def test_an_engine_in_which_weights_move_estimates_of_others_fails_that_check_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No rule can say so; bits of all estimates of a layer are made to depend on all its weights."""
    whole = Simulator.run

    def leaking(self: Simulator, state: State, *given: Any) -> tuple[Recording, State]:
        found, after = whole(self, state, *given)
        moved = {
            name: array * (1 + 1e-12 * np.abs(state.weights[name]).sum()) for name, array in found.gradient.items()
        }
        return replace(found, gradient=moved), after

    monkeypatch.setattr(Simulator, "run", leaking)
    found = outcomes(EPROP)
    assert {name for name, outcome in found.items() if outcome.result == "failed"} == {"keeps to its neurons"}
    told = "Other weights onto one neuron of 'hidden1' move the estimates of synapses onto others."
    assert found["keeps to its neurons"].detail == told


def test_a_rule_that_depends_on_more_than_it_seems_to_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The analysis is made to overlook the readout."""

    def blind(setup: Setup, name: str) -> Provenance:
        graph = provenance(setup, name)
        return replace(graph, edges=tuple(edge for edge in graph.edges if edge.read.place != "readout"))

    subject = Subject(EPROP, *REGISTRY.models_for(EPROP))
    assert re.match(r"estimates move with \d+ of \d+ variables", depends_on_what_it_seems_to(subject))
    monkeypatch.setattr("workbench.testing.locality.provenance", blind)
    with pytest.raises(FailedError, match=r"estimates do not depend on '(I|v)' of 'readout', and they move with it\."):
        depends_on_what_it_seems_to(subject)


def test_a_rule_that_fails_raises_for_the_tests_of_a_plugin() -> None:
    with pytest.raises(ConformanceError, match=r"Rule 'changed' fails \d+ of \d+ checks\. .*needs its signal: Hidden"):
        check_rule(changed("(error_post + 0.1) * k", claims=Claims()))
