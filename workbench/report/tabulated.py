"""The tables of a study for a page: its summary, its planned comparisons, and what a search has chosen."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from workbench.declare.configuration import words
from workbench.report.content import Cell, Heading, Table
from workbench.report.training import counted
from workbench.study.results.tables import Results
from workbench.tables.contrasts import LEVEL, POWER, contrasts_table, notes_of
from workbench.tables.printed import UNDEFINED, baseline_column, is_classified, is_rewarded, shows_loss, with_interval
from workbench.tables.published import published_paper, published_table
from workbench.tables.search import SHOWN, choice_notes, choices_table, judged_by, near_the_best, wanted_spikes
from workbench.tables.statistics import INTERVAL_FROM
from workbench.tables.summary import summary_table
from workbench.tables.summary_columns import summary_column

#: Digits after the point of what is not an accuracy.
_DIGITS = {"complaints": "g", "spikes_per_trial": ".0f", "seconds": ".1f", "loss": ".3g"}
_DIGITS |= dict.fromkeys(("chance_reward", "best_reward"), ".3f")


def number(value: float, style: str) -> Cell:
    """Return a number as a cell; one that is undefined is a dash, and comes last."""
    if pd.isna(value):
        return Cell(UNDEFINED)
    return Cell(format(value, style).replace("-", "\u2212"), repr(float(value)))


def word(text: object) -> Cell:
    """Return a text as a cell."""
    return Cell(str(text), str(text).casefold())


def summary(runs: pd.DataFrame, curves: pd.DataFrame) -> Table:
    """Return the summary of every configuration in every task and condition.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`.
    """
    table = summary_table(runs, curves)
    minus = baseline_column(table)
    cosines = [str(column) for column in table if str(column).startswith("cosine ")]
    names = ["task_title", "rule", "feedback"]
    names += ["accuracy"] if is_classified(table) else []
    names += [minus] if minus else []
    names += ["reward", "chance_reward", "best_reward"] if is_rewarded(table) else []
    names += ["loss"] if shows_loss(table) else []
    names += cosines
    names += ["complaints"] if table["complaints"].notna().any() else []
    names += ["spikes_per_trial", "seconds", "status"]
    headings = [_heading(name) for name in names]
    rows = [[_summarised(row, name, minus) for name in names] for _, row in table.iterrows()]
    most = int(table["n"].max())
    told = f"Means over {counted(most, 'seed')} at most; \u00b1 half the 95 % interval of the mean by Student's t."
    told += f" From fewer than {INTERVAL_FROM} seeds it is wide, and says little." if 1 < most < INTERVAL_FROM else ""
    return Table(told, headings, rows, [note for note in dict.fromkeys(table["notes"]) if note], sortable=True)


def _heading(name: str) -> Heading:
    column = summary_column(name)
    return Heading(column.head, column.unit, column.meaning, column.numeric)


def _summarised(row: pd.Series, name: str, minus: str) -> Cell:
    if name in {"task_title", "rule", "feedback", "status"}:
        return word(row[name])
    if name in {"accuracy", minus, "reward"}:
        sign, digits = "+" if name == minus else "", 3 if name == "reward" else 1
        text = with_interval(row[name], row[f"{name}_low"], row[f"{name}_high"], sign, digits)
        return Cell(text.replace("-", "\u2212"), "" if pd.isna(row[name]) else repr(float(row[name])))
    return number(row[name], _DIGITS.get(name, ".2f"))


def endpoint(contrasts: Sequence[Mapping[str, Any]]) -> str:
    """Return what the planned comparisons of a study are of, or that there are none."""
    if not contrasts:
        return (
            "No comparison was planned: the study file has no [[contrast]]. What follows describes, and tests nothing; "
            "intervals are of single means, not of differences, and are not corrected for their number."
        )
    measures = dict.fromkeys(words(contrast["measure"]) for contrast in contrasts)
    return (
        f"Primary endpoint: {' and '.join(measures)} on the test split after training, paired by seed. "
        f"{counted(len(contrasts), 'comparison')} planned in the study file."
    )


def contrasts(runs: pd.DataFrame, planned: Sequence[Mapping[str, Any]]) -> Table | None:
    """Return the planned comparisons with their tests; None where there are none.

    Parameters
    ----------
    runs : DataFrame
        As in `runs.parquet`.
    planned : sequence of mapping
        As `Results.contrasts`.
    """
    if not planned:
        return None
    table = contrasts_table(runs, planned)
    headings = [
        Heading("task"),
        Heading("comparison", meaning="The first rule less the second, seed by seed."),
        Heading("measure"),
        Heading("seeds", meaning="Pairs of which both runs are done.", numeric=True),
        Heading("difference", meaning="Mean over pairs; of accuracies in points.", numeric=True),
        Heading("95 % interval", meaning="Of the mean difference, by Student's t.", numeric=True),
        Heading("p", meaning="Paired t test, two-sided.", numeric=True),
        Heading("p (Holm)", meaning=f"Corrected for all {len(table)} comparisons.", numeric=True),
        Heading("Hedges' g", meaning="Mean difference in its own standard deviations, less the bias of few pairs.",
                numeric=True),
        Heading("resolved", meaning=f"The difference that so many pairs find in {100 * POWER:.0f} % of all cases, at a "
                f"level of {100 * LEVEL:g} %.", numeric=True),
    ]  # fmt: skip
    rows = []
    for row in table.to_dict("records"):
        low, high = number(row["low"], "+.3g"), number(row["high"], "+.3g")
        interval = f"{low.text} to {high.text}" if low.order else UNDEFINED
        rows.append([
            word(row["task_title"]), word(f"{row['of']} minus {row['minus']}"), word(words(str(row["measure"]))),
            number(row["n"], "d"), number(row["difference"], "+.3g"), Cell(interval, low.order),
            number(row["p"], ".2g"), number(row["p_holm"], ".2g"), number(row["effect"], "+.2f"),
            number(row["resolves"], ".3g"),
        ])  # fmt: skip
    told = "Planned comparisons, paired by seed; p by a paired t test, corrected for their number (Holm)."
    return Table(told, headings, rows, notes_of(table), sortable=True)


def published(results: Results) -> Table | None:
    """Return what sources have published beside what was found; None of a study that is held to nothing.

    Parameters
    ----------
    results : Results
        Of the study.
    """
    if not results.published:
        return None
    table = published_paper(published_table(results.runs, results.curves, results.published, results.measures))
    headings = [Heading(head, numeric=head == "runs") for head in table.head]
    rows = [[word(cell) for cell in row] for row in table.rows]
    return Table(table.caption, headings, rows, list(table.notes), sortable=True)


def searched(draws: pd.DataFrame | None) -> Table | None:
    """Return what a search has chosen; None of a study without one.

    Parameters
    ----------
    draws : DataFrame or None
        As `Results.draws`.
    """
    if draws is None or draws.empty:
        return None
    table, by, wanted = choices_table(draws), judged_by(draws), wanted_spikes(draws)
    headings = [
        Heading("task"),
        Heading("rule"),
        Heading("settings"),
        Heading(by, "%" if by == "accuracy" else "", "On the validation split, of the best draw.", True),
        Heading("near", "%", f"Share of the draws within {near_the_best(draws)}.", True),
        Heading("trained", meaning="Draws that could be trained, of all.", numeric=True),
    ]
    if wanted:
        headings += [
            Heading("at these spikes", meaning=f"Draws with {wanted:g} hidden spikes per trial.", numeric=True),
            Heading("spikes", meaning="Hidden spikes per trial, of the draw that was chosen.", numeric=True),
        ]
    rows = []
    for row in table.to_dict("records"):
        score = SHOWN[by] * row["score"]
        cells = [
            word(row["task_title"]), word(row["label"]), word(row["chosen"]), number(score, ".3g"),
            number(100 * row["near"], ".0f"), Cell(f"{row['trained']} of {row['draws']}", str(row["trained"])),
        ]  # fmt: skip
        rows.append([*cells, *([number(row["fitting"], "d"), number(row["spikes"], ".3g")] if wanted else [])])
    told = "Settings that a search chose for each rule before the study, on the validation split."
    return Table(told, headings, rows, choice_notes(draws), sortable=True)
