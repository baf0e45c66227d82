"""Wrong versions of rules, and whether anything notices them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.networks import RULES
from workbench.common.errors import RuleError
from workbench.declare.rule import Rule
from workbench.testing.mutants.injected import VARIABLE, put_in_place
from workbench.testing.mutants.making import mutants_of
from workbench.testing.mutants.verdict import chosen, verdicts

WITH_EQUATIONS = [rule for rule in RULES.values() if rule.has_equations]


@pytest.mark.parametrize("rule", WITH_EQUATIONS, ids=lambda rule: rule.name)
def test_each_rule_has_several_kinds_of_mistakes(rule: Rule) -> None:
    found = mutants_of(rule)
    names = [mutant.name for mutant in found]
    assert len(set(names)) == len(names)
    assert {mutant.rule.name for mutant in found} == {rule.name}
    assert all(mutant.rule != rule for mutant in found)
    first = chosen(found, 5)
    assert len(first) == 5
    assert len({mutant.kind for mutant in first}) >= 4


def test_rule_without_equations_has_none() -> None:
    assert mutants_of(RULES["bptt"]) == ()


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
