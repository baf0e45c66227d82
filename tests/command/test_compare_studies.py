"""Two studies beside each other: what is the same, what differs, and what cannot be compared."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.command.running import run as command
from tests.command.stored import stored
from workbench.study.work.run_list import Run

STUDY: dict[str, Any] = {
    "name": "first",
    "question": "What differs?",
    "seeds": [0, 1, 2],
    "network": {"hidden": [8]},
    "task": [{"name": "yin_yang", "parameters": {"train": 96, "validation": 48, "test": 48}}],
    "rule": [{"name": "frozen"}, {"name": "eprop"}],
}


def with_accuracy(of: Callable[[Run], float]) -> Callable[[Run], dict[str, object]]:
    return lambda run: {"status": "done", "accuracy": of(run), "epochs": 1}


def first(run: Run) -> float:
    return {"frozen": 0.4, "eprop": 0.6}[run.config.rule] + 0.05 * run.config.seed


def second(run: Run) -> float:
    return first(run) + 0.1 + 0.02 * run.config.seed**2


def compared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], a: Path, b: Path
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return what the command says as JSON, and of it what is shared by rule."""
    assert command(monkeypatch, "compare-studies", str(a), str(b), "--json") == 0
    found = json.loads(capsys.readouterr().out)
    return found, {one["rule"]: one for one in found["shared"]}


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Return the results of a study, and of the same at another learning rate with a rule less and one more."""
    other = STUDY | {"name": "second", "train": {"learning_rate": 0.02}, "seeds": [0, 1, 2, 3]}
    other |= {"rule": [{"name": "dcll"}, {"name": "eprop"}]}
    a = stored(tmp_path / "a", STUDY, row=with_accuracy(first))

    def later(run: Run) -> float:
        return second(run) if run.config.rule == "eprop" else 0.5

    return a, stored(tmp_path / "b", other, row=with_accuracy(later))


def test_accuracies_and_paired_differences_have_their_intervals(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folders: tuple[Path, Path]
) -> None:
    found, shared = compared(monkeypatch, capsys, *folders)
    assert (found["same"], found["runs"], list(shared)) == (0, [6, 8], ["eprop:symmetric"])
    assert (found["only_a"], found["only_b"]) == (["yin_yang frozen"], ["yin_yang dcll:local_readout"])
    one = shared["eprop:symmetric"]
    seeds = np.arange(4)
    a, b = 0.6 + 0.05 * seeds[:3], 0.7 + 0.05 * seeds + 0.02 * seeds**2
    for side, values in (("a", a), ("b", b)):
        low, high = stats.t.interval(0.95, len(values) - 1, values.mean(), stats.sem(values))
        told = one[side]
        assert (told["n"], told["runs"]) == (len(values), len(values))
        assert [told["mean"], told["low"], told["high"]] == pytest.approx([values.mean(), low, high])
    differences = b[:3] - a
    low, high = stats.t.interval(0.95, 2, differences.mean(), stats.sem(differences))
    assert one["n"] == 3
    assert [one["difference"], one["low"], one["high"]] == pytest.approx([differences.mean(), low, high])
    assert one["settings"].keys() == {"train.learning_rate"}
    assert one["settings"]["train.learning_rate"][1] == 0.02
    assert one["notes"] == []


def test_same_runs_are_told_by_their_ids(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    a = stored(tmp_path / "a", STUDY, row=with_accuracy(first))
    b = stored(tmp_path / "b", STUDY | {"seeds": [1, 2, 3]}, row=with_accuracy(first))
    found, shared = compared(monkeypatch, capsys, a, b)
    assert found["same"] == 4
    assert {(one["same"], one["n"], one["difference"]) for one in shared.values()} == {(2, 2, 0.0)}
    assert [one["settings"] for one in shared.values()] == [{}, {}]


def test_other_test_data_give_no_difference_and_other_training_data_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def other(**sizes: int) -> Path:
        task = {"name": "yin_yang", "parameters": STUDY["task"][0]["parameters"] | sizes}
        return stored(tmp_path / str(sizes), STUDY | {"task": [task]}, row=with_accuracy(second))

    a = stored(tmp_path / "a", STUDY, row=with_accuracy(first))
    _, shared = compared(monkeypatch, capsys, a, other(test=40))
    for one in shared.values():
        assert (one["n"], one["difference"], one["low"]) == (0, None, None)
        assert one["notes"] == [
            "Their test data differ, so that accuracies are not of the same trials, and no difference is given.",
            "Their task data differ.",
        ]
    _, shared = compared(monkeypatch, capsys, a, other(train=80))
    for one in shared.values():
        assert (one["n"], one["difference"]) == (3, pytest.approx(0.1 + 0.02 * 5 / 3))
        assert one["notes"] == ["Their task data differ."]


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("code", "They were made by different code of the workbench."),
        ("declarations", "Rule, neurons or what else they name are declared differently."),
    ],
)
def test_what_else_differs_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, part: str, told: str
) -> None:
    def edited(made_of: Mapping[str, str]) -> dict[str, str]:
        return {**made_of, part: "another"}

    a = stored(tmp_path / "a", STUDY, row=with_accuracy(first))
    other = STUDY | {"train": {"epochs": 7}}
    b = stored(tmp_path / "b", other, row=with_accuracy(second), made_of=edited)
    _, shared = compared(monkeypatch, capsys, a, b)
    assert {tuple(one["notes"]) for one in shared.values()} == {(told,)}
    assert {one["n"] for one in shared.values()} == {3}


@pytest.mark.parametrize("loaded", [False, True])
def test_results_that_do_not_say_what_they_were_made_of_are_not_trusted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, loaded: bool
) -> None:
    a = stored(tmp_path / "a", STUDY, row=with_accuracy(first), made_of=lambda _: {})
    other = STUDY | {"train": {"epochs": 7}}
    if loaded:
        other |= {"task": [{"name": "yin_yang", "parameters": {"train": 96, "validation": 48, "test": 40}}]}
    _, shared = compared(monkeypatch, capsys, a, stored(tmp_path / "b", other, row=with_accuracy(second)))
    for one in shared.values():
        assert one["notes"][0].startswith("Which test, data, code, declarations one of them was made by is not stored")
        assert one["n"] == (0 if loaded else 3)
        assert ("The task's parameters differ too, so that no difference is given." in one["notes"]) == loaded


def test_conditions_are_told_apart_and_pairs_that_cannot_be_are_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    swept = STUDY | {"sweep": [{"network": {"hidden": [[8], [9]]}}], "seeds": [0]}
    swept |= {"rule": [{"name": "eprop"}]}
    a = stored(tmp_path / "a", swept, row=with_accuracy(first))
    found, _ = compared(monkeypatch, capsys, a, a)
    assert len({one["condition"] for one in found["shared"]}) == 2
    assert {tuple(one["notes"]) for one in found["shared"]} == {
        ("One seed is done in both, so that there is no interval.",)
    }
    twice = STUDY | {"rule": [{"name": "eprop"}, {"name": "eprop", "parameters": {"target_rate": "9 Hz"}}]}
    b = stored(tmp_path / "b", twice, row=with_accuracy(first))
    failed = stored(tmp_path / "c", STUDY, row=lambda _: {"status": "failed", "reason": "no"})
    _, shared = compared(monkeypatch, capsys, b, failed)
    (one,) = shared.values()
    assert one["a"]["n"] == 6
    assert one["notes"] == ["A study has several runs of one seed, so that no pairs can be told."]
    assert one["settings"]["parameters.target_rate"] == [["10 Hz", "9 Hz"], "10 Hz"]
    _, shared = compared(monkeypatch, capsys, a, failed)
    assert shared == {}
    good = stored(tmp_path / "d", STUDY, row=with_accuracy(first))
    _, shared = compared(monkeypatch, capsys, good, failed)
    assert {tuple(one["notes"]) for one in shared.values()} == {("No seed is done, with an accuracy, in both.",)}


def test_printed_table_says_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folders: tuple[Path, Path]
) -> None:
    assert command(monkeypatch, "compare-studies", *map(str, folders)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"A: {folders[0]}. B: {folders[1]}. 0 runs are the same in both, of 6 and 8."
    (row,) = [line.split() for line in lines if "eprop:symmetric" in line]
    assert row[:6] == ["yin_yang", "eprop:symmetric", "0", "65.0", "±", "12.4"]
    assert row[-5:] == ["3", "+13.33", "+2.99", "to", "+23.68"]
    assert "All: 'train.learning_rate' is 0.005 in A and 0.02 in B." in lines
    assert "In A alone: yin_yang frozen." in lines
    assert "In B alone: yin_yang dcll:local_readout." in lines


def test_folder_without_results_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    a = stored(tmp_path / "a", STUDY)
    assert command(monkeypatch, "compare-studies", str(a), str(tmp_path)) == 1
    assert capsys.readouterr().err.startswith(f"error: {tmp_path} holds no results of a study")
