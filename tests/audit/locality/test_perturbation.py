"""Experiments agree with the analysis of what a rule reads, and see where the analysis was told something else."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from brian2 import Synapses

from tests.networks import REGISTRY, RULES
from workbench.audit.locality.dependency_graph import Provenance
from workbench.audit.locality.moved import Moved
from workbench.audit.locality.perturbation import perturbed
from workbench.audit.locality.provenance import provenance
from workbench.common.errors import ModelError, RuleError
from workbench.declare.claims import Claims
from workbench.declare.feedback import FEEDBACK
from workbench.declare.rule import Rule
from workbench.declare.rule_parts import OnStep
from workbench.engine.interpreted import program
from workbench.model import build, by_structure, schedule
from workbench.model import synapses as connections
from workbench.model.feedback import clock_driven
from workbench.model.feedback.kinds import KINDS, Kind
from workbench.testing.case import Case, random_case
from workbench.testing.subject import Subject


def case_of(rule: Rule, feedback: str) -> Case:
    return random_case(Subject(rule, *REGISTRY.models_for(rule)).setup(feedback), count=2)


def found(case: Case, graph: Provenance | None = None, weights: str = "hidden1") -> dict[str, Moved]:
    graph = graph or provenance(case.setup, weights)
    return {f"{item.owner}.{item.variable}": item for item in perturbed(case.setup, graph, case.state, case.trials)}


@pytest.mark.parametrize("feedback", [name for name in FEEDBACK if name != "none"])
def test_analysis_and_experiment_agree_for_every_pathway(feedback: str) -> None:
    told = found(case_of(RULES["eprop"], feedback))
    assert all(item.agrees for item in told.values())
    moved = {name for name, item in told.items() if item.moved}
    assert {"inputs.p", "hidden1.v", "w_hidden1.k"} <= moved
    assert ("w_readout.w" in moved) == (feedback in {"symmetric", "sign_symmetric"})
    assert ("hidden2.v" in moved) == (FEEDBACK[feedback].origin == "above")
    assert ("readout.v" in moved) == (feedback != "local_readout")
    assert not moved & {"inputs.spikes to come", "readout.targets to come", "w_hidden1.w", "w_hidden2.k"}


def test_other_layers_are_looked_at_alike() -> None:
    told = found(case_of(RULES["eprop"], "symmetric"), weights="hidden2")
    assert all(item.agrees for item in told.values())
    assert told["w_readout.w"].moved
    assert not told["w_hidden1.k"].moved
    assert not told["inputs.p"].moved


def test_weights_that_are_borrowed_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The analysis is of fixed random weights, and what runs reads the forward weights in their place."""
    case = case_of(RULES["eprop"], "random_chained")
    honest = provenance(case.setup, "hidden1")
    monkeypatch.setitem(KINDS, ("above", "random"), Kind(clock_driven.add_mirrored, clock_driven.add_mirrored))
    # Random weights are not there any more, so that none are set.
    bare = replace(case, state=replace(case.state, feedback={}))
    monkeypatch.setattr("workbench.engine.simulate.feedback_shapes", lambda *_: {})
    told = found(bare, honest)
    wrong = {name for name, item in told.items() if not item.agrees}
    assert {"w_hidden2.w", "w_readout.w"} <= wrong
    assert told["w_hidden2.w"].moved
    assert not told["w_hidden2.w"].expected


def test_a_rule_that_peeks_at_the_next_trial_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name leads there, so that names are not looked at: the output adds the next label to its error."""
    peeking = replace(
        RULES["eprop"],
        name="peeking",
        output_step=OnStep(code="error = error + targets((trial + 1) * second, i)"),
        claims=Claims(),
    )
    assert not found(case_of(RULES["eprop"], "symmetric"))["readout.targets to come"].moved
    with pytest.raises(RuleError, match=r"targets|trial"):
        provenance(case_of(peeking, "symmetric").setup, "hidden1")
    for module in (build, by_structure, program):
        monkeypatch.setattr(module, "check", lambda _: None)
    told = found(case_of(peeking, "symmetric"))
    assert told["readout.targets to come"].moved
    assert not told["readout.targets to come"].agrees


def test_what_moves_synapses_of_other_neurons_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each neuron's signal is made of what all of its layer do."""

    def lateral(parts: Any, layer: str, source: str, distance: int, variable: str) -> None:
        del source, variable
        group = parts.groups[layer]
        synapses = Synapses(group, group, "b : 1\nerror_post = psi_pre : 1 (summed)", name=f"b_{layer}*", namespace={})
        connections.all_to_all(synapses, len(group), len(group))
        parts.add(f"b_{layer}", synapses, "learning")
        connections.pin_summed(synapses, "error_post", schedule.feedback(distance))

    monkeypatch.setitem(KINDS, ("output", "random"), Kind(lateral, lateral))
    case = case_of(RULES["dcll"], "random_direct")
    case = replace(case, state=replace(case.state, feedback={}))
    monkeypatch.setattr("workbench.engine.simulate.feedback_shapes", lambda *_: {})
    graph = provenance(case.setup, "hidden1")
    assert [edge.read.place for edge in graph.crossings()] == ["hidden1"]
    told = found(case, graph)
    assert told["hidden1.v"].moved
    assert told["hidden1.v"].beyond


def test_an_estimate_of_nothing_is_no_evidence() -> None:
    case = case_of(RULES["eprop"], "random_direct")
    silent = replace(
        case, state=replace(case.state, feedback={k: np.zeros_like(v) for k, v in case.state.feedback.items()})
    )
    with pytest.raises(ModelError, match="no estimate for this trial"):
        found(silent)
