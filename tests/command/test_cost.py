"""`workbench cost` prints what rules keep and do, and writes it as a figure and tables."""

import json
from pathlib import Path

import pytest

from tests.command.running import run

SMALL = ("--sizes", "20,12,3", "--steps", "40")


def test_costs_are_printed_and_written(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(monkeypatch, "cost", "eprop", "oja", "bptt", *SMALL, "--out", str(tmp_path)) == 0
    printed = capsys.readouterr().out
    assert "forward" not in printed
    (row,) = [line.split() for line in printed.splitlines() if line.startswith(" e-prop, symmetric")]
    assert row[2:5] == ["16.0", "10.0", "4,160"]
    assert "bptt: The reference computes it, going through whole trials" in printed
    assert {path.name for path in tmp_path.iterdir()} == {
        *(f"cost.{ending}" for ending in ("pdf", "png", "csv", "tex")),
        "workbench-figures.json",
    }
    latex = (tmp_path / "cost.tex").read_text()
    assert latex.startswith("\\begin{tabular}{lrrrrrrrr}\n\\toprule\n")
    assert "e-prop, symmetric & 16.0 & 10.0 & 4,160 &" in latex
    assert latex.count("\\\\\n") == 4
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert run(monkeypatch, "cost", "eprop", "oja", "bptt", *SMALL, "--out", str(tmp_path)) == 0
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_scaling_is_told_with_its_powers(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(monkeypatch, "cost", "dcll", "eprop", *SMALL, "--also", "scaling", "--out", str(tmp_path)) == 0
    printed = capsys.readouterr().out
    assert "eprop: state grows with neurons to the power 2 (2 to 2)." in printed
    assert "dcll: state grows with neurons to the power 1 (1 to 1)." in printed
    assert {"scaling.pdf", "scaling.png", "scaling.csv", "powers.csv"} <= {path.name for path in tmp_path.iterdir()}


def test_time_of_learning_is_told_where_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "cost", "eprop", "bptt", *SMALL, "--also", "time", "--json") == 0
    eprop, bptt = json.loads(capsys.readouterr().out)["costs"]
    assert eprop["learning_per_forward"] > 1
    assert bptt["learning_per_forward"] is None


def test_costs_as_json_have_nothing_where_nothing_is_known(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "cost", "stdp", "eventprop", *SMALL, "--json") == 0
    stdp, eventprop = json.loads(capsys.readouterr().out)["costs"]
    assert (stdp["rule"], stdp["bytes_per_synapse"], stdp["reason"]) == ("stdp", 0, "")
    assert (eventprop["rule"], eventprop["bytes"]) == ("eventprop", None)
    assert eventprop["reason"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("eprop", "--sizes", "20,12"), "--sizes: '20,12' is not a list of three layer sizes such as '784,100,10'."),
        (("eprop", "--sizes", "20,0,3"), "--sizes: '20,0,3' is not a list"),
        (("epropp",), "Did you mean 'eprop'?"),
    ],
)
def test_what_cannot_be_measured_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    assert run(monkeypatch, "cost", *arguments) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("error: ")
    assert told in printed.err
    assert (printed.out, printed.err.count("\n")) == ("", 1)
