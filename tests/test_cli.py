"""The command line does what it says, and ends a user's mistake with one line."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench import cli
from workbench.registry import load_registry


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["workbench", *arguments])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert isinstance(caught.value.code, int)
    return caught.value.code


def test_rules_lists_what_is_registered(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "rules") == 0
    printed = capsys.readouterr().out
    for offer in load_registry().rules.values():
        for text in (offer.item.name, offer.item.title, offer.item.doi, offer.item.default_feedback):
            assert text in printed
    assert "learning-rule-workbench" in printed


def test_rules_as_json_says_the_same(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(monkeypatch, "rules", "--json") == 0
    printed = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    offers = load_registry().rules
    assert list(printed) == list(offers)
    for name, offer in offers.items():
        assert printed[name]["doi"] == offer.item.doi
        assert printed[name]["engine"] == offer.item.engine
        assert printed[name]["distribution"] == offer.source.distribution
        assert printed[name]["feedback_choices"][0] == offer.item.default_feedback
        assert sorted(printed[name]["feedback_choices"]) == sorted(offer.item.feedback_choices())


def test_mistake_is_one_line_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], install_plugin: Callable[..., Path]
) -> None:
    install_plugin("import nothing_of_the_kind\n")
    assert run(monkeypatch, "rules") == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: Plugin 'stranger' of 'strangers-rules 1.5' cannot be imported: ")
    assert printed.err.count("\n") == 1


def test_defect_is_not_dressed_up_as_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.registry.load_registry", lambda: 1 / 0)
    monkeypatch.setattr(sys, "argv", ["workbench", "rules"])
    with pytest.raises(ZeroDivisionError):
        cli.main()


def test_unknown_command_is_answered_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "ruls") == 2
    assert "Did you mean 'rules'" in capsys.readouterr().err


def test_installed_command_runs() -> None:
    command = Path(sys.executable).with_name("workbench")
    finished = subprocess.run([command, "rules", "--json"], capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert [entry["name"] for entry in json.loads(finished.stdout)] == sorted(load_registry().rules)
