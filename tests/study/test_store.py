"""Results and checkpoints on the disk."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.errors import StudyError
from workbench.study import store
from workbench.study.checkpoints import read_checkpoint, write_checkpoint
from workbench.study.results import compact, load_results
from workbench.study.store import RunResult, finished, opened, write_result

AWKWARD = [0.1 + 0.2, 1 / 3, -0.0, 5e-324, 1.7976931348623157e308, 2.0**-1074 * 3, math.inf, -math.inf, 1e22, 1e23]


def a_row(run_id: str, **values: object) -> dict[str, object]:
    row = {name: "" if kind == "str" else None for name, kind in store.RUN_COLUMNS.items()}
    return row | {"run_id": run_id, "seed": 0, "status": "done", "epochs": 3} | values


def a_curve(value: object, reason: str = "", **values: object) -> dict[str, object]:
    return {
        "epoch": 1,
        "trial": 32,
        "layer": "network",
        "measure": "loss",
        "estimate": "",
        "reference": "validation",
        "value": value,
        "reason": reason,
    } | values


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with opened(tmp_path / "results"):
        pass
    return tmp_path / "results"


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
        name: kind for name, kind in store.RUN_COLUMNS.items() if kind != "str"
    }
    assert list(results.runs.columns) == list(store.RUN_COLUMNS)
    assert list(results.curves.columns) == list(store.CURVE_COLUMNS)
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
        with opened(folder):
            for run_id in order:
                write_result(folder, RunResult(a_row(run_id), [a_curve(1.0), a_curve(2.0)]), {})
        compact(folder, ["b", "c", "a"])
        tables.append([(folder / name).read_bytes() for name in ("runs.parquet", "curves.parquet")])
    assert tables[0] == tables[1]
    assert load_results(folder).runs["run_id"].tolist() == ["b", "c", "a"]
    assert load_results(folder).curves["run_id"].tolist() == ["b", "b", "c", "c", "a", "a"]


def test_tables_hold_only_the_runs_asked_for(folder: Path) -> None:
    for run_id in ("old", "new"):
        write_result(folder, RunResult(a_row(run_id)), {})
    assert compact(folder, ["new", "not yet run"]).runs["run_id"].tolist() == ["new"]
    assert finished(folder) == {"old", "new"}


def test_all_but_failed_runs_are_finished(folder: Path) -> None:
    for status in store.STATUSES:
        write_result(folder, RunResult(a_row(status, status=status)), {})
    assert finished(folder) == {"done", "diverged", "skipped"}
    write_result(folder, RunResult(a_row("failed", status="done")), {})
    assert "failed" in finished(folder)


@pytest.mark.parametrize("content", ["", '{"row": {"run_id": "a", "sta', "[]", '{"row": {}, "curves": []}', "\x00\x00"])
def test_damaged_result_is_no_result(folder: Path, content: str) -> None:
    write_result(folder, RunResult(a_row("b")), {})
    (folder / "runs" / "a.json").write_text(content)
    assert finished(folder) == {"b"}
    assert compact(folder).runs["run_id"].tolist() == ["b"]


def test_result_under_another_name_is_no_result(folder: Path) -> None:
    write_result(folder, RunResult(a_row("a")), {})
    (folder / "runs" / "a.json").rename(folder / "runs" / "b.json")
    assert finished(folder) == set()


def test_what_a_kill_leaves_behind_is_ignored_and_cleared(folder: Path) -> None:
    write_result(folder, RunResult(a_row("a")), {})
    for name in ("runs/.b.json.99.tmp", ".runs.parquet.99.tmp", "checkpoints/.c.npz.99.tmp", "progress/d.json"):
        (folder / name).write_text('{"row": ')
    assert finished(folder) == {"a"}
    with opened(folder):
        assert names(folder) == [".lock", "runs/a.json"]


def test_write_that_fails_leaves_the_old_content(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_result(folder, RunResult(a_row("a", accuracy=0.5)), {})

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_result(folder, RunResult(a_row("a", accuracy=0.9)), {})
    with pytest.raises(StudyError, match=r"tables cannot be written \(No space left on device\). The runs are stored"):
        compact(folder)
    monkeypatch.undo()
    assert compact(folder).runs["accuracy"].tolist() == [0.5]
    assert names(folder) == [".lock", "curves.parquet", "runs.parquet", "runs/a.json"]


def test_results_are_text_and_hold_the_configuration(folder: Path) -> None:
    write_result(folder, RunResult(a_row("a")), {"train": {"epochs": 3}})
    record = json.loads((folder / "runs" / "a.json").read_text())
    assert record["config"] == {"train": {"epochs": 3}}


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (RunResult(a_row("a", acuracy=1.0)), "these differ: acuracy"),
        (RunResult({"run_id": "a"}), "these differ: accuracy, "),
        (RunResult(a_row("a", status="finished")), "'finished' is not a status of a run. It is one of done, "),
        (RunResult(a_row("a"), [{"value": 1.0}]), "A row of curves has the columns epoch, "),
        (RunResult(a_row("a"), [a_curve(math.nan)]), "'loss' is nan, its reason ''; NaN, and NaN alone, has one"),
        (RunResult(a_row("a"), [a_curve(1.0, "dead")]), "'loss' is 1.0, its reason 'dead'"),
    ],
)
def test_result_that_does_not_fit_the_tables_is_refused(folder: Path, result: RunResult, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        write_result(folder, result, {})
    assert finished(folder) == set()


def test_folder_without_results_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=r"holds no results of a study. Run the study first."):
        load_results(tmp_path / "nowhere")


def test_runs_of_a_killed_study_can_be_loaded_before_it_is_resumed(folder: Path) -> None:
    write_result(folder, RunResult(a_row("a")), {})
    assert load_results(folder).runs["run_id"].tolist() == ["a"]


def test_damaged_table_is_an_error(folder: Path) -> None:
    write_result(folder, RunResult(a_row("a")), {})
    compact(folder)
    (folder / "runs.parquet").write_bytes(b"PAR1")
    with pytest.raises(StudyError, match=r"the tables cannot be read .* Run the study again to mend them."):
        load_results(folder)


def test_unwritable_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(StudyError, match=r"file/results: results cannot be written there \(Not a directory\)"),
        opened(tmp_path / "file" / "results"),
    ):
        pytest.fail("the folder was opened")


def test_folder_serves_one_study_at_a_time(folder: Path) -> None:
    with (
        opened(folder),
        pytest.raises(StudyError, match=r"is in use by another run of the study. Wait until it has ended."),
        opened(folder),
    ):
        pytest.fail("the folder was opened twice")
    with opened(folder):
        pass


def test_checkpoint_comes_back_bit_for_bit(folder: Path) -> None:
    arrays: dict[str, Any] = {
        "hidden1/w": np.random.default_rng(0).normal(size=(5, 7)),
        "file": np.arange(3, dtype=np.int32),
        "meta": np.array([np.nan, -0.0, np.inf]),
        "empty": np.zeros((0, 4), dtype=np.float32),
    }
    write_checkpoint(folder, "a", arrays, {"epoch": np.int64(3), "curves": [a_curve(0.1 + 0.2)]})
    checkpoint = read_checkpoint(folder, "a")
    assert checkpoint is not None
    assert checkpoint.meta == {"epoch": 3, "curves": [a_curve(0.1 + 0.2)]}
    assert checkpoint.arrays.keys() == arrays.keys()
    for name, array in arrays.items():
        assert checkpoint.arrays[name].dtype == array.dtype
        assert checkpoint.arrays[name].shape == array.shape
        assert checkpoint.arrays[name].tobytes() == array.tobytes()


def test_damaged_checkpoint_is_ignored(folder: Path) -> None:
    assert read_checkpoint(folder, "a") is None
    write_checkpoint(folder, "a", {"w": np.ones(100)}, {})
    file = folder / "checkpoints" / "a.npz"
    whole = file.read_bytes()
    for damaged in (b"", b"x" * 50, whole[:200], whole[: len(whole) // 2], whole.replace(b"\xf0\x3f", b"\xf1\x3f", 1)):
        file.write_bytes(damaged)
        assert read_checkpoint(folder, "a") is None
    file.write_bytes(whole)
    assert read_checkpoint(folder, "a") is not None


def test_checkpoint_goes_when_the_result_is_written(folder: Path) -> None:
    write_checkpoint(folder, "a", {}, {})
    write_checkpoint(folder, "b", {}, {})
    write_result(folder, RunResult(a_row("a")), {})
    assert read_checkpoint(folder, "a") is None
    assert read_checkpoint(folder, "b") is not None


def test_failed_run_keeps_its_checkpoint(folder: Path) -> None:
    for run_id, status in (("a", "failed"), ("b", "diverged"), ("c", "done")):
        write_checkpoint(folder, run_id, {}, {})
        write_result(folder, RunResult(a_row(run_id, status=status)), {})
    assert [read_checkpoint(folder, run_id) is None for run_id in "abc"] == [False, True, True]


def test_checkpoint_takes_no_python_objects(folder: Path) -> None:
    with pytest.raises(ValueError, match="Array 'w' of a checkpoint holds Python objects"):
        write_checkpoint(folder, "a", {"w": np.array([{}], dtype=object)}, {})


def test_pickle_in_a_checkpoint_is_not_opened(folder: Path) -> None:
    with (folder / "checkpoints" / "a.npz").open("wb") as file:
        content: dict[str, Any] = {"array.w": np.array([{}], dtype=object), "meta": np.frombuffer(b"{}", np.uint8)}
        np.savez(file, **content)
    assert read_checkpoint(folder, "a") is None


def test_empty_curves_still_make_a_table(folder: Path) -> None:
    write_result(folder, RunResult(a_row("a")), {})
    compact(folder)
    pd.testing.assert_frame_equal(load_results(folder).curves, compact(folder).curves)
