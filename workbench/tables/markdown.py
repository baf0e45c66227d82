"""The tables of a study in Markdown, as a page on it has them."""

import itertools

import pandas as pd

from workbench.tables.appearance import looks
from workbench.tables.conditions import axes
from workbench.tables.contrasts import LEVEL, of_what
from workbench.tables.data import prepared
from workbench.tables.paper import in_markdown, piped
from workbench.tables.printed import UNDEFINED, summary_cells, summary_heads, with_interval
from workbench.tables.statistics import t_interval
from workbench.tables.sweep import sweep_data

#: Marks a planned comparison whose corrected p is below `LEVEL`.
MARK = " *"


def summary_markdown(table: pd.DataFrame) -> str:
    """Return the summary of a study, a table for each task.

    Parameters
    ----------
    table : DataFrame
        Of `workbench.tables.summary.summary_table`.
    """
    heads = summary_heads(table)
    # What a run takes is of the machine, and of what else it did.
    kept = [place for place, head in enumerate(heads) if head not in {"task", "seconds"}]
    rows = summary_cells(table)
    parts = []
    for title in dict.fromkeys(row[0] for row in rows):
        own = [[row[place] for place in kept] for row in rows if row[0] == title]
        parts += [f"**{in_markdown(title)}**", "", piped([heads[place] for place in kept], own, 2), ""]
    return "\n".join(parts)


def sweep_markdown(runs: pd.DataFrame, curves: pd.DataFrame, axis: str) -> str:
    """Return what is achieved along an axis, a table for each measure: rules by values, or the values of one rule.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`.
    axis : str
        Of the study.

    Returns
    -------
    str
        Means over the seeds that finished; of accuracies with half their 95 % t interval.
    """
    data = sweep_data(runs, curves, axis)
    shown = {key: look.label for key, look in looks(prepared(runs)).items() if key in set(data["configuration"])}
    parts = []
    for measure, own in data.groupby("measure", sort=False):
        places = list(own[["task", "rest"]].drop_duplicates().itertuples(index=False, name=None))
        groups = {key: values["value"] for key, values in own.groupby(["configuration", "task", "rest", "x"])}
        cells = [
            [[_mean(groups.get((key, *place, label)), str(measure)) for label in axes(runs)[axis]] for place in places]
            for key in shown
        ]
        heads = [", ".join(filter(None, place)) for place in places]
        if len(shown) == 1:
            # Of one rule, the values of the axis are what stands below each other.
            head = [axis.replace("_", " "), *heads]
            labels = map(str, axes(runs)[axis])
            rows = [[label, *row] for label, *row in zip(labels, *cells[0], strict=True)]
        else:
            head = ["rule", *(f"{name}, {axis} {label}" for name in heads for label in axes(runs)[axis])]
            rows = [[label, *itertools.chain(*own)] for label, own in zip(shown.values(), cells, strict=True)]
        title = " ".join(str(measure).split())
        parts += [f"**{in_markdown(title[0].upper() + title[1:])}**", "", piped(head, rows, 1), ""]
    return "\n".join(parts)


def contrasts_markdown(table: pd.DataFrame) -> str:
    """Return the planned comparisons of a study: a row for each task and condition, a column for each comparison.

    Parameters
    ----------
    table : DataFrame
        Of `workbench.tables.contrasts.contrasts_table`.

    Returns
    -------
    str
        Differences with half their 95 % t interval, those marked whose p is below `LEVEL` when corrected (Holm).
    """
    cells = [
        with_interval(row["difference"], row["low"], row["high"], "+") + (MARK if row["p_holm"] < LEVEL else "")
        for row in table.to_dict("records")
    ]
    comparison = table["of"] + " minus " + table["minus"] + table["measure"].map(of_what)
    named = table.assign(comparison=comparison, cell=cells)
    comparisons = list(named["comparison"].unique())
    rows = []
    for title, own in named.groupby("task_title", sort=False):
        found = dict(zip(own["comparison"], own["cell"], strict=True))
        rows.append([str(title), *(found.get(name, UNDEFINED) for name in comparisons)])
    return piped(["task", *comparisons], rows, 1) + "\n"


def _mean(values: pd.Series | None, measure: str) -> str:
    """Return a mean over seeds, to as many digits as its kind is read to."""
    if values is None or values.isna().all():
        return UNDEFINED
    if "accuracy" in measure:
        return with_interval(values.mean(), *t_interval(values))
    return f"{values.mean():.0f}" if "spikes" in measure else f"{values.mean():.2f}"
