"""What a page says of runs, from tables alone: endings, verdict, what was trained."""

import json

import pandas as pd
import pytest

from tests.study.stored import a_curve, a_row
from workbench.report.endings import endings
from workbench.report.tabulated import endpoint, number
from workbench.report.training import lead, listed, trained_table
from workbench.report.verdict import signs, verdict
from workbench.study.results.columns import CURVE_COLUMNS, TABLE_COLUMNS


def framed(rows: list[dict[str, object]], columns: dict[str, str]) -> pd.DataFrame:
    """Return rows as a table with columns of some types."""
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in columns.items()})


def runs(*changes: dict[str, object]) -> pd.DataFrame:
    """Return a table of runs, one for each set of changes, from seeds that count."""
    rows = [
        a_row(f"run {place}", task="digits", task_title="Digits", rule="eprop", title="e-prop", feedback="symmetric",
              network="4-3-2", seed=place, accuracy=0.5, spikes_per_trial=20.0, parameters="{}")
        | {"condition": "{}"} | change
        for place, change in enumerate(changes)
    ]  # fmt: skip
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=kind) for name, kind in TABLE_COLUMNS.items()}
    )


def curves(*rows: dict[str, object]) -> pd.DataFrame:
    """Return a table of curves of the first run."""
    full = [{"run_id": runs({})["run_id"][0]} | a_curve(0.0) | row for row in rows]
    return pd.DataFrame(
        {name: pd.Series([row[name] for row in full], dtype=kind) for name, kind in CURVE_COLUMNS.items()}
    )


def test_endings_are_grouped_by_how_and_why() -> None:
    table = runs(
        {}, {"status": "skipped", "reason": "It cannot."}, {"status": "failed", "reason": "It broke."},
        {"status": "failed", "reason": "It broke."}, {"status": "failed", "reason": ""},
        {"status": "diverged", "reason": "It rose."},
    )  # fmt: skip
    found = endings(table, missing=2)
    assert [(group.status, group.reason) for group in found] == [
        ("missing", "2 runs of the study not stored yet: run the study to make them."),
        ("failed", "It broke."),
        ("failed", "No reason was given."),
        ("diverged", "It rose."),
        ("skipped", "It cannot."),
    ]
    assert found[1].runs == ["Digits: e-prop, symmetric, seeds 2, 3"]
    assert endings(runs({}), missing=0) == []


@pytest.mark.parametrize(
    ("table", "cosine", "missing", "state"),
    [
        (runs({}), 1.0, 0, "good"),
        (runs({}, {"status": "failed", "reason": "It broke."}), 1.0, 0, "look"),
        (runs({}), 1.0, 3, "look"),
        (runs({"spikes_per_trial": 0.0}), 1.0, 0, "look"),
        (runs({}), 0.9, 0, "bad"),
        (runs({}, {"status": "failed", "reason": "It broke."}), 0.9, 0, "bad"),
    ],
)
def test_verdict_is_that_of_the_worst(table: pd.DataFrame, cosine: float, missing: int, state: str) -> None:
    points = curves({"layer": "hidden1", "measure": "exact_rule", "reference": "bptt_differentiated", "value": cosine})
    found = signs(table, points, missing)
    assert verdict(found).state == state
    assert {sign.title: sign.state for sign in found}["Cosine of BPTT with itself"] == (
        "good" if cosine == 1 else "bad"
    )
    # A shape and a word for each state, so that nobody needs a colour.
    assert len({(sign.mark, sign.state) for sign in found}) == len({sign.state for sign in found})
    assert all(sign.called for sign in found)


def test_what_was_trained_is_told_by_task() -> None:
    parameters = json.dumps({"network": {"neuron": "lif_refractory"}, "train": {"learning_rate": 1e6, "batch": 8}})
    table = runs({"parameters": parameters}, {"condition": '{"depth": 1}'}, {"condition": '{"depth": 2}'})
    found = trained_table(table)
    cells = dict(zip([head.text for head in found.headings], found.rows[0], strict=True))
    assert cells["neurons"].text == "lif refractory"
    assert cells["learning rate"].text == "1e+06"
    assert cells["epochs"].text == "3"
    assert cells["trials"].text == "\u2013"
    assert lead(table, 5) == "5 runs: 1 task, 1 rule with feedback and 3 seeds (0, 1, 2). Varied: depth (1, 2)."
    assert listed(range(9)) == "0, 1, \u2026, 8: 9 in all"


def test_no_plan_is_said_to_be_none() -> None:
    assert endpoint([]).startswith("No comparison was planned: the study file has no [[contrast]].")
    planned = [{"of": "a", "minus": "b", "measure": "spikes_per_trial"}]
    assert endpoint(planned).startswith("Primary endpoint: spikes per trial on the test split")


def test_undefined_numbers_are_dashes_that_come_last() -> None:
    assert (number(float("nan"), ".2f").text, number(float("nan"), ".2f").order) == ("\u2013", "")
    assert (number(-0.5, ".2f").text, number(-0.5, ".2f").order) == ("\u22120.50", "-0.5")
