"""The command line does what it says, and ends a user's mistake with one line."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from tests.command.running import run
from workbench.catalogue.registry import load_registry
from workbench.command import main as cli
from workbench.command.printing import NARROWEST, console
from workbench.declare.feedback import Pathway
from workbench.declare.neuron import NeuronModel
from workbench.declare.rule import Rule
from workbench.study.results.columns import RUN_COLUMNS
from workbench.study.results.mark import NO_CONDITION, Mark, write_mark
from workbench.study.results.store import RunResult, opened, write_result
from workbench.testing import Outcome


@pytest.mark.parametrize("columns", ["", "0", "1", "80"])
def test_titles_of_any_text_are_printed_as_they_are(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], plugin_file: Callable[..., Path], columns: str
) -> None:
    title = r"[/x] [bold]$\frac{ 100 % "
    text = "from workbench import Rule, hookimpl\n\n@hookimpl\ndef workbench_rules():\n"
    rules = [("short", title), ("long", "[red]" + "l" * 5000)]
    text += "".join(f"    yield Rule(name={name!r}, title={title!r}, engine='none')\n" for name, title in rules)
    path = str(plugin_file(text))
    monkeypatch.setenv("COLUMNS", columns)
    assert run(monkeypatch, "list", "rules", "--plugin", path) == 0
    printed = capsys.readouterr().out
    assert title.strip() in printed
    assert "[red]lll" in printed
    assert 20 <= sum(map(len, re.findall("l{5,}", printed))) <= 60
    assert run(monkeypatch, "locality", "short", "long", "--plugin", path) == 0
    assert "[/x]" in capsys.readouterr().out


@pytest.mark.parametrize("columns", ["0", "1"])
def test_terminal_without_columns_is_taken_for_a_narrow_one(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert console().width == NARROWEST
    monkeypatch.setenv("COLUMNS", "100")
    assert console().width == 100


def test_locality_tells_of_each_rule_and_writes_its_figures(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(monkeypatch, "locality", "erbp", "eprop:learned", "bptt", "--out", str(tmp_path)) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "spikes of 1.6 bits a step" in printed
    assert "weights that take the steps of the forward weights of hidden2" in printed
    assert {path.name for path in tmp_path.iterdir()} == {
        *(f"scorecard.{ending}" for ending in ("pdf", "png", "csv", "tex")),
        *(f"provenance_erbp_random_direct.{ending}" for ending in ("pdf", "png", "csv", "svg")),
        *(f"provenance_e-prop_learned.{ending}" for ending in ("pdf", "png", "csv", "svg")),
        "workbench-figures.json",
    }
    assert r"\toprule" in (tmp_path / "scorecard.tex").read_text()
    assert "learned" in (tmp_path / "provenance_e-prop_learned.csv").read_text()
    # Text that a drawing program can edit.
    assert ">relay</text>" in (tmp_path / "provenance_e-prop_learned.svg").read_text()


def test_locality_as_json_has_every_rule_and_its_graph(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "locality", "--json", "--depth", "1") == 0
    found = {entry["rule"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert list(found) == list(load_registry().rules)
    assert found["frozen"]["total"] is None
    assert found["bptt"]["total"] == 6
    assert found["eprop"]["signals"][0]["origin"] == "readout"
    assert {"reader": "g", "read": "k"}.items() <= found["eprop"]["graph"][1].items()


def test_locality_of_what_is_not_there_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "locality", "eprop:sideways") == 1
    assert capsys.readouterr().err.startswith("error: Rule 'eprop' does not take feedback 'sideways'.")
    assert run(monkeypatch, "locality", "e_prop") == 1
    assert "Did you mean 'eprop'?" in capsys.readouterr().err


def examined(rule: Rule | Pathway, *models: NeuronModel) -> Iterator[Outcome]:
    """Yield outcomes of a check that nothing but the name decides."""
    neuron, readout = [*(model.name for model in models), "", ""][:2]
    yield Outcome(rule.name, "builds", "passed", f"on neuron '{neuron}' and readout '{readout}'")
    if rule.name == "mine":
        yield Outcome(rule.name, "learns", "failed", "it is [lazy]")


def test_check_ends_with_1_where_a_rule_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], plugin_file: Callable[..., Path]
) -> None:
    monkeypatch.setattr("workbench.testing.examine", examined)
    assert run(monkeypatch, "check", "eprop_adaptive") == 0
    printed = capsys.readouterr().out
    assert "eprop_adaptive: 1 passed, 0 failed" in printed
    assert "on neuron 'alif'" in printed
    path = plugin_file()
    assert run(monkeypatch, "check", "eprop", str(path)) == 1
    printed = capsys.readouterr().out
    assert "eprop: 1 passed, 0 failed" in printed
    assert "mine: 1 passed, 1 failed" in printed
    assert "it is [lazy]" in printed
    assert run(monkeypatch, "check", str(path), "--json") == 1
    told = json.loads(capsys.readouterr().out)
    assert [(entry["rule"], entry["result"]) for entry in told] == [("mine", "passed"), ("mine", "failed")]


def test_check_takes_all_rules_by_default(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("workbench.testing.examine", examined)
    monkeypatch.setattr("workbench.testing.examine_pathway", examined)
    assert run(monkeypatch, "check", "--json") == 0
    ways = [name for name, offer in load_registry().all(Pathway).items() if offer.item.rule is not None]
    told = [entry["rule"] for entry in json.loads(capsys.readouterr().out)]
    assert told == [*load_registry().rules, *ways]
    assert "weight_mirror" in ways


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("epropp", "No installed plugin offers a rule 'epropp'. Did you mean 'eprop'?"),
        ("absent.py", "absent.py"),
        ("empty.py", "the plugin offers no rule to check"),
    ],
)
def test_check_of_what_is_not_there_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, words: str
) -> None:
    (tmp_path / "empty.py").write_text(
        "from dataclasses import replace\nfrom workbench import hookimpl\n"
        "from workbench.declare.neuron_models import LIF\n"
        "@hookimpl\ndef workbench_neurons():\n    yield replace(LIF, name='own')\n"
    )
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "check", name) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert words in told


def test_interrupted_study_is_one_line_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("workbench.study.work.runner.run_study", Mock(side_effect=KeyboardInterrupt))
    assert run(monkeypatch, "run", "study.toml") == 130
    told = "Interrupted. The results so far are kept; the same command goes on from there.\n"
    assert capsys.readouterr() == ("", told)


#: The command line, deaf to Ctrl-C until it has begun.
PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("begins", flush=True)
sys.argv = ["workbench", *sys.argv[1:]]
from workbench.__main__ import main
main()
"""

#: Says of each module whether Ctrl-C would be silent when it begins to be imported.
LOOK = """
import signal, sys
class Look:
    def find_spec(self, name, path=None, target=None):
        print(name, signal.getsignal(signal.SIGINT) is signal.SIG_DFL)
sys.meta_path.insert(0, Look())
import workbench.__main__
"""


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.6, 1.0])
def test_interrupt_at_any_moment_is_one_line(tmp_path: Path, share: float) -> None:
    """What is interrupted depends on the machine's speed; that it ends in order does not."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "list", "rules"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begins\n"
    time.sleep(share * np.random.default_rng().uniform(0, 2))
    process.send_signal(signal.SIGINT)
    _, told = process.communicate()
    # Where all is done, nothing is left to be interrupted.
    assert (process.returncode, told) in {(130, "Interrupted.\n"), (0, ""), (-signal.SIGINT, "")}


def test_interrupt_is_provided_for_before_anything_else_is_imported() -> None:
    told = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True).stdout
    seen = dict(line.split() for line in told.splitlines())
    assert [name for name, silent in seen.items() if silent == "False"] == ["workbench", "workbench.__main__"]
    assert seen["workbench.command.main"] == "True"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ImportError, SystemExit])
def test_interrupt_that_an_import_makes_into_something_else_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: type[BaseException]
) -> None:
    def interrupted(_: object) -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt:
            raise error from None

    monkeypatch.setattr("workbench.catalogue.registry.load_registry", interrupted)
    assert run(monkeypatch, "list", "rules") == 130
    assert capsys.readouterr() == ("", "Interrupted.\n")


@pytest.fixture
def one_run(tmp_path: Path) -> Path:
    """Return the results of a study that was killed before it had tables."""
    folder = tmp_path / "results"
    row: dict[str, object] = {name: "" if kind == "str" else None for name, kind in RUN_COLUMNS.items()}
    row |= {
        "run_id": "0123456789abcdef",
        "task": "digits",
        "rule": "frozen",
        "network": "64-10",
        "seed": 0,
        "status": "skipped",
    }
    with opened(folder, "study"):
        write_mark(folder, Mark("study", dict.fromkeys(["0123456789abcdef", "0123456789abcdea"], NO_CONDITION)))
        write_result(folder, RunResult(row), {})
    return folder


def test_figures_of_a_killed_study_show_what_is_stored(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], one_run: Path
) -> None:
    assert run(monkeypatch, "figures", str(one_run)) == 0
    printed = capsys.readouterr()
    assert str(one_run / "figures" / "summary.txt") in printed.out
    assert printed.err == f"{one_run}: 1 of 2 runs of the study is not stored, and missing from the figures.\n"
    assert "1 skipped" in (one_run / "figures" / "summary.txt").read_text()


def test_figures_of_damaged_results_or_none_are_a_mistake(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], one_run: Path
) -> None:
    for folder, told in ((one_run, "is damaged"), (one_run / "logs", "holds no results of a study")):
        (one_run / "runs" / "0123456789abcdef.json").write_text("This is no result.")
        assert run(monkeypatch, "figures", str(folder)) == 1
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith(f"error: {folder}")
        assert told in printed.err
        assert printed.err.count("\n") == 1
        assert not (folder / "figures").exists()


def test_mistake_is_one_line_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], install_plugin: Callable[..., Path]
) -> None:
    install_plugin("import nothing_of_the_kind\n")
    assert run(monkeypatch, "list", "rules") == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("error: Plugin 'stranger' of 'strangers-rules 1.5' cannot be imported: ")
    assert printed.err.count("\n") == 1


def test_defect_is_not_dressed_up_as_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.catalogue.registry.load_registry", lambda _: 1 / 0)
    monkeypatch.setattr(sys, "argv", ["workbench", "list"])
    with pytest.raises(ZeroDivisionError):
        cli.main()


def test_unknown_command_is_answered_with_the_nearest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "lits") == 2
    assert "Did you mean 'list'" in capsys.readouterr().err


def test_installed_command_runs() -> None:
    command = Path(sys.executable).with_name("workbench")
    finished = subprocess.run([command, "list", "rules", "--json"], capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")
    assert [entry["name"] for entry in json.loads(finished.stdout)] == sorted(load_registry().rules)
