"""A study is run again from its results alone, and what does not agree is named."""

import io
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.study.work import test_runner as toy
from workbench.common.errors import DamageError, StudyError
from workbench.study.file.run_config import RunConfig
from workbench.study.results.folder import STUDY
from workbench.study.results.hashed_content import read_sealed, write_sealed
from workbench.study.results.store import RunResult
from workbench.study.results.study_record import StudyRecord, read_record, write_record
from workbench.study.work.progress import RunProgress
from workbench.study.work.provenance import machine
from workbench.study.work.reproducing import Reproduction, reproduce
from workbench.study.work.runner import run_study
from workbench.study.work.worker import Train


def a_console() -> Console:
    return Console(file=io.StringIO(), width=200)


def off(config: RunConfig, progress: RunProgress, by: float = 0.0) -> RunResult:
    """Train as the toy does, and note another accuracy for one seed."""
    result = toy.train(config, progress)
    accuracy = float(str(result.row["accuracy"])) + (by if config.seed == 1 else 0.0)
    return replace(result, row=result.row | {"accuracy": accuracy})


def off_by_little(config: RunConfig, progress: RunProgress) -> RunResult:
    return off(config, progress, 1e-3)


def diverged(config: RunConfig, progress: RunProgress) -> RunResult:
    return replace(toy.train(config, progress), row={"status": "diverged", "reason": "on purpose"})


def text_of(folder: Path) -> str:
    record = read_record(folder)
    assert record is not None
    return record.text


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """Return the results of a study whose file is gone."""
    (tmp_path / "walk").mkdir()
    file = tmp_path / "walk" / "study.toml"
    file.write_text(toy.STUDY)
    run_study(file, tmp_path / "out", 2, registry=toy.a_registry(), train=toy.train, console=a_console())
    file.unlink()
    return tmp_path / "out"


Again = Callable[..., Reproduction]


@pytest.fixture
def again(first: Path) -> Again:
    def again(train: Train = toy.train, **options: Any) -> Reproduction:
        return reproduce(first, jobs=2, train=train, registry=toy.a_registry(), console=a_console(), **options)

    return again


def test_same_training_agrees_to_the_bit(first: Path, again: Again) -> None:
    found = again()
    assert found.agrees
    assert found.out == first.with_name("out_again")
    assert (found.compared, found.missing, found.differing, found.same_code) == (6, 0, [], True)
    table = found.numbers.set_index("number")
    assert (table["n"] == table["same_bits"]).all()
    assert table.loc["accuracy", "n"] == 6
    # The first value of each curve is undefined in both.
    assert table.loc["curves: loss", "n"] == 6 * 4
    assert (found.then, found.now) == ({}, {})
    assert text_of(found.out) == text_of(first)


def test_what_does_not_agree_is_named_unless_it_is_tolerated(again: Again, tmp_path: Path) -> None:
    found = again(off_by_little, out=tmp_path / "off")
    assert not found.agrees
    assert [name.rpartition(" (")[0] for name in found.differing] == ["toy eprop:symmetric seed 1", "toy still seed 1"]
    row = found.numbers.set_index("number").loc["accuracy"]
    assert (row["n"], row["same_bits"], row["absolute"]) == (6, 4, pytest.approx(1e-3))
    assert again(off_by_little, out=tmp_path / "off", tolerance=2e-3).agrees


def test_study_that_ends_otherwise_does_not_agree(again: Again, tmp_path: Path) -> None:
    found = again(diverged, out=tmp_path / "other")
    assert not found.agrees
    assert len(found.differing) == 6


def test_some_seeds_are_enough_where_they_are_asked_for(again: Again, tmp_path: Path) -> None:
    found = again(only_seeds=2)
    assert (found.compared, found.missing, found.agrees) == (4, 0, True)
    assert text_of(found.out) != text_of(found.folder)
    with pytest.raises(StudyError, match="--only-seeds: at least 1 seed is run, not 0"):
        again(only_seeds=0, out=tmp_path / "none")


def test_results_of_other_code_are_compared_by_their_configuration(first: Path, again: Again) -> None:
    """As if the code had been edited since: every run has another id."""
    mark = read_sealed(first / "workbench-results.json") or {}
    names = {run_id: f"{int(run_id, 16) ^ 1:016x}" for run_id in mark["runs"]}
    for old, new in names.items():
        record = read_sealed(first / "runs" / f"{old}.json") or {}
        record["row"]["run_id"] = new
        record["row"]["versions"] = record["row"]["versions"].replace('"brian2":"', '"brian2":"0.')
        write_sealed(first / "runs" / f"{new}.json", record)
    write_sealed(first / "workbench-results.json", mark | {"runs": list(names.values())})
    found = again()
    assert (found.compared, found.agrees, found.same_code) == (6, True, False)
    assert found.then["brian2"] == f"0.{found.now['brian2']}"


def test_record_says_what_was_run_and_on_what(first: Path) -> None:
    record = read_record(first)
    assert record is not None
    assert (record.text, record.plugin_texts, record.machines) == (toy.STUDY, (), (machine(),))
    assert record.tables()["seeds"] == [0, 1, 2]


def test_record_of_tables_and_plugins_is_read_again(tmp_path: Path) -> None:
    text = 'plugins = ["mine.py"]\n' + toy.STUDY
    record = StudyRecord("Why?", "mine.toml", text, ("a/mine.py",), "", ("one",), ("# A plugin.\n",))
    write_record(tmp_path, record)
    assert read_record(tmp_path) == record
    assert "plugins" not in record.tables()
    assert replace(record, text=json.dumps({"name": "mine", "seeds": [1]})).tables() == {"seeds": [1]}


def test_results_that_do_not_say_what_they_were_run_from_are_refused(first: Path, again: Again) -> None:
    record = read_sealed(first / STUDY) or {}
    # As the first format had it.
    write_sealed(first / STUDY, {key: value for key, value in record.items() if key not in {"format", "plugin_texts"}})
    for _ in range(2):
        with pytest.raises(StudyError, match="does not say all that its study was run from, since an earlier version"):
            again()
        (first / STUDY).unlink(missing_ok=True)


@pytest.mark.parametrize(
    ("change", "error", "told"),
    [
        ({"format": 3}, StudyError, "is in format 3, and this version of the workbench reads format 2"),
        ({"text": "seeds ="}, DamageError, "is damaged: it is no study"),
        ({"text": "{"}, DamageError, "is damaged: it is no study"),
        ({"plugin_texts": None}, DamageError, "is damaged: it is no study"),
    ],
)
def test_record_that_cannot_be_read_is_refused(
    first: Path, change: dict[str, object], error: type[Exception], told: str
) -> None:
    write_sealed(first / STUDY, (read_sealed(first / STUDY) or {}) | change)
    with pytest.raises(error, match=told):
        read_record(first)


def test_folder_of_the_first_results_is_not_written_to(first: Path, again: Again) -> None:
    with pytest.raises(StudyError, match="has the results that are to be compared with"):
        again(out=first / ".." / "out")


def test_undefined_numbers_stay_undefined(again: Again) -> None:
    table = again().numbers.set_index("number")
    assert table["n"].to_dict()["complaints"] == 0
    assert math.isnan(table["absolute"].to_dict()["complaints"])
