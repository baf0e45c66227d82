"""A results folder is the workbench's own: nothing else in it is touched, and no link in it is followed."""

import errno
import fcntl
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.study.stored import STUDY, a_curve, a_folder, a_row, called, planned
from workbench.common.errors import StudyError
from workbench.common.files import write_atomically
from workbench.study.results.checkpoints import write_checkpoint
from workbench.study.results.store import RunResult, opened, write_result
from workbench.study.results.tables import compact, load_results
from workbench.study.work.progress import RunProgress

A = called("a")

#: What somebody else may have in a folder, at names that look like the workbench's.
FOREIGN = (
    "progress/week1.json",
    "progress/.week2.json.tmp",
    "notes/.draft.tmp",
    ".draft.tmp",
    ".workbench-thesis.tex.99-0123abcd.tmp",
    "runs/.workbench-week1.json.99-0123abcd.tmp",
    "runs/summary.json",
    f"runs/{A}.csv",
    "checkpoints/model.npz",
    "checkpoints/model.checkpoint",
    "logs/today.txt",
    "weights/mine.npz",
    ".probe.tmp",
)


def write_foreign(folder: Path) -> dict[Path, bytes]:
    contents = {folder / name: f"what is in {name}".encode() for name in FOREIGN}
    for path, content in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return contents


def use(folder: Path, study: str = STUDY) -> None:
    """Do all that a study does in its folder."""
    with opened(folder, study):
        planned(folder, "a")
        progress = RunProgress(folder, A, "a run")
        progress(1, 2)
        write_checkpoint(folder, A, {"w": np.ones(3)}, {})
        write_result(folder, RunResult(a_row("a"), [a_curve(1.0)], {"trained": {"hidden1": np.ones((2, 2))}}), {})
        progress.close()
        compact(folder)
    load_results(folder)


def test_folder_of_somebody_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    contents = write_foreign(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    told = (
        rf"^{tmp_path} is not empty, and no 'workbench-results.json' marks it as results .* new folder or an empty one"
    )
    with pytest.raises(StudyError, match=told):
        use(tmp_path)
    with pytest.raises(StudyError, match=r"holds no results of a study, since it has no 'workbench-results.json'"):
        load_results(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before
    assert {path: path.read_bytes() for path in contents} == contents


def test_files_of_somebody_else_in_a_folder_of_results_are_left_alone(tmp_path: Path) -> None:
    use(tmp_path)
    contents = write_foreign(tmp_path)
    use(tmp_path)
    assert {path: path.read_bytes() for path in contents} == contents
    assert load_results(tmp_path).runs["run_id"].tolist() == [A]


def test_folder_that_was_begun_and_not_marked_is_taken(tmp_path: Path) -> None:
    (tmp_path / ".lock").touch()
    (tmp_path / ".workbench-workbench-results.json.99-0123abcd.tmp").touch()
    use(tmp_path)
    assert not list(tmp_path.glob(".workbench*"))


def test_results_of_another_study_are_kept_from_it(tmp_path: Path) -> None:
    use(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with pytest.raises(
        StudyError, match=rf"^{tmp_path} has results of study 'walk', and this is study 'run'\. Give an"
    ):
        use(tmp_path, "run")
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    use(tmp_path)


def test_results_of_another_format_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("workbench.study.results.mark._FORMAT", 7)
        use(tmp_path)
    for action in (use, load_results):
        with pytest.raises(
            StudyError, match=rf"^{tmp_path} has results in format 7, and this version .* format 1\. Take"
        ):
            action(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{}", b"\x00" * 100, b'{"sha256": "0"'])
def test_damaged_marker_is_told_and_written_anew(tmp_path: Path, content: bytes) -> None:
    folder = a_folder(tmp_path / "out", "ab")
    (folder / "workbench-results.json").write_bytes(content)
    with pytest.raises(StudyError, match=r"workbench-results.json is damaged: .* Run the study again to mend it"):
        load_results(folder)
    # The runs tell whose they are.
    with pytest.raises(StudyError, match="has results of study 'walk', and this is study 'run'"):
        use(folder, "run")
    with opened(folder, STUDY) as told:
        planned(folder, "a", "b")
    assert len(told) == 1
    assert told[0].endswith("workbench-results.json is damaged: its content does not fit its hash. It is written anew.")
    assert load_results(folder).runs["run_id"].tolist() == [called("a"), called("b")]


def test_folder_whose_marker_is_lost_can_be_marked_again(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "out", "ab")
    (folder / "workbench-results.json").unlink()
    with pytest.raises(
        StudyError, match=r"an empty one\. To go on with its runs, make an empty 'workbench-results.json'"
    ):
        use(folder)
    (folder / "workbench-results.json").touch()
    with pytest.raises(StudyError, match="has results of study 'walk', and this is study 'run'"):
        use(folder, "run")
    use(folder)
    assert load_results(folder).runs["run_id"].tolist() == [A]


OWN = ("workbench-results.json", ".lock", "curves.parquet", "runs.parquet", "runs", "weights", "checkpoints",
       "progress", "logs", "figures")  # fmt: skip


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("marked", [True, False])
def test_link_at_a_name_of_the_workbench_is_refused_and_not_followed(tmp_path: Path, name: str, marked: bool) -> None:
    folder = tmp_path / "out"
    use(folder) if marked else folder.mkdir()
    data = tmp_path / "data"
    contents = write_foreign(data) | {data / f"{A}.json": b"mine"}
    (data / f"{A}.json").write_bytes(b"mine")
    thesis = tmp_path / "thesis.tex"
    thesis.write_text("What I found")
    path = folder / name
    is_file = "." in name
    if path.exists():
        path.rename(tmp_path / "aside")
    path.symlink_to(thesis if is_file else data)
    for action in (use, load_results):
        with pytest.raises(
            StudyError, match=rf"^{path} is a link, and none is followed in a results folder\. Remove it"
        ):
            action(folder)
    assert thesis.read_text() == "What I found"
    assert {path: path.read_bytes() for path in contents} == contents


def test_folder_that_is_a_link_is_the_users_choice(tmp_path: Path) -> None:
    (tmp_path / "large disk").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "large disk")
    use(tmp_path / "out")
    assert load_results(tmp_path / "large disk").runs["run_id"].tolist() == [A]


@pytest.mark.parametrize("kind", ["runs", "weights", "checkpoints", "logs", "progress"])
def test_link_in_place_of_a_file_is_replaced_and_not_followed(tmp_path: Path, kind: str) -> None:
    folder = a_folder(tmp_path / "out", "a")
    suffix = {"runs": "json", "weights": "npz", "checkpoints": "checkpoint", "logs": "txt", "progress": "json"}[kind]
    thesis = tmp_path / "thesis.tex"
    thesis.write_text("What I found")
    file = folder / kind / f"{A}.{suffix}"
    file.unlink(missing_ok=True)
    file.symlink_to(thesis)
    use(folder)
    assert thesis.read_text() == "What I found"
    assert load_results(folder).runs["run_id"].tolist() == [A]


def test_link_in_place_of_a_run_is_damage(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "out", "a")
    file = folder / "runs" / f"{A}.json"
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StudyError, match=rf"^{file} cannot be read: it is a link\."):
        load_results(folder)


def test_pipe_in_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "out", "a")
    file = folder / "runs" / f"{A}.json"
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(StudyError, match=rf"^{file} is damaged: it is no regular file\."):
        load_results(folder)
    use(folder)
    (folder / ".lock").unlink()
    os.mkfifo(folder / ".lock")
    with pytest.raises(StudyError, match=r"\.lock is no regular file\. Remove it"):
        use(folder)


def test_lock_is_not_emptied(tmp_path: Path) -> None:
    use(tmp_path)
    (tmp_path / ".lock").write_text("What I found")
    use(tmp_path)
    assert (tmp_path / ".lock").read_text() == "What I found"


def test_file_system_without_locks_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", none)
    with pytest.raises(
        StudyError, match=r"cannot lock files \(No locks available\), so that .* Give a folder on another"
    ):
        use(tmp_path / "out")


def test_file_system_that_puts_no_folders_on_the_disk_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync

    def files_alone(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").is_dir():
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", files_alone)
    write_atomically(tmp_path / "table", b"numbers")
    assert (tmp_path / "table").read_bytes() == b"numbers"


@pytest.mark.parametrize("kind", ["runs", "weights", "checkpoints", "progress", "logs"])
def test_folder_that_cannot_be_written_is_named(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use(tmp_path)
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != kind and real(path, mode))
    with pytest.raises(StudyError, match=rf"^{tmp_path}/{kind}: results cannot be written there \(Permission denied\)"):
        use(tmp_path)


def test_weights_come_back_bit_for_bit(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "out", "ab")
    results = load_results(folder)
    generator = np.random.default_rng(1)
    generator.normal(size=5)
    for moment in ("initial", "trained"):
        found = results.weights(called("b"), moment)
        assert list(found) == ["hidden1", "readout"]
        for name, shape in (("hidden1", (3, 4)), ("readout", (4, 2))):
            assert found[name].dtype == np.float64
            assert found[name].tobytes() == generator.normal(size=shape).tobytes()
    trained = results.weights(called("b"))["hidden1"]
    assert not np.array_equal(trained, results.weights(called("b"), "initial")["hidden1"])
    assert not np.array_equal(trained, results.weights(called("a"))["hidden1"])


def test_weights_that_are_not_there_are_told(tmp_path: Path) -> None:
    folder = a_folder(tmp_path / "out", "ab")
    write_result(folder, RunResult(a_row("c", status="diverged")), {})
    results = load_results(planned(folder, "a", "b", "c"))
    with pytest.raises(StudyError, match=rf"^Run '{called('c')}' has no weights: it ended as 'diverged'\.$"):
        results.weights(called("c"))
    with pytest.raises(StudyError, match=rf"no stored run '{A[:-1]}'\. Did you mean '{A}'\?$"):
        results.weights(A[:-1])
    with pytest.raises(StudyError, match=r"'traned' is none\. Did you mean 'trained'\?$"):
        results.weights(A, "traned")
    (folder / "weights" / f"{A}.npz").unlink()
    with pytest.raises(StudyError, match=rf"weights/{A}.npz is missing\. Run the study again"):
        results.weights(A)


def test_tables_of_no_folder_have_no_weights(tmp_path: Path) -> None:
    results = load_results(a_folder(tmp_path / "out", "a"))
    with pytest.raises(StudyError, match=r"no stored run '.*'\. There are none\.$"):
        type(results)(results.runs, pd.DataFrame()).weights(A)
