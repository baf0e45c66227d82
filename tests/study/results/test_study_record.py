"""The study file that is stored beside its results, and the machines that ran it."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.end_to_end.command import PLUGIN
from workbench.common.errors import DamageError
from workbench.study.file.reading import specified
from workbench.study.results.study_record import StudyRecord, read_record, write_record
from workbench.study.work.preparing import prepared
from workbench.study.work.provenance import machine
from workbench.study.work.selection import Selection

TEXT = """question = "What is stored?"
seeds = [0]
[[task]]
name = "iris"
[[rule]]
name = "frozen"
"""

RECORD = StudyRecord("What?", "a/study.toml", TEXT, (), "workbench run a/study.toml", ("one",))


def test_record_is_read_as_it_was_written_with_all_machines(tmp_path: Path) -> None:
    assert read_record(tmp_path) is None
    write_record(tmp_path, RECORD)
    assert read_record(tmp_path) == RECORD
    write_record(tmp_path, replace(RECORD, question="What else?", machines=("two", "one")))
    assert read_record(tmp_path) == replace(RECORD, question="What else?", machines=("one", "two"))
    write_record(tmp_path, replace(RECORD, machines=()))
    assert read_record(tmp_path) == replace(RECORD, machines=("one", "two"))


def test_record_that_is_written_again_keeps_its_time(tmp_path: Path) -> None:
    write_record(tmp_path, RECORD)
    before = (tmp_path / "study.json").stat().st_mtime_ns
    write_record(tmp_path, RECORD)
    assert (tmp_path / "study.json").stat().st_mtime_ns == before


def test_damaged_record_is_told_and_written_anew(tmp_path: Path) -> None:
    write_record(tmp_path, RECORD)
    path = tmp_path / "study.json"
    path.write_text(path.read_text().replace("What?", "Why?"))
    with pytest.raises(DamageError, match=r"study\.json is damaged: its content does not fit its hash"):
        read_record(tmp_path)
    write_record(tmp_path, replace(RECORD, machines=("two",)))
    assert read_record(tmp_path) == replace(RECORD, machines=("two",))


def test_study_says_what_it_is_how_it_is_run_and_where(tmp_path: Path) -> None:
    path = tmp_path / "my study.toml"
    path.write_text(TEXT)
    (tmp_path / "extra.py").write_text(PLUGIN)
    ready = prepared(path, tmp_path / "out", [tmp_path / "extra.py"], None, Selection())
    command = f"workbench run '{path}' --plugin {tmp_path / 'extra.py'}"
    plugins = (str(tmp_path / "extra.py"),)
    whole = StudyRecord("What is stored?", str(path), TEXT, plugins, command, (machine(),), (PLUGIN,))
    assert ready.record(trains=True) == whole
    assert ready.record(trains=False).machines == ()
    assert "processor" in machine()


def test_study_of_tables_is_stored_as_json(tmp_path: Path) -> None:
    tables = {"question": "Why?", "seeds": [0], "task": [{"name": "iris"}], "rule": [{"name": "frozen"}]}
    record = prepared(tables, tmp_path / "out", (), None, Selection()).record(trains=False)
    assert (record.file, record.command) == ("", "")
    assert '"question": "Why?"' in record.text
    assert specified(tables).text == record.text
