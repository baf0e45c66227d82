"""Real results, with a plugin that is not installed, are reproduced from their folder alone."""

import json
from pathlib import Path

from tests.end_to_end.command import PLUGIN, STUDY, workbench, write_study
from workbench.study.results.hashed_content import read_sealed, write_sealed


def test_study_is_reproduced_to_the_bit_without_its_files(tmp_path: Path) -> None:
    plugin = tmp_path / "place" / "copy.py"
    plugin.parent.mkdir()
    plugin.write_text(PLUGIN)
    study = write_study(
        tmp_path / "place", ("bptt", "copy"), f'plugins = ["copy.py"]\n{STUDY}'.replace("[0]", "[0, 1]")
    )
    out = tmp_path / "out"
    assert workbench("run", study, "--out", out).code == 0
    study.unlink()
    plugin.unlink()
    ended = workbench("reproduce", out, "--only-seeds", "1", "--json")
    assert ended.code == 0, ended.err
    found = json.loads(ended.out)
    assert (found["agrees"], found["compared"], found["same_code"]) == (True, 2, True)
    numbers = {row["number"]: row for row in found["numbers"]}
    assert numbers["accuracy"]["same_bits"] == numbers["accuracy"]["n"] == 2
    assert numbers["curves: cosine"]["n"] > 20
    assert all(row["n"] == row["same_bits"] for row in numbers.values())


def test_number_that_was_forged_is_found(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert workbench("run", write_study(tmp_path, ("frozen",)), "--out", out).code == 0
    (file,) = (out / "runs").iterdir()
    record = read_sealed(file) or {}
    record["row"]["accuracy"] += 1 / 48
    write_sealed(file, record)
    ended = workbench("reproduce", out)
    assert (ended.code, ended.err) == (1, "")
    (row,) = [line.split() for line in ended.out.splitlines() if line.startswith(" accuracy ")]
    assert row == ["accuracy", "1", "0", "0.021", *row[4:]]
    assert row[-1] == "no"
    assert f"Does not agree: yin_yang frozen seed 0 ({file.stem})." in ended.out
    assert f"{out} is NOT reproduced." in ended.out
    again = workbench("reproduce", out, "--tolerance", "0.03")
    assert (again.code, again.err) == (0, "")
    assert f"{out} is reproduced." in again.out
    assert "Machine and versions are the same." in again.out


def test_results_without_a_source_are_one_line(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert workbench("run", write_study(tmp_path, ("frozen",)), "--out", out).code == 0
    (out / "study.json").unlink()
    ended = workbench("reproduce", out)
    assert (ended.code, ended.out) == (1, "")
    assert "does not say all that its study was run from" in ended.err
    assert ended.err.count("\n") == 1
