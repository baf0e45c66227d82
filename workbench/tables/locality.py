"""The scorecard of rules: which complaints against backpropagation hold of them."""

from collections.abc import Mapping, Sequence

import pandas as pd
from rich import box
from rich.markup import escape
from rich.table import Table

from workbench.declare.configuration import words
from workbench.tables.printed import UNDEFINED, escaped
from workbench.tables.text import plain

#: How the three scores are printed: it does not hold, in part, it does.
MARKS = {0.0: "\u25cb", 0.5: "\u25d0", 1.0: "\u25cf"}

_LATEX = {0.0: r"$\circ$", 0.5: r"$\circ\!\!\bullet$", 1.0: r"$\bullet$"}


def scorecard_table(rows: Sequence[Mapping[str, object]], complaints: Mapping[str, str]) -> pd.DataFrame:
    """Return one row per rule and pathway, those with fewest complaints first.

    Parameters
    ----------
    rows : sequence of mapping
        With rule, title, feedback, signal, total, sentence, and the score of each complaint by its name.
    complaints : mapping of str to str
        Names of the complaints, and what they are called.

    Returns
    -------
    DataFrame
        Columns title, feedback, one per complaint under what it is called (0, 0.5, 1 or NaN), total, signal and
        sentence; `attrs["complaints"]` names those columns.
    """
    table = pd.DataFrame(
        [
            {"title": plain(row["title"]), "feedback": row["feedback"]}
            | {called: row.get(name, float("nan")) for name, called in complaints.items()}
            | {key: row[key] for key in ("total", "signal", "sentence")}
            for row in rows
        ]
    )
    table = table.sort_values(["total", "title"], kind="stable", na_position="last").reset_index(drop=True)
    table.attrs["complaints"] = list(complaints.values())
    return table


def _mark(value: float, marks: Mapping[float, str]) -> str:
    return marks.get(value, UNDEFINED)


def rich_scorecard(table: pd.DataFrame) -> Table:
    """Return the scorecard for printing with `rich`."""
    printed = Table(
        title=f"{MARKS[1.0]} the complaint holds, {MARKS[0.5]} in part, {MARKS[0.0]} it does not; as what runs has it",
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        collapse_padding=True,
    )
    printed.add_column("rule")
    printed.add_column("feedback")
    for called in table.attrs["complaints"]:
        printed.add_column("\n".join(called.replace("high-precision", "high- precision").split()), justify="center")
    printed.add_column("in all", justify="right")
    printed.add_column("a neuron gets")
    for _, row in table.iterrows():
        marks = [_mark(row[called], MARKS) for called in table.attrs["complaints"]]
        total = UNDEFINED if pd.isna(row["total"]) else f"{row['total']:g}"
        cells = [str(row["title"]), words(str(row["feedback"])), *marks, total, str(row["signal"])]
        printed.add_row(*map(escape, cells))
    return printed


def latex_scorecard(table: pd.DataFrame) -> str:
    """Return the scorecard as a LaTeX tabular; it needs the package booktabs."""
    complaints = table.attrs["complaints"]
    head = ["rule", "feedback", *complaints, "in all", "a neuron gets"]
    lines = [rf"\begin{{tabular}}{{ll{'c' * len(complaints)}rl}}", r"\toprule", " & ".join(head) + r" \\", r"\midrule"]
    for _, row in table.iterrows():
        marks = ["--" if pd.isna(row[called]) else _LATEX[row[called]] for called in complaints]
        total = "--" if pd.isna(row["total"]) else f"{row['total']:g}"
        names = [escaped(str(row["title"])), escaped(words(str(row["feedback"])))]
        lines.append(" & ".join([*names, *marks, total, escaped(str(row["signal"]))]) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}"]) + "\n"
