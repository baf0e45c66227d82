"""A study from the file to the figures; nothing but its content decides about its numbers."""

import json
from pathlib import Path

import pytest

from tests.end_to_end.command import PLUGIN, RULES, STUDY, WATCHED, assert_same_tables, workbench, write_study
from tests.end_to_end.conftest import Whole
from workbench.study.store import CURVE_COLUMNS, RUN_COLUMNS, load_results


def test_study_leaves_tables_and_prints_a_summary(whole: Whole) -> None:
    assert (whole.ended.code, whole.ended.err) == (0, "")
    results = load_results(whole.out)
    assert list(results.runs.columns) == list(RUN_COLUMNS)
    assert list(results.curves.columns) == list(CURVE_COLUMNS)
    assert results.runs["rule"].tolist() == list(RULES)
    assert set(results.runs["status"]) == {"done"}
    assert set(results.runs["network"]) == {"5-8-3"}
    assert set(results.runs["trials"]) == {4 * 96}
    assert results.runs["spikes_per_trial"].gt(1).all()
    assert {"brian2", "jax"} <= json.loads(results.runs["versions"][0]).keys()
    # Equal tables prove something only where rules differ.
    assert results.runs["loss"].nunique() == len(RULES)
    cosines = results.curves[(results.curves["measure"] == "cosine") & (results.curves["layer"] == "hidden1")]
    assert sorted(cosines["epoch"].unique()) == [0, 1, 2, 4]
    *_, table = whole.ended.out.split("tiny.toml: 4 of 4 runs to go", 1)
    for text in ("BPTT", "DCLL", "e-prop", "Frozen", "local readout", "symmetric", "accuracy (%)", "1 done"):
        assert text in table


def test_each_run_has_a_line_of_its_own(whole: Whole) -> None:
    lines = whole.ended.out.splitlines()[1:5]
    assert [line.split()[0] for line in lines] == ["[1/4]", "[2/4]", "[3/4]", "[4/4]"]
    labels = {f"yin_yang {rule}" for rule in ("frozen", "bptt", "eprop symmetric", "dcll local_readout")}
    assert {line.split("] ")[1].split(" seed 0: done, accuracy ")[0] for line in lines} == labels
    assert all(line.endswith(" s") for line in lines)


def test_output_fits_into_120_columns(whole: Whole) -> None:
    assert max(map(len, whole.ended.out.splitlines()[1:])) <= 120


def test_finished_study_says_so_in_seconds_without_a_simulator(whole: Whole) -> None:
    before = {path: path.stat().st_mtime_ns for path in (whole.out / "runs").iterdir()}
    again = workbench("run", whole.study, "--out", whole.out, command=WATCHED)
    assert (again.code, again.err) == (0, "")
    lines = again.out.splitlines()
    assert lines[0] == f"{whole.study}: all 4 runs are done."
    assert lines[-1] == "imported:"
    assert again.seconds < 10
    assert {path: path.stat().st_mtime_ns for path in (whole.out / "runs").iterdir()} == before
    # The table is the same.
    assert lines[1:-1] == whole.ended.out.splitlines()[5:]


def test_figures_are_drawn(whole: Whole) -> None:
    drawn = workbench("figures", whole.out)
    assert (drawn.code, drawn.err) == (0, "")
    paths = [Path(line) for line in drawn.out.splitlines()]
    names = {path.name for path in paths}
    for stem in ("accuracy", "accuracy_minus_frozen", "learning", "cosine_yin_yang"):
        assert {f"{stem}.pdf", f"{stem}.png", f"{stem}.csv"} <= names
    assert {"summary.csv", "summary.tex", "summary.txt"} <= names
    for path in paths:
        start = {".pdf": b"%PDF-", ".png": b"\x89PNG"}.get(path.suffix, b"")
        assert path.read_bytes().startswith(start)
        assert path.stat().st_size > 100
    assert whole.ended.out.strip().splitlines()[-1] in (whole.out / "figures" / "summary.txt").read_text()


#: What is done otherwise -> text of the study, its rules, the number of jobs.
OTHERWISE = {
    "chunks or the rules beside": (STUDY.replace("batch = 8", "batch = 8\nchunk = 7"), ("dcll", "eprop"), 2),
    "the number of jobs": (STUDY, ("bptt", "frozen"), 1),
}


@pytest.mark.parametrize("how", OTHERWISE)
def test_numbers_do_not_depend_on(how: str, whole: Whole, tmp_path: Path) -> None:
    text, rules, jobs = OTHERWISE[how]
    study = write_study(tmp_path, rules, text)
    ended = workbench("run", study, "--out", tmp_path / "out", "--jobs", str(jobs))
    assert (ended.code, ended.err) == (0, "")
    assert f"tiny.toml: {len(rules)} of {len(rules)} runs to go, {jobs} at a time." in ended.out
    assert_same_tables(tmp_path / "out", whole.out, len(rules))


def test_comparison_of_tables_sees_the_last_bit(whole: Whole, tmp_path: Path) -> None:
    results = load_results(whole.out)
    for name, table in (("runs", results.runs), ("curves", results.curves)):
        for other in ("runs", "curves"):
            getattr(results, other).to_parquet(tmp_path / f"{other}.parquet")
        assert_same_tables(tmp_path, whole.out, len(RULES))
        column = "loss" if name == "runs" else "value"
        nudged = table.copy()
        row = nudged.index[nudged[column].notna()][-1]
        nudged.loc[row, column] = nudged[column][row] * (1 + 2**-52)
        nudged.to_parquet(tmp_path / f"{name}.parquet")
        with pytest.raises(AssertionError):
            assert_same_tables(tmp_path, whole.out, len(RULES))


def test_rule_of_a_plugin_file_is_trained_as_an_installed_one(whole: Whole, tmp_path: Path) -> None:
    plugin = tmp_path / "copy.py"
    plugin.write_text(PLUGIN)
    study = write_study(tmp_path, ("copy",))
    ended = workbench("run", study, "--out", tmp_path / "out", "--plugin", plugin)
    assert (ended.code, ended.err) == (0, "")
    copied, installed = load_results(tmp_path / "out"), load_results(whole.out)
    (copy,) = copied.runs.to_dict("records")
    (eprop,) = installed.runs[installed.runs["rule"] == "eprop"].to_dict("records")
    assert (copy["title"], copy["distribution"], eprop["title"]) == ("Copy", "", "e-prop")
    assert copy["run_id"] != eprop["run_id"]
    for column in ("accuracy", "loss", "validation_accuracy", "spikes_per_trial"):
        assert copy[column] == eprop[column]
    values = installed.curves.loc[installed.curves["run_id"] == eprop["run_id"], "value"]
    assert copied.curves["value"].to_numpy().tobytes() == values.to_numpy().tobytes()
    without = workbench("run", study, "--out", tmp_path / "out")
    assert without.code == 1
    assert "[[rule]] 1: No installed plugin offers a rule 'copy'." in without.err
