"""`workbench compare`: the matrix says what is known of it, in the table and in JSON."""

import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.end_to_end.command import PLUGIN, WATCHED, Ended, workbench
from tests.end_to_end.conftest import Whole
from workbench.catalogue.registry import load_registry
from workbench.command import main as cli

RULES = "eprop,dcll,copy:symmetric,frozen"
NAMES = (
    "bptt_constant",
    "bptt_differentiated",
    "eprop:symmetric",
    "dcll:local_readout",
    "copy:symmetric",
    "frozen",
    "random",
)

Matrix = dict[tuple[str, str, str], float | None]


@pytest.fixture(scope="module")
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("plugin") / "copy.py"
    path.write_text(PLUGIN)
    return path


def arguments_for(plugin: Path, rules: str = RULES) -> list[str]:
    size = ["--hidden", "8", "--trials", "32"]
    return ["compare", "--rules", rules, "--task", "yin_yang", *size, "--plugin", str(plugin)]


def in_this_process(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line where simulators are imported already, and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["workbench", *arguments])
    with pytest.raises(SystemExit) as caught:
        cli.main()
    assert isinstance(caught.value.code, int)
    return caught.value.code


@pytest.fixture(scope="module")
def as_json(plugin: Path, whole: Whole) -> Ended:
    # The networks are those of the whole study, which compiles two at a time.
    assert whole.ended.code == 0
    return workbench(*arguments_for(plugin), "--json", command=WATCHED)


def content(ended: Ended) -> dict[str, Any]:
    """Return what was printed as JSON."""
    assert (ended.code, ended.err) == (0, "")
    text, _, imported = ended.out.rstrip().rpartition("\n")
    # What a finished study does without is seen here.
    assert imported == "imported: brian2"
    printed: dict[str, Any] = json.loads(text)
    return printed


@pytest.fixture(scope="module")
def cosines(as_json: Ended) -> Matrix:
    rows = content(as_json)["alignment"]
    return {(row["layer"], row["estimate"], row["reference"]): row["cosine"] for row in rows}


def value(cosines: Matrix, layer: str, estimate: str, reference: str) -> float:
    found = cosines[layer, estimate, reference]
    assert found is not None
    return found


def test_matrix_holds_every_pair_in_every_layer(cosines: Matrix) -> None:
    assert set(cosines) == {(layer, one, other) for layer in ("hidden1", "readout") for one in NAMES for other in NAMES}
    for (layer, one, other), cosine in cosines.items():
        if "frozen" in (one, other) and layer == "hidden1":
            assert cosine is None
        else:
            assert cosine is not None
            assert abs(cosine) <= 1 + 1e-12
            assert cosine == pytest.approx(cosines[layer, other, one], abs=1e-12)


def test_eprop_with_one_hidden_layer_is_the_gradient_with_the_reset_constant(cosines: Matrix) -> None:
    assert value(cosines, "hidden1", "eprop:symmetric", "bptt_constant") == pytest.approx(1, abs=1e-9)
    # With the reset differentiated it is not, nor is another rule.
    assert abs(value(cosines, "hidden1", "eprop:symmetric", "bptt_differentiated")) < 0.999
    assert abs(value(cosines, "hidden1", "dcll:local_readout", "bptt_constant")) < 0.9


def test_readout_of_every_rule_learns_by_its_gradient(cosines: Matrix) -> None:
    for name in set(NAMES) - {"random"}:
        assert value(cosines, "readout", name, "bptt_constant") == pytest.approx(1, abs=1e-9)


def test_random_update_is_aligned_with_nothing(
    plugin: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its cosine with anything has mean 0 and variance 1 / number of weights; one draw says little of so few."""
    found: dict[tuple[str, str], list[float]] = {}
    for seed in range(12):
        assert in_this_process(monkeypatch, *arguments_for(plugin, "eprop"), "--seed", str(seed), "--json") == 0
        for row in json.loads(capsys.readouterr().out)["alignment"]:
            if row["estimate"] == "random" and row["reference"] != "random":
                found.setdefault((row["layer"], row["reference"]), []).append(row["cosine"])
    assert len(found) == 2 * 3
    for (layer, name), drawn in found.items():
        weights = {"hidden1": 5 * 8, "readout": 8 * 3}[layer]
        assert len(set(drawn)) == 12
        assert max(map(abs, drawn)) < 4 / math.sqrt(weights), f"{layer}, {name}"
        assert abs(np.mean(drawn)) < 4 / math.sqrt(weights * len(drawn)), f"{layer}, {name}"


def test_rule_of_a_plugin_file_stands_beside_the_installed_ones(cosines: Matrix) -> None:
    assert value(cosines, "hidden1", "copy:symmetric", "eprop:symmetric") == pytest.approx(1, abs=1e-12)


def test_undefined_numbers_have_a_reason_and_others_none(as_json: Ended) -> None:
    rows = content(as_json)["alignment"]
    for row in rows:
        assert (row["cosine"] is None) == (row["magnitude"] is None) == bool(row["reason"])
    assert {row["reason"] for row in rows} == {"", "'frozen' makes no estimate for this layer."}


def test_table_says_the_same_as_json(
    plugin: Path, as_json: Ended, cosines: Matrix, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert in_this_process(monkeypatch, *arguments_for(plugin)) == 0
    printed = capsys.readouterr().out
    found = content(as_json)
    assert f"Loss {found['loss']:.3f}, {found['spikes_per_trial']:.1f} hidden spikes per trial, 32 trials." in printed
    assert "- 'frozen' makes no estimate for this layer." in printed
    _, hidden, readout = printed.split("Layer '")
    for layer, text in (("hidden1", hidden), ("readout", readout)):
        rows = {cells[0]: cells[1:] for cells in map(str.split, text.splitlines()) if cells and cells[0] in NAMES}
        assert tuple(rows) == NAMES
        for one, cells in rows.items():
            shown = [cosines[layer, one, other] for other in NAMES]
            assert cells == ["-" if cosine is None else f"{cosine:.3f}" for cosine in shown]


def test_matrix_needs_no_compiler_where_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    size = ["--hidden", "8", "--trials", "4"]
    small = ["compare", "--rules", "eprop", "--task", "yin_yang", *size, "--target", "numpy", "--json"]
    assert in_this_process(monkeypatch, *small) == 0
    rows = json.loads(capsys.readouterr().out)["alignment"]
    (row,) = [
        row
        for row in rows
        if (row["layer"], row["estimate"], row["reference"]) == ("hidden1", "eprop:symmetric", "bptt_constant")
    ]
    assert row["cosine"] == pytest.approx(1, abs=1e-9)
    assert not (tmp_path / "cache").exists()


def test_trials_that_the_split_does_not_have_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    network = ["compare", "--rules", "eprop", "--task", "iris", "--hidden", "8", "--target", "numpy", "--json"]
    there = len(load_registry().task("iris").data().validation)
    fewer = f"the validation split of task 'iris' has {there} trials, not {there + 1}: these are compared on."
    for asked, told in ((there, ""), (there + 1, f"--trials: {fewer}\n")):
        assert in_this_process(monkeypatch, *network, "--trials", str(asked)) == 0
        printed, error = capsys.readouterr()
        assert (json.loads(printed)["trials"], error) == (there, told)


#: Arguments beyond those that are in order -> what is said about them.
MISTAKES = {
    ("--rules", "eprop:symetric"): (
        "workbench compare, [[rule]] 1: rule 'eprop' does not take feedback 'symetric'. Did you mean 'symmetric'?"
    ),
    ("--rules", "eprop:random_direct:twice"): (
        "workbench compare, [[rule]] 1: rule 'eprop' does not take feedback 'random_direct:twice'. Did you mean "
        "'random_direct'?"
    ),
    ("--rules", "eprop,bptt:symmetric"): (
        "workbench compare, [[rule]] 2: rule 'bptt' does not take feedback 'symmetric'. There are: 'none'."
    ),
    ("--rules", "bptt"): "--rules: name at least one rule besides 'bptt', which is in the matrix anyway.",
    ("--hidden", "8,0"): "--hidden: '8,0' is not a list of layer sizes such as '60,60'.",
    ("--hidden", "eight"): "--hidden: 'eight' is not a list of layer sizes such as '60,60'.",
    ("--task", "yin_yan"): (
        "workbench compare, [[task]] 1: No installed plugin offers a task 'yin_yan'. Did you mean 'yin_yang'?"
    ),
    ("--plugin", "nowhere.py"): "'nowhere.py' is not a Python file. Give the path of a plugin, such as my_rule.py.",
    ("--task", "late"): (
        "No neuron of 'hidden1' spikes in these 20 trials, so there is nothing to compare. "
        "Raise the weights or the number of trials."
    ),
}


@pytest.mark.parametrize(("arguments", "message"), MISTAKES.items(), ids=map(" ".join, MISTAKES))
def test_mistake_is_one_line(
    arguments: tuple[str, ...],
    message: str,
    plugin: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert in_this_process(monkeypatch, *arguments_for(plugin, "eprop"), *arguments) == 1
    assert capsys.readouterr() == ("", f"error: {message}\n")
