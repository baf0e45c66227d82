"""Wrong versions of rules, and whether anything notices them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.networks import REGISTRY, RULES
from workbench.adjoint.reading import read_layers
from workbench.adjoint.sweep_text import backwards
from workbench.common.errors import RuleError
from workbench.declare.neuron_models import ZERO_RESET
from workbench.declare.rule import Rule
from workbench.reference.bptt import reference
from workbench.reference.spike_trains import _Course, _share
from workbench.testing.mutants.checked import first_failing
from workbench.testing.mutants.injected import VARIABLE, put_in_place
from workbench.testing.mutants.making import mutants_of
from workbench.testing.mutants.mutant import Mutant, Replaced
from workbench.testing.mutants.verdict import _noticed_by_itself, chosen, verdicts
from workbench.testing.subject import Subject

LEARNING = [rule for rule in RULES.values() if rule.engine != "none"]


@pytest.mark.parametrize("rule", LEARNING, ids=lambda rule: rule.name)
def test_each_rule_has_several_kinds_of_mistakes(rule: Rule) -> None:
    found = mutants_of(rule)
    names = [mutant.name for mutant in found]
    assert len(set(names)) == len(names)
    assert {mutant.rule.name for mutant in found} == {rule.name}
    assert all((mutant.rule == rule) == bool(mutant.replaced) for mutant in found)
    first = chosen(found, 5)
    assert len(first) == 5
    assert len({mutant.kind for mutant in first}) >= 4


def test_rule_that_never_learns_has_none() -> None:
    assert mutants_of(RULES["frozen"]) == ()


def test_mistakes_in_the_way_back_are_those_that_are_named() -> None:
    wrong = {mutant.name: mutant.replaced[0].wrong for mutant in mutants_of(RULES["bptt"])}
    setup = Subject(RULES["bptt"], *REGISTRY.models_for(RULES["bptt"])).setup()
    made = reference(setup)
    layer = read_layers(made.program, setup.network.plain(), made.constants({}))[0]
    right = backwards(layer, "differentiated")

    def changed(name: str) -> set[tuple[str, str, str]]:
        found = [wrong[name](layer, "differentiated"), right]
        told, before = (
            {(item.line.to, *vars(term).values()) for item in back for term in item.terms} for back in found
        )
        assert wrong[name](layer, "constant") == backwards(layer, "constant")
        return told ^ before

    keeps = "P__v__v__of__hidden1"
    assert changed("twice the time constant: d_v__0 += ((P__v__v)) * d_new__v__0") == {
        ("new__v__0", "v__0", f"({keeps})"),
        ("new__v__0", "v__0", f"sqrt({keeps})"),
    }
    assert changed("no term: d_spikes__0 += (-(v_th)) * d_v__2") == {
        ("v__2", "spikes__0", "-(v_th__of__hidden1)"),
        ("v__2", "spikes__0", "0 * (-(v_th__of__hidden1))"),
    }
    late = changed("of the step before: d_drive__decided__0 += (slope__decided__0) * d_spikes__0")
    assert any("v__0" in factor for _, _, factor in late)


def test_terms_by_which_no_weight_learns_are_left_alone() -> None:
    names = [mutant.name for mutant in mutants_of(RULES["slayer"])]
    # The refractory response of SLAYER's neurons is a constant, so that nothing comes of its own way back.
    assert any("d_v__0" in name for name in names)
    assert not any("d_r__0" in name or "d_s__0" in name for name in names)


def test_mistakes_in_formulas_and_functions_are_those_that_are_named() -> None:
    formulas = {mutant.name: mutant.replaced[0].wrong for mutant in mutants_of(RULES["spikeprop"])}
    assert formulas["by_time: sign in later - sooner"][0].text == "(later + sooner + elsewhere) / rise"
    assert formulas["by_arrival: twice its time constant"][5].text == "arriving * (rate / 2) * slope"
    functions = {mutant.name: mutant.replaced[0] for mutant in mutants_of(RULES["st_rsbp"])}
    share = functions["_share: opposite of many > 0"]
    assert share.place == "workbench.reference.spike_trains:_share"
    course = _Course({"hidden1": np.array([[[1.0, 0.0], [1.0, 0.0]]])}, 1e-3)
    assert _share(course, "hidden1", ZERO_RESET).tolist() == [[0.5, 0.0]]
    assert share.wrong(course, "hidden1", ZERO_RESET).tolist() == [[0.0, 1.0]]
    on_gradient = {mutant.name: mutant.rule.on_gradient for mutant in mutants_of(RULES["mostafa"])}
    told = on_gradient["condition of gradient, on_gradient 1"]
    assert told is not None
    assert told.code.startswith("gradient = gradient - cost * int(weight >= 1)")


@pytest.mark.parametrize(("rule", "mistake"), [("spikeprop", "by_weight: twice"), ("rtrl", "_kicks: 'pre' for 'post'")])
def test_what_computes_a_gradient_is_wrong_in_a_process_of_its_own(rule: str, mistake: str) -> None:
    (name,) = (mutant.name for mutant in mutants_of(RULES[rule]) if mutant.name.startswith(mistake))
    passed = ["builds", "second form agrees"]
    command = [sys.executable, "-m", "workbench.testing.mutants.checked", *passed]
    asked = {VARIABLE: json.dumps({"rule": rule, "mutant": name})}
    done = subprocess.run(command, env=os.environ | asked, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == "second form agrees"
    assert first_failing(RULES[rule], REGISTRY.models_for(RULES[rule]), passed) is None


def test_mistakes_are_those_that_are_named() -> None:
    wrong = {mutant.name: mutant.rule for mutant in mutants_of(RULES["eprop"])}
    assert "(h - k) / (2 * tau_mem_readout)" in wrong["twice tau_mem_readout of k"].synapse
    assert "-(error_post * k)" in wrong["sign of g"].synapse
    assert "error_post * ((h - 0) / tau_mem_readout * tau_mem_readout)" in wrong["no filter k"].synapse
    late = wrong["psi_post of the step before"]
    assert late.on_step is not None
    assert late.on_step.code == "late_psi = seen_psi\nseen_psi = psi"
    assert "late_psi_post * p_pre" in late.synapse


def test_some_of_each_kind_come_first() -> None:
    found = mutants_of(RULES["stdp"])
    assert [mutant.kind for mutant in chosen(found, 4)] == ["sign", "size", "term", "filter"]
    assert len(chosen(found, 1000)) == len(found)


def test_a_process_that_cannot_check_says_why() -> None:
    unknown = Mutant("no such", "sign", RULES["spikeprop"], (Replaced("workbench.exact_time.formulas:FORMULAS", ()),))
    with pytest.raises(RuleError, match=r"'no such': it cannot be checked: .*has no wrong version 'no such'"):
        _noticed_by_itself(unknown, [])


@pytest.mark.usefixtures("few_checks")
def test_what_no_check_catches_is_told_and_its_tests_are_asked(tmp_path: Path) -> None:
    blind = tmp_path / "test_blind.py"
    blind.write_text('NAME = "oja"\n\n\ndef test_nothing() -> None:\n    assert NAME\n')
    sharp = tmp_path / "test_sharp.py"
    sharp.write_text(
        'from workbench_plugins.oja import OJA\n\n\ndef test_sign() -> None:\n    assert OJA.synapse.count("-(") == 0\n'
    )
    first, second = verdicts(RULES["oja"], 2, [tmp_path])
    assert (first.mutant, first.result, first.by) == ("sign of g", "caught", "test test_sharp.py::test_sign")
    assert (second.mutant, second.result, second.by) == ("twice g", "survived", "")


@pytest.mark.usefixtures("few_checks")
def test_tests_that_fail_anyway_say_nothing(tmp_path: Path) -> None:
    (tmp_path / "test_bad.py").write_text('def test_bad() -> None:\n    assert "oja" == ""\n')
    with pytest.raises(RuleError, match="its tests fail with the right rule"):
        next(verdicts(RULES["oja"], 1, [tmp_path]))


@pytest.fixture
def few_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the checks that compile nothing."""
    from workbench.testing.checks import CHECKS

    monkeypatch.setattr("workbench.testing.suite.CHECKS", {"depends": CHECKS["depends on what it seems to"]})


def test_unknown_mistake_is_told() -> None:
    with pytest.raises(RuleError, match=r"Rule 'oja' has no wrong version 'sing of g'. .*'sign of g'"):
        put_in_place("oja", "sing of g")


def test_wrong_version_is_in_place_before_tests_are_collected(tmp_path: Path) -> None:
    test = tmp_path / "test_it.py"
    test.write_text(
        "from workbench.catalogue.registry import load_registry\nfrom workbench_plugins.oja import OJA\n\n\n"
        "SEEN = []\n\n\ndef test_of_another() -> None:\n    assert SEEN == ['oja']\n\n\n"
        "def test_oja_first() -> None:\n    SEEN.append('oja')\n    assert load_registry().rule('oja') is OJA\n"
        "    assert '-(' in OJA.synapse\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "workbench.testing.mutants.injected",
    ]
    asked = {VARIABLE: json.dumps({"rule": "oja", "mutant": "sign of g"})}
    done = subprocess.run(
        [*command, str(test)], env=os.environ | asked, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout
