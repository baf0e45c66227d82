"""The tables of a study: the summary of every configuration, and paired differences between two of them."""

from collections.abc import Mapping, Sequence

import pandas as pd
from rich import box
from rich.markup import escape
from rich.table import Table

from workbench.errors import StudyError, nearest
from workbench.figures import style
from workbench.figures.data import VARIANTS, joined, prepared
from workbench.figures.notes import troubles, undefined
from workbench.figures.statistics import INTERVAL_FROM, t_interval
from workbench.figures.style import Look

UNDEFINED = "\u2013"


def paired_differences(
    runs: pd.DataFrame, first: tuple[str, str], second: tuple[str, str], measure: str = "accuracy", level: float = 0.95
) -> pd.DataFrame:
    """Return the difference first - second over the seeds that both have finished.

    Parameters
    ----------
    runs : DataFrame
        As in `runs.parquet`.
    first, second : tuple of (rule, feedback)
        The configurations, such as ``("eprop", "symmetric")``.
    measure : str
        A column of `runs`; the difference has its unit.
    level : float
        Confidence level of the t interval.

    Returns
    -------
    DataFrame
        One row per task: task, first, second, n (pairs), difference (mean), low, high, seeds.

    Raises
    ------
    StudyError
        If a configuration is not in the study, or has several runs of one task and seed.
    """
    table = prepared(runs)
    values: list[pd.Series] = []
    for rule, feedback in (first, second):
        chosen = table[(table["rule"] == rule) & (table["feedback"] == feedback)]
        if chosen.empty:
            known = (table["rule"] + "/" + table["feedback"]).unique()
            raise StudyError(f"No run of '{rule}/{feedback}'. {nearest(f'{rule}/{feedback}', known)}")
        if chosen.duplicated(["task", "seed"]).any():
            raise StudyError(f"'{rule}/{feedback}' has several runs per task and seed: select one set of parameters.")
        values.append(chosen[chosen["status"] == "done"].set_index(["task", "seed"])[measure])
    difference = (values[0] - values[1]).dropna()
    rows = []
    for task in table["task"].unique():
        pairs = difference[difference.index.get_level_values("task") == task]
        low, high = t_interval(pairs, level)
        mean = float(pairs.mean()) if len(pairs) else float("nan")
        seeds = ", ".join(str(seed) for seed in sorted(pairs.index.get_level_values("seed")))
        rows.append((task, "/".join(first), "/".join(second), len(pairs), mean, low, high, seeds))
    return pd.DataFrame(rows, columns=["task", "first", "second", "n", "difference", "low", "high", "seeds"])


def summary_table(
    runs: pd.DataFrame, curves: pd.DataFrame, references: Sequence[str] = ("bptt_differentiated",)
) -> pd.DataFrame:
    """Return one row per task and configuration; means are over the seeds that finished.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`.
    references : sequence of str
        The variants of BPTT that the cosines are taken with.

    Returns
    -------
    DataFrame
        task, configuration, rule, feedback (as in figures), n (runs done), accuracy with accuracy_low and
        accuracy_high (95 % t interval) [%], "cosine <reference> <layer>" at the last epoch, spikes_per_trial, seconds,
        status (how many runs ended how), notes (why runs or values are missing). Undefined numbers are NaN.
    """
    table = prepared(runs)
    shown = style.looks(table)
    cosines = _last_cosines(runs, curves, references)
    rows = []
    for task in table["task"].unique():
        for key in shown:
            group = table[(table["task"] == task) & (table["configuration"] == key)]
            if not group.empty:
                rows.append(_row(group, cosines, shown))
    return pd.DataFrame(rows)


def _row(group: pd.DataFrame, cosines: Mapping[str, pd.DataFrame], shown: Mapping[str, Look]) -> dict[str, object]:
    """Return the row of the runs of one task and configuration."""
    first = group.iloc[0]
    look = shown[str(first["configuration"])]
    done = group[group["status"] == "done"]
    low, high = t_interval(100 * done["accuracy"])
    own = {name: values[values["run_id"].isin(done["run_id"])] for name, values in cosines.items()}
    notes = troubles(group, shown)
    if own:
        notes += [f"Cosine, {note}" for note in undefined(pd.concat(own.values()), shown)]
    costs = ("spikes_per_trial", "seconds")
    return {
        "task": first["task"], "task_title": first["task_title"], "configuration": first["configuration"],
        "rule": look.rule_label, "feedback": "" if look.feedback == "none" else style.words(look.feedback),
        "n": len(done), "accuracy": 100 * done["accuracy"].mean(), "accuracy_low": low, "accuracy_high": high,
        **{name: values["value"].mean() for name, values in own.items()},
        **{name: done[name].mean() if name in done else float("nan") for name in costs},
        "status": ", ".join(f"{count} {status}" for status, count in group["status"].value_counts().items()),
        "notes": " ".join(notes),
    }  # fmt: skip


def _last_cosines(runs: pd.DataFrame, curves: pd.DataFrame, references: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return, for each column of cosines, the value of each finished run at its last probe."""
    for reference in references:
        if reference not in VARIANTS:
            raise StudyError(f"'{reference}' is not a variant of BPTT. {nearest(reference, VARIANTS)}")
    data = joined(runs, curves)
    data = data[(data["measure"] == "cosine") & data["reference"].isin(list(references))]
    last = data[data["epoch"] == data.groupby(["run_id", "layer", "reference"])["epoch"].transform("max")]
    layers = sorted(last["layer"].unique(), key=lambda name: (name == "readout", len(name), name))
    return {
        f"cosine {reference} {layer}": last[(last["reference"] == reference) & (last["layer"] == layer)]
        for reference in references
        for layer in layers
    }


def _accuracy(row: pd.Series) -> str:
    if row["n"] == 0:
        return UNDEFINED
    interval = f" [{row['accuracy_low']:.1f}, {row['accuracy_high']:.1f}]" if row["n"] > 1 else ""
    count = f" (n = {row['n']})" if row["n"] < INTERVAL_FROM else ""
    return f"{row['accuracy']:.1f}{interval}{count}"


def _cells(table: pd.DataFrame) -> list[list[str]]:
    """Return the numbers as text, in the order of the printed columns."""

    def number(value: float, digits: int) -> str:
        return f"{value:.{digits}f}" if pd.notna(value) else UNDEFINED

    cosines = [str(column) for column in table if str(column).startswith("cosine ")]
    return [
        [row["task_title"], row["rule"], row["feedback"], _accuracy(row), *(number(row[name], 2) for name in cosines),
         number(row["spikes_per_trial"], 0), number(row["seconds"], 1), row["status"]]
        for _, row in table.iterrows()
    ]  # fmt: skip


def _notes(table: pd.DataFrame) -> list[str]:
    return [note for note in dict.fromkeys(table["notes"]) if note]


def _cosine_groups(table: pd.DataFrame) -> dict[str, list[str]]:
    """Return the layers of each variant of BPTT that the table has cosines with."""
    groups: dict[str, list[str]] = {}
    for column in map(str, table.columns):
        if column.startswith("cosine "):
            _, reference, layer = column.split(" ", 2)
            groups.setdefault(VARIANTS[reference], []).append(style.words(layer))
    return groups


def rich_table(table: pd.DataFrame) -> Table:
    """Return the summary for printing with `rich`, the reasons of what is missing below it."""
    groups = _cosine_groups(table)
    single = f" ({next(iter(groups))})" if len(groups) == 1 else ""
    title = "Accuracy on the test split: mean and 95 % t interval."
    title += f" Cosine: with BPTT{single}, last epoch, mean over seeds." if groups else ""
    printed = Table(title=title, title_justify="left", caption=escape("\n".join(_notes(table))), caption_justify="left",
                    box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)  # fmt: skip
    for name in ("task", "rule", "feedback"):
        printed.add_column(name)
    printed.add_column("accuracy (%)", justify="right", no_wrap=True)
    for variant, layers in groups.items():
        for layer in layers:
            head = ["cosine", layer] if single else ["cosine,", *variant.split(), layer]
            printed.add_column("\n".join(head), justify="right")
    for name in ("spikes\nper trial", "seconds"):
        printed.add_column(name, justify="right")
    printed.add_column("runs")
    previous = ""
    for cells in _cells(table):
        if previous and cells[0] != previous:
            printed.add_section()
        printed.add_row(*map(escape, ["" if cells[0] == previous else cells[0], *cells[1:]]))
        previous = cells[0]
    return printed


def latex_table(table: pd.DataFrame) -> str:
    """Return the summary as a LaTeX tabular; it needs the package booktabs."""
    groups = _cosine_groups(table)
    layers = [layer for names in groups.values() for layer in names]
    head = [
        "",
        "",
        "",
        "",
        *(rf"\multicolumn{{{len(n)}}}{{c}}{{cosine with BPTT ({g})}}" for g, n in groups.items()),
        "",
        "",
        "",
    ]
    names = ["task", "rule", "feedback", r"accuracy (\%)", *layers, "spikes per trial", "seconds", "runs"]
    lines = [rf"\begin{{tabular}}{{lllr{'r' * len(layers)}rrl}}", r"\toprule"]
    if groups:
        lines += [" & ".join(head) + r" \\", *_rules_below(groups)]
    lines += [" & ".join(names) + r" \\", r"\midrule"]
    previous = ""
    for cells in _cells(table):
        if previous and cells[0] != previous:
            lines.append(r"\midrule")
        texts = ["" if cells[0] == previous else cells[0], *cells[1:]]
        lines.append(" & ".join(_escaped(text) for text in texts) + r" \\")
        previous = cells[0]
    lines += [r"\bottomrule", r"\end{tabular}"]
    lines += [rf"\par\smallskip{{\footnotesize {_escaped(note)}\par}}" for note in _notes(table)]
    return "\n".join(lines) + "\n"


def _rules_below(groups: dict[str, list[str]]) -> list[str]:
    first, lines = 5, []
    for layers in groups.values():
        lines.append(rf"\cmidrule(lr){{{first}-{first + len(layers) - 1}}}")
        first += len(layers)
    return lines


def _escaped(text: str) -> str:
    special = {character: f"\\{character}" for character in "&%$#_{}"}
    special |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", UNDEFINED: "--"}
    return "".join(special.get(character, character) for character in text)
