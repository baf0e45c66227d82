"""Wrong versions of what some rules have besides equations: sums, pairs, phases, and what they bring along."""

from dataclasses import replace

import pytest

from tests.networks import RULES
from workbench.declare.circuit import CircuitProjection
from workbench.declare.rule_parts import Pairs
from workbench.testing.mutants.making import mutants_of


def test_mistakes_in_sums_and_pairs_are_those_that_are_named() -> None:
    wrong = {mutant.name: mutant.rule.pairs for mutant in mutants_of(RULES["force"]) if mutant.kind in ("sum", "pairs")}
    right = RULES["force"].pairs
    assert right is not None

    def changed(name: str) -> Pairs:
        found = wrong[name]
        assert found is not None
        return found

    summed = changed("r_post for r_pre, sum k_post of pairs")
    assert summed == replace(right, sums=(("k_post", "P * r_post"), right.sums[1]))
    alone = changed("no k_post in -k_pre * k_post, P of pairs")
    assert alone == replace(right, equations="dP/dt = -k_pre * 1 / (1 + power_post) / dt : 1")
    assert changed("pairs begin at 0") == replace(right, diagonal=())
    # One sign of a product, and nothing of another unit.
    assert [name for name in wrong if name.startswith("sign")] == [
        "sign, sum k_post of pairs", "sign, sum power_post of pairs", "sign, P of pairs",
        "sign in 1 + power_post, P of pairs",
    ]  # fmt: skip
    assert not any(name.startswith("no dt") for name in wrong)
    norm = {mutant.name: mutant.rule.sums for mutant in mutants_of(RULES["force_lms"])}
    assert norm["no power of r_pre ** 2, sum power_post of synapse"] == (("power_post", "r_pre * 1"),)


def test_mistakes_in_phases_are_those_that_are_named() -> None:
    wrong = {mutant.name: mutant.rule.phases for mutant in mutants_of(RULES["stdp_backprop"]) if mutant.kind == "phase"}
    counted, taught = RULES["stdp_backprop"].phases
    assert wrong == {
        "counted begins half-way": (replace(counted, begins=0.6), taught),
        "counted ends half-way": (replace(counted, ends=0.6), taught),
        "counted begins at once": (replace(counted, begins=0.0), taught),
        "taught begins half-way": (counted, replace(taught, begins=0.8)),
        "taught ends half-way": (counted, replace(taught, ends=0.8)),
        "taught begins at once": (counted, replace(taught, begins=0.0)),
    }
    quiet = {mutant.name: mutant.rule.phases for mutant in mutants_of(RULES["erbp"]) if mutant.kind == "phase"}
    assert quiet["counted ends half-way"][0].ends == pytest.approx((1 + RULES["erbp"].values()["quiet"]) / 2)


def test_mistakes_in_what_a_rule_brings_along_are_those_that_are_named() -> None:
    wrong = {mutant.name: mutant.rule.circuit for mutant in mutants_of(RULES["microcircuit"])}
    right = RULES["microcircuit"].circuit
    assert right is not None
    before = {item.name: item for item in right.projections}

    def changed(name: str) -> CircuitProjection:
        circuit = wrong[name]
        assert circuit is not None
        (found,) = set(circuit.projections) - set(right.projections)
        assert [item.name for item in circuit.projections] == list(before)
        return found

    assert changed("lateral: sign of down") == replace(before["lateral"], factor=1.0)
    assert changed("up: drawn, not forward") == replace(before["up"], like="")
    assert changed("up: twice the learning rate").learning_rate == 2 * RULES["microcircuit"].values()["up_rate"]
    assert changed("echo: twice its weight").weight == pytest.approx(2 / 3)
    assert changed("nudge: own for soma") == replace(before["nudge"], receptor="own")
    assert changed("up: sign of p, pre_on_spike 1") == replace(before["up"], pre_on_spike="p += -(1)")
    assert changed("up: no v_post").synapse.count("centre_post - 1") == 1
    # Neurons that send numbers leave no trace of spikes.
    assert not any("trace of the other" in name for name in wrong)


def test_what_never_changes_is_not_late() -> None:
    names = [mutant.name for rule in ("microcircuit", "force_lms") for mutant in mutants_of(RULES[rule])]
    assert {name for name in names if name.endswith("of the step before")} == {
        "expected_post of the step before", "v_post of the step before", "error_post of the step before",
    }  # fmt: skip


def test_outputs_remember_too_where_they_learn_by_the_rule() -> None:
    (late,) = (mutant.rule for mutant in mutants_of(RULES["force"]) if mutant.kind == "step")
    for step in (late.on_step, late.output_step):
        assert step is not None
        assert step.code == "late_error = seen_error\nseen_error = error"


def test_mistakes_in_what_layers_hand_down_are_those_that_are_named() -> None:
    def relays(rule: str) -> dict[str, str]:
        made = mutants_of(RULES[rule])
        return {
            mutant.name: mutant.rule.signal.relay for mutant in made if mutant.kind == "relay" and mutant.rule.signal
        }

    assert relays("bp_stdp") == {
        "sign, relay": "-(error * active)",
        "twice, relay": "2 * (error * active)",
        "no active in error * active, relay": "error * 1",
    }
    assert relays("stdp_backprop").keys() == {"sign, relay", "twice, relay"}
    # Where all is told straight from the output, by a readout of the layer's own or not at all, nothing is handed down.
    assert not {"resume", "dcll", "stdp"} & {rule for rule in RULES if relays(rule)}
