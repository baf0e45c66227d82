"""Results and checkpoints on the disk."""

import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.study.stored import STUDY, a_curve, a_row, called, planned
from workbench.common.errors import DamageError, StorageError, StudyError
from workbench.study.results import columns
from workbench.study.results.checkpoints import read_checkpoint, write_checkpoint
from workbench.study.results.folder import ids_of
from workbench.study.results.hashed_content import sha256, write_sealed
from workbench.study.results.store import RunResult, opened, read_result, survey, write_result
from workbench.study.results.tables import compact, load_results

A, B, C = (called(name) for name in "abc")

AWKWARD = [0.1 + 0.2, 1 / 3, -0.0, 5e-324, 1.7976931348623157e308, 2.0**-1074 * 3, math.inf, -math.inf, 1e22, 1e23]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with opened(tmp_path / "results", STUDY):
        pass
    return planned(tmp_path / "results", "a", "b")


def finished(folder: Path) -> set[str]:
    return set(survey(folder, ids_of(folder, "runs")).finished)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_numbers_come_back_bit_for_bit(folder: Path) -> None:
    values = AWKWARD + np.random.default_rng(1).normal(size=1000).tolist()
    write_result(folder, RunResult(a_row("a", accuracy=values[0]), [a_curve(value) for value in values]), {})
    compact(folder)
    results = load_results(folder)
    assert results.curves["value"].to_numpy().tobytes() == np.array(values).tobytes()
    assert results.runs["accuracy"].to_numpy().tobytes() == np.array(values[:1]).tobytes()


def test_numpy_numbers_are_stored_as_what_they_are(folder: Path) -> None:
    row = a_row("a", accuracy=np.float64(0.1), loss=np.float32(0.1), epochs=np.int64(7))
    write_result(folder, RunResult(row, [a_curve(np.float64(0.3), epoch=np.int32(2))]), {"epochs": 7})
    runs = compact(folder).runs
    assert runs["loss"][0] == float(np.float32(0.1)) != 0.1
    assert runs["epochs"][0] == 7


def test_tables_have_the_promised_types(folder: Path) -> None:
    write_result(folder, RunResult(a_row("a"), []), {})
    write_result(folder, RunResult(a_row("b", epochs=None, status="skipped", reason="no"), [a_curve(0.5)]), {})
    compact(folder)
    results = load_results(folder)
    assert {name: str(kind) for name, kind in results.runs.dtypes.items() if kind.kind in "if"} == {
        name: kind for name, kind in columns.RUN_COLUMNS.items() if kind != "str"
    }
    assert list(results.runs.columns) == list(columns.TABLE_COLUMNS)
    assert list(results.curves.columns) == list(columns.CURVE_COLUMNS)
    assert results.curves["value"].dtype == "float64"
    assert results.runs["epochs"].isna().tolist() == [False, True]
    assert results.runs["reason"].tolist() == ["", "no"]


def test_undefined_value_keeps_its_reason(folder: Path) -> None:
    write_result(folder, RunResult(a_row("a"), [a_curve(math.nan, "the gradient is zero")]), {})
    curves = compact(folder).curves
    assert math.isnan(curves["value"][0])
    assert curves["reason"][0] == "the gradient is zero"


def test_order_of_rows_does_not_depend_on_the_order_of_finishing(tmp_path: Path) -> None:
    tables = []
    for order in (["a", "b", "c"], ["c", "a", "b"]):
        folder = tmp_path / "".join(order)
        with opened(folder, STUDY):
            for name in order:
                write_result(folder, RunResult(a_row(name), [a_curve(1.0), a_curve(2.0)]), {})
        compact(planned(folder, "b", "c", "a"))
        tables.append([(folder / name).read_bytes() for name in ("runs.parquet", "curves.parquet")])
    assert tables[0] == tables[1]
    assert load_results(folder).runs["run_id"].tolist() == [B, C, A]
    assert load_results(folder).curves["run_id"].tolist() == [B, B, C, C, A, A]


def test_tables_hold_only_the_runs_asked_for(folder: Path) -> None:
    for name in ("old", "new"):
        write_result(folder, RunResult(a_row(name)), {})
    results = compact(planned(folder, "new", "not yet run"))
    assert (results.runs["run_id"].tolist(), results.missing) == ([called("new")], 1)
    assert load_results(folder).runs["run_id"].tolist() == [called("new")]
    assert finished(folder) == {called("old"), called("new")}


def test_all_but_failed_runs_are_finished(folder: Path) -> None:
    for status in columns.STATUSES:
        write_result(folder, RunResult(a_row(status, status=status)), {})
    assert finished(folder) == {called(name) for name in ("done", "diverged", "skipped")}
    write_result(folder, RunResult(a_row("failed", status="done")), {})
    assert called("failed") in finished(folder)


@pytest.mark.parametrize("content", ["", '{"row": {"run_id": "a", "sta', "[]", '{"row": {}, "curves": []}', "\x00\x00"])
def test_damaged_result_is_no_result(folder: Path, content: str) -> None:
    write_result(folder, RunResult(a_row("b")), {})
    (folder / "runs" / f"{A}.json").write_text(content)
    assert finished(folder) == {B}
    assert compact(folder).runs["run_id"].tolist() == [B]
    with pytest.raises(StudyError, match=rf"runs/{A}.json is damaged: its content does .* Run the study again to mend"):
        load_results(folder)


#: Contents with the right hash, which only somebody who means it can make.
NO_RESULTS: dict[str, Any] = {
    "a list": [1, 2],
    "nothing": None,
    "a word for a number": {"row": a_row("a", accuracy="0.5")},
    "a number for a word": {"row": a_row("a", rule=5)},
    "a list for a row": {"row": [[1]]},
    "a truth value": {"row": a_row("a", seed=True)},
    "a fraction of an epoch": {"row": a_row("a", epochs=2.5)},
    "NaN for a seed": {"row": a_row("a", seed=math.nan)},
    "a number of 400 digits": {"row": a_row("a", accuracy=10**400)},
    "a curve without a value": {"row": a_row("a"), "curves": [a_curve(None)]},
    "a curve that is none": {"row": a_row("a"), "curves": [7]},
    "curves that are none": {"row": a_row("a"), "curves": 7},
    "another run": {"row": a_row("b")},
    "a hash that is none": {"row": a_row("a"), "weights_sha256": 7},
}


@pytest.mark.parametrize("name", NO_RESULTS)
def test_content_of_another_kind_is_damage(folder: Path, name: str) -> None:
    content = NO_RESULTS[name]
    if isinstance(content, dict):
        content = {"curves": [], "weights_sha256": "", "config": {}} | content
    write_sealed(folder / "runs" / f"{A}.json", content)
    with pytest.raises(
        DamageError, match=rf"^{folder}/runs/{A}.json is damaged: it is (no result of a run|the result|no table)"
    ):
        read_result(folder, A)


def test_content_nested_without_end_is_damage(folder: Path) -> None:
    text = b"[" * 10**6
    (folder / "runs" / f"{A}.json").write_bytes(b'{"sha256": "%s", "content": %s}\n' % (sha256(text).encode(), text))
    with pytest.raises(DamageError, match="is damaged"):
        read_result(folder, A)


def test_file_too_large_to_be_a_result_is_not_read(folder: Path) -> None:
    with (folder / "runs" / f"{A}.json").open("wb") as file:
        file.truncate(10 * 2**30)
    with pytest.raises(DamageError, match=f"{A}.json is damaged: it has 10737418240 bytes"):
        read_result(folder, A)


def test_result_under_another_name_is_no_result(folder: Path) -> None:
    write_result(folder, RunResult(a_row("a")), {})
    (folder / "runs" / f"{A}.json").rename(folder / "runs" / f"{B}.json")
    assert finished(folder) == set()


def test_what_a_kill_leaves_behind_is_ignored_and_cleared(folder: Path) -> None:
    write_result(folder, RunResult(a_row("a")), {})
    being_written = f"{B}.json.99-0123abcd.tmp"
    for name in (
        f"runs/.workbench-{being_written}",
        ".workbench-runs.parquet.99-0123abcd.tmp",
        f"checkpoints/.workbench-{B}.checkpoint.99-0123abcd.tmp",
        f"progress/{B}.json",
    ):
        (folder / name).write_text('{"row": ')
    # The first of a run that is done, where the kill came before it was dropped; the second of one that is not.
    write_checkpoint(folder, A, {}, {})
    write_checkpoint(folder, C, {}, {})
    assert finished(folder) == {A}
    with opened(folder, STUDY):
        assert names(folder) == [".lock", f"checkpoints/{C}.checkpoint", f"runs/{A}.json", "workbench-results.json"]


def test_write_that_fails_leaves_the_old_content(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_result(folder, RunResult(a_row("a", accuracy=0.5)), {})

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(
        StorageError, match=rf"^{folder}/runs cannot be written \(No space left on device\)\. Make room"
    ):
        write_result(folder, RunResult(a_row("a", accuracy=0.9)), {})
    told = r"cannot be written \(No space left on device\)\. Make room there\. 1 of 2 runs are stored, but not in the"
    with pytest.raises(StudyError, match=told):
        compact(folder)
    monkeypatch.undo()
    assert compact(folder).runs["accuracy"].tolist() == [0.5]
    assert names(folder) == [".lock", "curves.parquet", "runs.parquet", f"runs/{A}.json", "workbench-results.json"]


def test_results_are_text_and_hold_the_configuration(folder: Path) -> None:
    write_result(folder, RunResult(a_row("a")), {"train": {"epochs": 3}})
    record = json.loads((folder / "runs" / f"{A}.json").read_text())
    assert record["content"]["config"] == {"train": {"epochs": 3}}


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (RunResult(a_row("a", acuracy=1.0)), "these differ: acuracy"),
        (RunResult({"run_id": A}), "these differ: accuracy, "),
        (RunResult(a_row("a", status="finished")), "'finished' is not a status of a run. It is one of done, "),
        (RunResult(a_row("a"), [{"value": 1.0}]), "A row of curves has the columns epoch, "),
        (RunResult(a_row("a"), [a_curve(math.nan)]), "'loss' is nan, its reason ''; NaN, and NaN alone, has one"),
        (RunResult(a_row("a"), [a_curve(1.0, "dead")]), "'loss' is 1.0, its reason 'dead'"),
        (RunResult(a_row("a", seed="0")), "'seed' of a run's result must be of the kind int64, and it is '0'."),
        (RunResult(a_row("a", run_id="../a")), "'../a' is not the id of a run: 16 hexadecimal digits."),
    ],
)
def test_result_that_does_not_fit_the_tables_is_refused(folder: Path, result: RunResult, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        write_result(folder, result, {})
    assert finished(folder) == set()


def test_folder_without_results_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        StudyError, match=r"holds no results of a study, since it has no 'workbench-res.* Run the study first"
    ):
        load_results(tmp_path / "nowhere")


def test_runs_of_a_killed_study_can_be_loaded_before_it_is_resumed(folder: Path) -> None:
    write_result(folder, RunResult(a_row("a")), {})
    assert load_results(folder).runs["run_id"].tolist() == [A]


@pytest.mark.parametrize("table", ["runs.parquet", "curves.parquet"])
def test_tables_are_those_of_the_stored_runs_whatever_becomes_of_their_files(folder: Path, table: str) -> None:
    write_result(folder, RunResult(a_row("a", accuracy=0.5), [a_curve(0.25)]), {})
    compact(folder)
    whole = (folder / table).read_bytes()
    for damage in (None, b"PAR1"):
        (folder / table).unlink()
        if damage:
            (folder / table).write_bytes(damage)
        results = load_results(folder)
        assert (results.runs["accuracy"][0], results.curves["value"][0]) == (0.5, 0.25)
        compact(folder)
        assert (folder / table).read_bytes() == whole


def test_unwritable_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(StudyError, match=r"file/results: results cannot be written there \(Not a directory\)"),
        opened(tmp_path / "file" / "results", STUDY),
    ):
        pytest.fail("the folder was opened")


def test_folder_serves_one_study_at_a_time(folder: Path) -> None:
    with (
        opened(folder, STUDY),
        pytest.raises(StudyError, match=r"is in use by another run of the study. Wait until it has ended."),
        opened(folder, STUDY),
    ):
        pytest.fail("the folder was opened twice")
    with opened(folder, STUDY):
        pass


def test_checkpoint_comes_back_bit_for_bit(folder: Path) -> None:
    arrays: dict[str, Any] = {
        "hidden1/w": np.random.default_rng(0).normal(size=(5, 7)),
        "file": np.arange(3, dtype=np.int32),
        "meta": np.array([np.nan, -0.0, np.inf]),
        "empty": np.zeros((0, 4), dtype=np.float32),
    }
    write_checkpoint(folder, A, arrays, {"epoch": np.int64(3), "curves": [a_curve(0.1 + 0.2)]})
    checkpoint = read_checkpoint(folder, A)
    assert checkpoint is not None
    assert checkpoint.meta == {"epoch": 3, "curves": [a_curve(0.1 + 0.2)]}
    assert checkpoint.arrays.keys() == arrays.keys()
    for name, array in arrays.items():
        assert checkpoint.arrays[name].dtype == array.dtype
        assert checkpoint.arrays[name].shape == array.shape
        assert checkpoint.arrays[name].tobytes() == array.tobytes()


def test_damaged_checkpoint_is_ignored(folder: Path) -> None:
    assert read_checkpoint(folder, A) is None
    write_checkpoint(folder, A, {"w": np.ones(100)}, {})
    file = folder / "checkpoints" / f"{A}.checkpoint"
    whole = file.read_bytes()
    for damaged in (b"", b"x" * 50, whole[:200], whole[: len(whole) // 2], whole.replace(b"\xf0\x3f", b"\xf1\x3f", 1)):
        file.write_bytes(damaged)
        assert read_checkpoint(folder, A) is None
    file.write_bytes(whole)
    assert read_checkpoint(folder, A) is not None


def test_damaged_checkpoint_is_told_and_dropped(folder: Path) -> None:
    for run_id in (A, B):
        write_checkpoint(folder, run_id, {"w": np.ones(100)}, {})
    file = folder / "checkpoints" / f"{A}.checkpoint"
    file.write_bytes(file.read_bytes()[:-1])
    with opened(folder, STUDY) as told:
        assert told == [f"{file} is damaged. The run begins anew."]
    assert ids_of(folder, "checkpoints") == [B]
    with opened(folder, STUDY) as told:
        assert told == []


def test_checkpoint_goes_when_the_result_is_written(folder: Path) -> None:
    write_checkpoint(folder, A, {}, {})
    write_checkpoint(folder, B, {}, {})
    write_result(folder, RunResult(a_row("a")), {})
    assert read_checkpoint(folder, A) is None
    assert read_checkpoint(folder, B) is not None


def test_failed_run_keeps_its_checkpoint(folder: Path) -> None:
    for name, status in (("a", "failed"), ("b", "diverged"), ("c", "done")):
        write_checkpoint(folder, called(name), {}, {})
        write_result(folder, RunResult(a_row(name, status=status)), {})
    assert [read_checkpoint(folder, run_id) is None for run_id in (A, B, C)] == [False, True, True]


def test_checkpoint_takes_no_python_objects(folder: Path) -> None:
    with pytest.raises(ValueError, match="Array 'w' of a checkpoint holds Python objects"):
        write_checkpoint(folder, A, {"w": np.array([{}], dtype=object)}, {})


def test_pickle_in_a_checkpoint_is_not_opened(folder: Path) -> None:
    content: dict[str, Any] = {"array.w": np.array([{}], dtype=object), "meta": np.frombuffer(b"{}", np.uint8)}
    file = io.BytesIO()
    np.savez(file, **content)
    data = file.getvalue()
    (folder / "checkpoints" / f"{A}.checkpoint").write_bytes(b"%s\n%s" % (sha256(data).encode(), data))
    assert read_checkpoint(folder, A) is None


def test_empty_curves_still_make_a_table(folder: Path) -> None:
    write_result(folder, RunResult(a_row("a")), {})
    compact(folder)
    pd.testing.assert_frame_equal(load_results(folder).curves, compact(folder).curves)
