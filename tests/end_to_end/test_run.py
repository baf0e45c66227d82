"""A study from the file to the figures; nothing but its content decides about its numbers."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.end_to_end.command import (
    PLUGIN,
    RULES,
    STUDY,
    WATCHED,
    assert_same_results,
    assert_same_tables,
    workbench,
    write_study,
)  # fmt: skip
from tests.end_to_end.conftest import Whole
from tests.patience import HANGS
from workbench.study.results.columns import CURVE_COLUMNS, TABLE_COLUMNS
from workbench.study.results.tables import Results, load_results


def test_study_leaves_tables_and_prints_a_summary(whole: Whole) -> None:
    assert (whole.ended.code, whole.ended.err) == (0, "")
    results = load_results(whole.out)
    assert list(results.runs.columns) == list(TABLE_COLUMNS)
    assert list(results.curves.columns) == list(CURVE_COLUMNS)
    assert results.runs["rule"].tolist() == list(RULES)
    assert set(results.runs["status"]) == {"done"}
    assert set(results.runs["network"]) == {"5-8-3"}
    assert set(results.runs["trials"]) == {4 * 96}
    assert results.runs["spikes_per_trial"].gt(1).all()
    assert {"brian2", "jax"} <= json.loads(results.runs["versions"][0]).keys()
    # Equal tables prove something only where rules differ.
    assert results.runs["loss"].nunique() == len(RULES)
    differing = results.curves[results.curves["measure"] == "differing_decisions"]
    assert len(differing) == len(RULES) * 2 * 4  # Two gradients at four epochs.
    assert not differing["value"].any()
    cosines = results.curves[(results.curves["measure"] == "cosine") & (results.curves["layer"] == "hidden1")]
    assert sorted(cosines["epoch"].unique()) == [0, 1, 2, 4]
    *_, table = whole.ended.out.split("tiny.toml: 4 of 4 runs to go", 1)
    for text in ("BPTT", "DCLL", "e-prop", "Frozen", "local readout", "symmetric", "accuracy (%)", "1 done"):
        assert text in table


def test_each_run_has_a_line_of_its_own(whole: Whole) -> None:
    lines = whole.ended.out.partition("\nAccuracy on the test split")[0].splitlines()[1:]
    best = [line for line in lines if line.startswith("Best so far: ")]
    lines = [line for line in lines if line not in best]
    assert [line.split()[0] for line in lines] == ["[1/4]", "[2/4]", "[3/4]", "[4/4]"]
    # One line, when it is another one than before.
    assert 1 <= len(best) == len(set(best)) <= 4
    assert all(re.search(r"validation accuracy \d+\.\d % \(one seed\)\.$", line) for line in best)
    labels = {f"yin_yang {rule}" for rule in ("frozen", "bptt", "eprop:symmetric", "dcll:local_readout")}
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
    before_it, start, table = whole.ended.out.partition("Accuracy on the test split")
    assert before_it.count("\n[") == 4
    assert lines[1:-1] == (start + table).splitlines()


def test_figures_are_drawn(whole: Whole) -> None:
    drawn = workbench("figures", whole.out)
    assert (drawn.code, drawn.err) == (0, "")
    paths = [Path(line) for line in drawn.out.splitlines()]
    names = {path.name for path in paths}
    for stem in ("accuracy", "accuracy_minus_frozen", "learning", "cosine_yin_yang"):
        assert {f"{stem}.pdf", f"{stem}.png", f"{stem}.csv"} <= names
    assert {"summary.csv", "summary.md", "summary.tex", "summary.txt"} <= names
    for path in paths:
        start = {".pdf": b"%PDF-", ".png": b"\x89PNG"}.get(path.suffix, b"")
        assert path.read_bytes().startswith(start)
        assert path.stat().st_size > 100
    assert whole.ended.out.strip().splitlines()[-1] in (whole.out / "figures" / "summary.txt").read_text()


def test_numbers_do_not_depend_on_the_number_of_jobs(whole: Whole, tmp_path: Path) -> None:
    study = write_study(tmp_path, ("bptt", "frozen"))
    ended = workbench("run", study, "--out", tmp_path / "out", "--jobs", "1")
    assert (ended.code, ended.err) == (0, "")
    assert "tiny.toml: 2 of 2 runs to go, 1 at a time." in ended.out
    assert_same_tables(tmp_path / "out", whole.out, 2)


#: What the command line says when a study is interrupted.
INTERRUPTED = "Interrupted. The results so far are kept; the same command goes on from there.\n"


def interrupted(study: Path, out: Path, moment: Callable[[int], bool]) -> tuple[int, str]:
    """Interrupt a study as a terminal does, every process of it, at a moment told by its id; return how it ended."""
    # A shell in the background would let them all be deaf.
    program = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n" + WATCHED[-1]
    process = subprocess.Popen(
        [sys.executable, "-c", program, "run", str(study), "--out", str(out)], text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    while process.poll() is None and not moment(process.pid):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=HANGS)
    return process.returncode, told


def test_interrupted_study_says_so_and_goes_on(whole: Whole, tmp_path: Path) -> None:
    study, out = write_study(tmp_path, ("bptt", "frozen")), tmp_path / "out"
    assert interrupted(study, out, lambda _: any(out.glob("progress/[!.]*.json"))) == (130, INTERRUPTED)
    again = workbench("run", study, "--out", out)
    assert (again.code, again.err) == (0, "")
    assert "of 2 runs to go" in again.out, "it was too late to interrupt anything"
    assert_same_tables(out, whole.out, 2)


def test_study_is_interrupted_in_order_while_its_processes_start(tmp_path: Path) -> None:
    def starting(pid: int) -> bool:
        """Return whether a process that is to train has begun to import, as a handler of Ctrl-C shows."""
        for path in Path("/proc").glob("[0-9]*/status"):
            with suppress(OSError):
                status = dict(line.split(":\t", 1) for line in path.read_text().splitlines())
                handled = int(status["SigCgt"], 16) >> (signal.SIGINT - 1) & 1
                started = b"popen_loky_posix" in path.with_name("cmdline").read_bytes()
                if int(status["PPid"]) == pid and handled and started:
                    return True
        return False

    study = write_study(tmp_path, ("bptt", "frozen"))
    assert interrupted(study, tmp_path / "out", starting) == (130, INTERRUPTED)


def test_study_needs_no_compiler_where_it_says_so(tmp_path: Path) -> None:
    small = STUDY.replace("epochs = 4", "epochs = 1").replace(
        "train = 96, validation = 48", "train = 20, validation = 8"
    )
    study = write_study(tmp_path, ("eprop",), small)
    compiled = workbench("run", study, "--out", tmp_path / "compiled")
    assert (compiled.code, compiled.err) == (0, "")
    study.write_text('target = "numpy"\n' + study.read_text())
    without = {"CXX": "no-such-compiler", "WORKBENCH_CACHE": str(tmp_path / "cache")}
    interpreted = workbench("run", study, "--out", tmp_path / "interpreted", env=without)
    assert (interpreted.code, interpreted.err) == (0, "")
    assert not (tmp_path / "cache").exists()
    one, other = load_results(tmp_path / "compiled"), load_results(tmp_path / "interpreted")
    assert one.runs["run_id"][0] != other.runs["run_id"][0]
    names = ["layer", "epoch", "measure", "reference"]
    assert one.curves[names].equals(other.curves[names])
    np.testing.assert_allclose(other.curves["value"], one.curves["value"], rtol=1e-9, atol=1e-12)


@pytest.fixture(scope="module")
def otherwise(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """Return the study in chunks of another size, with two rules, of which one is from a plugin file.

    It is compiled as users compile it, optimised in full, which the whole is not: see `tests/compiler`.
    """
    folder = tmp_path_factory.mktemp("otherwise")
    (folder / "copy.py").write_text(PLUGIN)
    study = write_study(folder, ("dcll", "copy"), STUDY.replace("batch = 8", "batch = 8\nchunk = 7"))
    ended = workbench("run", study, "--out", folder / "out", "--plugin", folder / "copy.py", env={"CXX": ""})
    assert (ended.code, ended.err) == (0, "")
    return Whole(study, folder / "out", ended)


def test_numbers_do_not_depend_on_chunks_or_the_rules_beside(whole: Whole, otherwise: Whole) -> None:
    results = load_results(otherwise.out)
    ids = results.runs.loc[results.runs["rule"] == "dcll", "run_id"]
    runs, curves = (table[table["run_id"].isin(ids)] for table in (results.runs, results.curves))
    assert_same_results(Results(runs, curves), load_results(whole.out), 1)


def test_rule_of_a_plugin_file_is_trained_as_an_installed_one(whole: Whole, otherwise: Whole) -> None:
    one, other = load_results(otherwise.out), load_results(whole.out)
    (copy,) = one.runs[one.runs["rule"] == "copy"].to_dict("records")
    (eprop,) = other.runs[other.runs["rule"] == "eprop"].to_dict("records")
    assert (copy["title"], copy["distribution"], eprop["title"]) == ("Copy", "", "e-prop")
    assert copy["run_id"] != eprop["run_id"]
    for column in ("accuracy", "loss", "validation_accuracy", "spikes_per_trial"):
        assert copy[column] == eprop[column]
    values = [
        results.curves.loc[results.curves["run_id"] == run["run_id"], "value"].to_numpy().tobytes()
        for results, run in ((one, copy), (other, eprop))
    ]
    assert len(values[0]) > 100
    assert values[0] == values[1]
    without = workbench("run", otherwise.study, "--out", otherwise.out)
    assert without.code == 1
    assert "[[rule]] 2: No installed plugin offers a rule 'copy'." in without.err


def test_comparison_of_tables_sees_the_last_bit(whole: Whole) -> None:
    results = load_results(whole.out)
    assert_same_results(results, results, len(RULES))
    runs, curves = nudged(results.runs, "loss"), nudged(results.curves, "value")
    for other in (replace(results, runs=runs), replace(results, curves=curves)):
        with pytest.raises(AssertionError):
            assert_same_results(other, results, len(RULES))


def nudged(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return a table with another last bit in the last number of a column."""
    other = table.copy()
    row = other.index[other[column].notna()][-1]
    other.loc[row, column] = other[column][row] * (1 + 2**-52)
    return other
