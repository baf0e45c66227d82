"""What sources have published, beside what the study found: reached, or missed by how much."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from workbench.declare.configuration import configuration_name, words
from workbench.declare.measure import Measure
from workbench.declare.published_figure import PublishedFigure
from workbench.declare.references import BY_DEFAULT
from workbench.measures.records import MEASURES
from workbench.tables.appearance import looks
from workbench.tables.conditions import column_of
from workbench.tables.contrasts import of_what
from workbench.tables.data import at_last_probe, prepared
from workbench.tables.paper import PaperTable
from workbench.tables.printed import with_interval
from workbench.tables.statistics import t_interval

_COLUMNS = [
    *("task", "task_title", "rule", "measure", "layer", "published", "spread", "doi", "place", "setting", "n", "here"),
    *("low", "high", "lost", "difference", "verdict", "reason"),
]

#: What a figure here is held to be. What is as good by the runs that are left is not reached where others are lost.
REACHED, WITHIN, MISSED, SOME, UNKNOWN = "reached", "within the interval", "missed", "not by all runs", "undefined"


def published_table(
    runs: pd.DataFrame,
    curves: pd.DataFrame,
    published: Sequence[PublishedFigure],
    measures: Sequence[Measure] = (),
) -> pd.DataFrame:
    """Return one row for each published figure in each task and condition that it is of.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`.
    published : sequence of PublishedFigure
        As `Results.published`.
    measures : sequence of Measure
        Those of plugins.

    Returns
    -------
    DataFrame
        Columns task, task_title, rule (label), measure, layer, published, spread, doi, place, setting, n (finished
        runs that have a value), here (their mean), low, high (95 % t interval), lost (runs that have diverged or
        failed, or have no value), difference (here less published), verdict (`REACHED` where the mean is as good,
        `WITHIN` where the interval alone reaches it, else `MISSED`; where nothing is better, `WITHIN` or `MISSED`;
        `SOME` in place of the first two where runs are lost), reason (why it is `UNKNOWN`, or what is lost). In percent
        where the measure is.
    """
    known = dict(MEASURES) | {measure.name: measure for measure in measures}
    table = prepared(runs)
    shown = looks(table)
    names = pd.Series(map(configuration_name, table["rule"], table["feedback"]), index=table.index)
    rows = []
    for figure in published:
        own = table[(names == figure.of) & _is_of(figure, table, runs)]
        for _, group in own.groupby(["task", "configuration"], sort=False):
            values, reason = _values(group, curves, figure, known)
            label = shown[str(group["configuration"].iloc[0])].label
            rows.append(_said(figure, group, label) | _held(figure, values, len(group), reason))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _is_of(figure: PublishedFigure, table: pd.DataFrame, runs: pd.DataFrame) -> pd.Series:
    """Return which of the prepared runs are of the task and condition of a figure."""
    within = table["run_id"].isin(runs.loc[runs["task"] == figure.task, "run_id"]) if figure.task else True
    found = pd.Series(within, index=table.index)
    for text in figure.at:
        axis, _, label = text.partition("=")
        found &= table[column_of(axis)].astype(str) == label
    return found


def _said(figure: PublishedFigure, group: pd.DataFrame, label: str) -> dict[str, object]:
    return {
        "task": group["task"].iloc[0], "task_title": group["task_title"].iloc[0], "rule": label,
        "measure": figure.measure, "layer": figure.layer, "published": figure.value,
        "spread": math.nan if figure.spread is None else figure.spread, "doi": figure.doi, "place": figure.place,
        "setting": figure.setting,
    }  # fmt: skip


def _values(
    group: pd.DataFrame, curves: pd.DataFrame, figure: PublishedFigure, known: Mapping[str, Measure]
) -> tuple[pd.Series, str]:
    """Return what the finished runs have, and why there is none where there is none."""
    done = group[group["status"] == "done"]
    if done.empty:
        return pd.Series(dtype=float), "No run is finished."
    if figure.measure in group:
        factor = 100.0 if figure.measure == "accuracy" else 1.0
        return factor * pd.to_numeric(done[figure.measure]).dropna(), ""
    own = curves[curves["run_id"].isin(done["run_id"])]
    own = own[own["estimate"].fillna("") == ""] if "estimate" in own else own
    own = at_last_probe(own[own["layer"] == figure.layer] if figure.layer else own, figure.measure)
    if BY_DEFAULT in set(own["reference"]):
        own = own[own["reference"] == BY_DEFAULT]
    if own["layer"].nunique() > 1:
        return pd.Series(dtype=float), "It is measured of several layers. Name one, as 'layer'."
    if own.empty:
        return pd.Series(dtype=float), "It was not measured."
    return known[figure.measure].factor * pd.to_numeric(own["value"]).dropna(), ""


def _held(figure: PublishedFigure, values: pd.Series, count: int, reason: str) -> dict[str, object]:
    """Return what comes of a figure, of which so many runs should have a value."""
    lost = count - len(values)
    mean = float(values.mean()) if len(values) else math.nan
    low, high = t_interval(values)
    apart = mean - figure.value
    verdict = UNKNOWN
    if len(values):
        gain = {"higher": apart, "lower": -apart, "neither": -abs(apart)}[figure.better]
        inside = low <= figure.value <= high
        verdict = REACHED if gain >= 0 else WITHIN if inside else MISSED
        if lost:
            verdict = verdict if verdict == MISSED else SOME
            reason = f"Of {count} runs {lost} are lost, and the mean is that of the others."
    elif not reason:
        reason = "No finished run has a value."
    return {
        "n": len(values), "here": mean, "low": low, "high": high, "lost": lost, "difference": apart, "verdict": verdict,
        "reason": reason,
    }  # fmt: skip


def published_paper(table: pd.DataFrame) -> PaperTable:
    """Return the published figures beside those of the study, as tables show them.

    Parameters
    ----------
    table : DataFrame
        Of `published_table`.
    """
    rows, notes = [], []
    for row in table.to_dict("records"):
        spread = "" if math.isnan(row["spread"]) else f" \u00b1 {row['spread']:.3g}"
        missed = f"{row['verdict']} by {abs(row['difference']):.3g}" if row["verdict"] == MISSED else row["verdict"]
        what = words(row["measure"]) + (f", {words(row['layer'])}" if row["layer"] else "")
        here = with_interval(row["here"], row["low"], row["high"], digits=_digits(row["here"]))
        value, runs = f"{row['published']:.4g}{spread}", _runs(row["n"], row["lost"])
        rows.append((row["task_title"], row["rule"], what, value, here, runs, missed))
        source = f"{row['rule']}{of_what(row['measure'])}: {row['place']} (doi:{row['doi']})"
        notes.append(". ".join(filter(None, [source, row["setting"].rstrip("."), row["reason"].rstrip(".")])) + ".")
    head = ("task", "rule", "measure", "published", "here", "runs", "verdict")
    caption = (
        "Published figures (with their standard deviation, where one is published) beside the means here with half "
        "their 95 % t interval; reached: the mean is at least as good, and no run is lost."
    )
    return PaperTable("published", caption, head, tuple(rows), 3, tuple(dict.fromkeys(notes)))


def _runs(n: int, lost: int) -> str:
    return f"{n} of {n + lost}" if lost else str(n)


def _digits(value: float) -> int:
    """Return how many decimals four digits need."""
    return 0 if not math.isfinite(value) or value == 0 else max(0, 3 - math.floor(math.log10(abs(value))))
