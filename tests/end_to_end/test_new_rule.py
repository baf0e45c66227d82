"""What `workbench new-rule` writes works as it stands: checked, tested and trained."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command.running import run
from tests.end_to_end.command import STUDY, workbench, write_study
from workbench.study.results.tables import load_results


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the plugin file of a rule as the command writes it."""
    file = tmp_path_factory.mktemp("rule") / "folder" / "my_own.py"
    ended = workbench("new-rule", "my_rule", "--out", file)
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[:2] == [str(file), str(file.with_name("test_my_own.py"))]
    assert f"    workbench check {file}" in lines
    assert 'plugins = ["my_own.py"], and a [[rule]] with name = "my_rule".' in ended.out
    return file


def test_it_passes_every_check(written: Path) -> None:
    ended = workbench("check", written, "--json")
    assert (ended.code, ended.err) == (0, "")
    outcomes = json.loads(ended.out)
    assert {outcome["rule"] for outcome in outcomes} == {"my_rule"}
    assert {outcome["result"] for outcome in outcomes} == {"passed", "does not apply"}
    assert sum(outcome["result"] == "passed" for outcome in outcomes) > 10


def test_it_is_trained_by_a_study_that_names_the_file(written: Path, tmp_path: Path) -> None:
    text = f'plugins = ["{written}"]\n{STUDY}'
    ended = workbench("run", write_study(tmp_path, ("frozen", "my_rule"), text), "--out", tmp_path / "out")
    assert (ended.code, ended.err) == (0, "")
    runs = load_results(tmp_path / "out").runs.set_index("rule")
    assert set(runs["status"]) == {"done"}
    # It does learn something: the hidden layer is not what it was.
    assert runs["loss"].nunique() == 2


def test_its_tests_pass_and_fail_where_the_sign_is_wrong(written: Path) -> None:
    def tests() -> subprocess.CompletedProcess[str]:
        # Apart from this repository, and its plugins for tests.
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "test_my_own.py"]
        return subprocess.run(command, cwd=written.parent, capture_output=True, text=True, check=False)

    first = tests()
    assert first.returncode == 0, first.stdout
    assert "2 passed" in first.stdout
    whole = written.read_text()
    written.write_text(whole.replace("gain * error_post", "-gain * error_post"))
    try:
        second = tests()
    finally:
        written.write_text(whole)
    assert second.returncode == 1
    assert "2 failed" in second.stdout


@pytest.mark.parametrize(
    ("name", "out", "told"),
    [
        ("My_rule", "x.py", "'My_rule' cannot be a rule's name. Take at most 60 lower-case letters"),
        ("a__b", "x.py", "'a__b' cannot be a rule's name."),
        ("lambda", "x.py", "'lambda' cannot be a rule's name."),
        ("a" * 61, "x.py", "cannot be a rule's name."),
        ("random", "x.py", "Rule 'random': the name is taken by a row of every comparison."),
        ("eprop", "x.py", "There is a rule 'eprop', of plugin 'eprop' of 'learning-rule-workbench"),
        ("mine", "x.txt", "x.txt' cannot be imported. Give a file such as 'mine.py'."),
        ("mine", "my-own.py", "my-own.py' cannot be imported."),
        ("mine", "there.py", "there.py is there already, and is not overwritten. Give another name or another --out."),
        ("mine", "tested.py", "test_tested.py is there already, and is not overwritten."),
        ("mine", "there.py/x.py", "there.py cannot be made (File exists). Give another --out."),
    ],
)
def test_what_cannot_be_written_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str, out: str, told: str
) -> None:
    there = {"there.py": "mine", "test_tested.py": "mine too"}
    for file, text in there.items():
        (tmp_path / file).write_text(text)
    assert run(monkeypatch, "new-rule", name, "--out", str(tmp_path / out)) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("error: ")
    assert told in printed.err
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == there


def test_name_alone_gives_the_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "new-rule", "gated") == 0
    assert {path.name for path in tmp_path.iterdir()} == {"gated.py", "test_gated.py"}
    assert 'name="gated",\n    title="Gated",' in (tmp_path / "gated.py").read_text()
    assert "    pytest test_gated.py\n" in capsys.readouterr().out
