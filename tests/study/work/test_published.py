"""Published figures, from the study file to what is printed; the training is a fake one."""

import io
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from workbench.command.printing import print_summary
from workbench.common.errors import StudyError
from workbench.declare.published_figure import PublishedFigure
from workbench.figures.all_figures import make_figures
from workbench.study.results.tables import Results, load_results
from workbench.tables.published import published_paper, published_table
from workbench.tables.statistics import t_interval

Run = Callable[[str], Results]

SOURCE = 'doi = "10.1000/xyz"\nplace = "table 1"\n'
HELD = f'[[published]]\nof = "eprop"\nvalue = 3.0\nspread = 0.5\nsetting = "Ten times the neurons."\n{SOURCE}'


def test_published_figure_is_stored_printed_and_written(run_with: Run, tmp_path: Path) -> None:
    results = run_with(HELD)
    (figure,) = results.published
    assert (figure.of, figure.value, figure.spread, figure.better) == ("eprop:symmetric", 3.0, 0.5, "higher")
    assert load_results(tmp_path / "out").published == results.published
    terminal = Console(file=io.StringIO(), width=160, record=True)
    print_summary(results, terminal)
    told = " ".join(terminal.export_text().split())
    assert "3 \u00b1 0.5" in told
    assert "table 1 (doi:10.1000/xyz). Ten times the neurons." in told
    make_figures(results, tmp_path / "figures")
    (row,) = pd.read_csv(tmp_path / "figures" / "published.csv").to_dict("records")
    own = 100 * results.runs.loc[results.runs["rule"] == "eprop", "accuracy"]
    assert row["n"] == 3
    assert row["here"] == pytest.approx(own.mean())
    assert (row["low"], row["high"]) == pytest.approx(t_interval(own))
    assert row["difference"] == pytest.approx(own.mean() - 3.0)
    assert "Ten times the neurons." in (tmp_path / "figures" / "published.md").read_text()


def of_runs(
    value: float, better: str = "higher", measure: str = "accuracy", layer: str = "", lost: int = 0
) -> dict[str, object]:
    """Return the only row of what two seeds, 0.5 and 0.6, are to a published figure; others may have diverged."""
    rows = [
        {"run_id": str(seed), "task": "digits", "rule": "eprop", "feedback": "symmetric", "network": "", "seed": seed,
         "status": "done", "reason": "", "accuracy": 0.5 + seed / 10, "loss": 0.5 + seed / 10}
        for seed in (0, 1)
    ]  # fmt: skip
    diverged = rows[0] | {"status": "diverged", "accuracy": 0.1}
    rows += [diverged | {"run_id": f"lost{seed}", "seed": seed} for seed in range(2, 2 + lost)]
    curves = [
        {"run_id": str(seed), "epoch": epoch, "layer": layer, "measure": "local_accuracy", "reference": "validation",
         "value": 3.0 - epoch + seed, "reason": ""}
        for seed in (0, 1) for epoch in (0, 1, 2) for layer in ("hidden1", "hidden2")
    ]  # fmt: skip
    figure = PublishedFigure(
        of="eprop:symmetric", doi="10.1000/xyz", place="here", value=value, better=better, measure=measure, layer=layer
    )
    (row,) = published_table(pd.DataFrame(rows), pd.DataFrame(curves), [figure]).to_dict("records")
    return {str(key): value for key, value in row.items()}


@pytest.mark.parametrize(
    ("value", "better", "measure", "verdict"),
    [
        (54.0, "higher", "accuracy", "reached"),
        (56.0, "higher", "accuracy", "within the interval"),
        (200.0, "higher", "accuracy", "missed"),
        (0.56, "lower", "loss", "reached"),
        (0.54, "lower", "loss", "within the interval"),
        (-2.0, "lower", "loss", "missed"),
        (0.54, "neither", "loss", "within the interval"),
        (9.0, "neither", "loss", "missed"),
    ],
)
def test_verdict_goes_by_what_is_better(value: float, better: str, measure: str, verdict: str) -> None:
    assert of_runs(value, better, measure)["verdict"] == verdict


def test_what_is_reached_by_those_that_are_left_is_not_reached() -> None:
    found = of_runs(54.0, lost=3)
    assert (found["n"], found["lost"], found["verdict"]) == (2, 3, "not by all runs")
    assert found["reason"] == "Of 5 runs 3 are lost, and the mean is that of the others."
    assert published_paper(pd.DataFrame([found])).rows[0][-2:] == ("2 of 5", "not by all runs")
    assert of_runs(56.0, lost=1)["verdict"] == "not by all runs"
    assert of_runs(200.0, lost=1)["verdict"] == "missed"


def test_miss_is_told_with_its_size() -> None:
    rows = pd.DataFrame([of_runs(200.0)])
    assert published_paper(rows).rows[0][-1] == "missed by 145"


def test_measure_of_several_layers_is_undefined_until_one_is_named() -> None:
    unclear = of_runs(1.0, "higher", "local_accuracy")
    assert (unclear["verdict"], unclear["reason"]) == (
        "undefined",
        "It is measured of several layers. Name one, as 'layer'.",
    )
    assert math.isnan(float(str(unclear["here"])))
    # The last of three epochs: 1 and 2, in percent.
    assert of_runs(1.0, "higher", "local_accuracy", layer="hidden2")["here"] == pytest.approx(150.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HELD.replace("eprop", "eprp"), r"\[\[published\]\] 1: the study has no rule 'eprp'. .*'eprop"),
        (HELD + 'task = "tay"\n', r"\[\[published\]\] 1: the study has no task 'tay'. .*'toy'"),
        (HELD + 'measure = "acuracy"\n', r"\[\[published\]\] 1: there is no measure 'acuracy'. .*'accuracy'"),
        (HELD + 'at = ["depth=2"]\n', r"\[\[published\]\] 1: 'at': 'depth=2' must be an axis of the study"),
        (HELD.replace(SOURCE, 'doi = "10.1000/xyz"\n'), "'place' is missing"),
        (HELD.replace("0.5", "-1"), "'spread' must be a number from 0"),
    ],
)
def test_mistake_is_told_before_anything_is_run(run_with: Run, tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(StudyError, match=message):
        run_with(text)
    assert not (tmp_path / "out").exists()


def test_figure_of_a_condition_is_held_to_that_condition_alone(run_with: Run) -> None:
    swept = "[[sweep]]\ntrain.batch = [1, 2]\n"
    results = run_with(swept + HELD + 'at = ["batch=2"]\n' + HELD)
    table = published_table(results.runs, results.curves, results.published)
    assert list(table["task"]) == ["toy (batch 2)", "toy (batch 1)", "toy (batch 2)"]
    assert np.isfinite(table["here"]).all()
