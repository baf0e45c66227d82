"""Planned comparisons and repetitions, from the study file to what is printed; the training is a fake one."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from workbench.command.printing import print_summary
from workbench.common.errors import StudyError
from workbench.figures.all_figures import make_figures
from workbench.study.results.tables import Results, load_results
from workbench.tables.conditions import axes
from workbench.tables.data import prepared
from workbench.tables.measured import measured_table
from workbench.tables.sweep import sweep_data

Run = Callable[[str], Results]

CONTRAST = '[[contrast]]\nof = "eprop"\nminus = "still"\n'
REPEATED = "[[sweep]]\ntrain.batch = [1, 2]\nreplicate = true\n"


def test_planned_comparison_is_printed_stored_and_written(run_with: Run, tmp_path: Path) -> None:
    results = run_with(CONTRAST)
    assert results.contrasts == [{"of": "eprop:symmetric", "minus": "still", "measure": "accuracy"}]
    assert load_results(tmp_path / "out").contrasts == results.contrasts
    terminal = Console(file=io.StringIO(), width=160, record=True)
    print_summary(results, terminal)
    assert "Planned comparisons" in terminal.export_text()
    make_figures(results, tmp_path / "figures")
    (row,) = pd.read_csv(tmp_path / "figures" / "contrasts.csv").to_dict("records")
    assert (row["n"], row["difference"]) == (3, 0.0)
    # The fake training is the same for both rules.
    assert "All seeds have the same difference" in row["reason"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[contrast]]\nof = "eprp"\nminus = "still"\n', r"\[\[contrast\]\] 1: the study has no rule 'eprp'. .*'eprop"),
        ('[[contrast]]\nof = "still"\nminus = "still"\n', "'of' and 'minus' are both 'still'"),
        ('[[contrast]]\nof = "eprop"\n', "'minus' is missing"),
        (CONTRAST + 'measure = "speed"\n', "'measure' must be 'accuracy', 'loss', 'reward' or 'spikes_per_trial'"),
        (
            '[[rule]]\nname = "eprop"\nfeedback = "random_direct"\n' + CONTRAST,
            "'eprop' may be 'eprop:symmetric' or 'eprop:random_direct'",
        ),
    ],
)
def test_mistake_is_told_before_anything_is_run(run_with: Run, tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(StudyError, match=message):
        run_with(text)
    assert not (tmp_path / "out").exists()


def test_repetitions_count_as_seeds_and_are_no_condition(run_with: Run) -> None:
    results = run_with(REPEATED + CONTRAST)
    assert len(results.runs) == 2 * 2 * 3
    assert {json.loads(text)["train.batch*"] for text in results.runs["condition"]} == {1, 2}
    assert axes(results.runs) == {}
    table = prepared(results.runs)
    assert set(table["task"]) == {"toy"}
    assert set(table["configuration"]) == {"eprop:symmetric", "still"}
    assert sorted(table.loc[table["rule"] == "still", "seed"]) == [0, 1, 2, 3, 4, 5]


def test_measured_table_has_each_mean_once_and_counts_what_is_undefined(run_with: Run) -> None:
    results = run_with("")
    table = measured_table(results.runs, results.curves)
    assert not table.duplicated(["task", "configuration", "estimate", "layer", "measure", "reference", "epoch"]).any()
    first, second = (table[(table["epoch"] == epoch) & (table["configuration"] == "still")].iloc[0] for epoch in (0, 1))
    assert (first["n"], first["undefined"], first["reason"]) == (0, 3, "not trained yet")
    still = results.runs.loc[results.runs["rule"] == "still", "run_id"]
    values = results.curves[results.curves["run_id"].isin(still) & (results.curves["epoch"] == 1)]["value"]
    assert (second["n"], second["undefined"]) == (3, 0)
    assert second["mean"] == pytest.approx(values.mean())


def test_spikes_along_an_axis_are_shown_where_there_are_any(run_with: Run) -> None:
    results = run_with("[[sweep]]\ntrain.batch = [1, 2]\n")
    silent = results.runs.assign(spikes_per_trial=0.0)
    assert set(sweep_data(silent, results.curves, "batch")["measure"]) == {"test accuracy (%)"}
    shown = sweep_data(results.runs.assign(spikes_per_trial=3.0), results.curves, "batch")
    assert set(shown["measure"]) == {"test accuracy (%)", "hidden spikes\nper trial"}
