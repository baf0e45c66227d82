"""Tables in Markdown have the numbers of the other tables, each where its heads say."""

import json

import numpy as np
import pandas as pd
import pytest

from workbench.tables.contrasts import contrasts_table
from workbench.tables.markdown import contrasts_markdown, summary_markdown, sweep_markdown
from workbench.tables.printed import UNDEFINED
from workbench.tables.statistics import t_interval
from workbench.tables.summary import summary_table

#: By depth and rule, seed by seed.
ACCURACIES = {
    (1, "eprop"): [0.90, 0.91, 0.92, 0.93],
    (1, "frozen"): [0.80, 0.81, 0.80, 0.81],
    (2, "eprop"): [0.70, 0.75, 0.80, 0.85],
    (2, "frozen"): [0.71, 0.72, 0.83, 0.80],
}


def a_study(swept: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return runs and curves of two rules, at two depths where something is swept, of one seed undefined."""
    runs: list[dict[str, object]] = []
    curves = []
    for (depth, rule), values in ACCURACIES.items():
        for seed, accuracy in enumerate(values if swept or depth == 1 else ()):
            told = ("symmetric", 0.5) if rule == "eprop" else ("none", np.nan)
            run: dict[str, object] = {"run_id": f"{rule}{depth}{seed}", "seed": seed, "accuracy": accuracy}
            run |= {"rule": rule, "title": rule.upper(), "feedback": told[0], "loss": 1 - accuracy}
            runs.append(run | {"condition": json.dumps({"depth": depth} if swept else {})})
            curves.append((run["run_id"], 3, "hidden1", "cosine", "bptt_differentiated", told[1], ""))
    texts = {"task": "digits", "task_title": "Di|gits", "network": "", "reason": "", "parameters": "{}"}
    numbers = {"chance": 0.1, "spikes_per_trial": 42.0, "seconds": 7.5}
    table = pd.DataFrame([run | texts | numbers | {"status": "done"} for run in runs])
    names = ["run_id", "epoch", "layer", "measure", "reference", "value", "reason"]
    return table, pd.DataFrame(curves, columns=names)


def read(text: str) -> list[list[str]]:
    """Return the cells of all rows of the tables in a text, but for the lines below their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|") and "---" not in line]
    return [[cell.strip() for cell in line.replace("\\|", "/").strip("|").split("|")] for line in lines]


def titles(text: str) -> list[str]:
    return [line.strip("*") for line in text.splitlines() if line.startswith("**")]


def interval(values: list[float], sign: str = "") -> str:
    low, high = t_interval(values)
    return f"{np.mean(values):{sign}.1f} ± {(high - low) / 2:.1f}"


def apart(depth: int) -> list[float]:
    pairs = zip(ACCURACIES[depth, "eprop"], ACCURACIES[depth, "frozen"], strict=True)
    return [100 * (of - minus) for of, minus in pairs]


def test_summary_has_a_table_for_each_task_without_what_machines_take() -> None:
    text = summary_markdown(summary_table(*a_study(swept=False)))
    heads, eprop, frozen = read(text)
    own = dict(zip(heads, eprop, strict=True))
    assert text.startswith("**Di\\|gits**")
    assert own["accuracy (%)"] == interval([100 * value for value in ACCURACIES[1, "eprop"]])
    assert own["minus frozen"] == interval(apart(1), "+")
    told = [own[head] for head in ("rule", "feedback", "cosine, hidden 1", "runs")]
    assert told == ["EPROP", "symmetric", "0.50", "4 done"]
    assert own["spikes per trial"] == "42"
    assert "seconds" not in heads
    assert dict(zip(heads, frozen, strict=True))["minus frozen"] == UNDEFINED


def test_summary_of_two_tasks_has_two_tables() -> None:
    runs, curves = a_study(swept=True)
    text = summary_markdown(summary_table(runs, curves))
    assert titles(text) == ["Di\\|gits, depth 1", "Di\\|gits, depth 2"]
    assert len(read(text)) == 6


def test_each_value_of_an_axis_has_a_column() -> None:
    text = sweep_markdown(*a_study(swept=True), "depth")
    assert titles(text) == ["Test accuracy (%)", "Hidden spikes per trial", "Cosine, hidden 1 (reset differentiated)"]
    heads, eprop, frozen, *_ = read(text)
    assert heads == ["rule", "Di/gits, depth 1", "Di/gits, depth 2"]
    assert eprop == ["EPROP, symmetric", *(interval([100 * v for v in ACCURACIES[depth, "eprop"]]) for depth in (1, 2))]
    assert frozen[0] == "FROZEN"
    assert read(text)[3:] == [heads, [eprop[0], "42", "42"], ["FROZEN", "42", "42"],
                              heads, [eprop[0], "0.50", "0.50"], ["FROZEN", UNDEFINED, UNDEFINED]]  # fmt: skip


def test_each_value_of_an_axis_has_a_row_where_there_is_one_rule() -> None:
    runs, curves = a_study(swept=True)
    heads, first, second = read(sweep_markdown(runs[runs["rule"] == "eprop"], curves, "depth"))[:3]
    assert heads == ["depth", "Di/gits"]
    for row, depth in ((first, 1), (second, 2)):
        assert row == [str(depth), interval([100 * value for value in ACCURACIES[depth, "eprop"]])]


@pytest.mark.parametrize("measure", ["accuracy", "loss"])
def test_planned_comparisons_are_marked_where_they_are_sure(measure: str) -> None:
    runs, _ = a_study(swept=True)
    table = contrasts_table(runs, [{"of": "eprop:symmetric", "minus": "frozen", "measure": measure}])
    heads, first, second = read(contrasts_markdown(table))
    assert heads == ["task", "EPROP, symmetric minus FROZEN" + (", loss" if measure == "loss" else "")]
    assert list(table["p_holm"] < 0.05) == [True, False]
    assert first[0] == "Di/gits, depth 1"
    assert first[1].endswith(" \\*")
    assert not second[1].endswith("*")
    if measure == "accuracy":
        assert (first[1], second[1]) == (f"{interval(apart(1), '+')} \\*", interval(apart(2), "+"))
