"""The summary of a study as people read it: in a terminal, and in LaTeX."""

import pandas as pd
from rich import box
from rich.markup import escape
from rich.table import Table

from workbench.declare.configuration import words
from workbench.declare.references import reset_title

UNDEFINED = "\u2013"

#: What the columns of what answers are worth are called.
_REWARDS = ["reward", "reward of chance", "reward at best"]


def with_interval(mean: float, low: float, high: float, sign: str = "", digits: int = 1) -> str:
    """Return a mean with half the length of its interval, where it has one.

    Parameters
    ----------
    mean, low, high : float
        And the ends of the interval; NaN where there is none.
    sign : str
        ``+`` where the sign of the mean is written out.
    digits : int
        Decimals.
    """
    if pd.isna(mean):
        return UNDEFINED
    return f"{mean:{sign}.{digits}f}" + (f" \u00b1 {(high - low) / 2:.{digits}f}" if pd.notna(low) else "")


def baseline_column(table: pd.DataFrame) -> str:
    """Return the column of differences from a baseline, or an empty text where there is none."""
    columns = (str(column) for column in table if str(column).startswith("minus_"))
    return next(columns, "") if is_classified(table) else ""


def is_classified(table: pd.DataFrame) -> bool:
    """Return whether any run has an accuracy, as some tasks have no classes."""
    return bool(table["accuracy"].notna().any() or table["loss"].isna().all())


def summary_heads(table: pd.DataFrame) -> list[str]:
    """Return what the columns of `summary_cells` are called, each on one line."""
    groups = _cosine_groups(table)
    told = {group: f" ({group})" if len(groups) > 1 else "" for group in groups}
    return [
        *("task", "rule", "feedback"),
        *(["accuracy (%)"] if is_classified(table) else []),
        *([words(baseline_column(table))] if baseline_column(table) else []),
        *(_REWARDS if is_rewarded(table) else []),
        *(["loss"] if shows_loss(table) else []),
        *(f"cosine{told[group]}, {layer}" for group, layers in groups.items() for layer in layers),
        *("spikes per trial", "seconds", "runs"),
    ]


def summary_cells(table: pd.DataFrame) -> list[list[str]]:
    """Return the numbers of a summary as text, in the order of the printed columns."""

    def number(value: float, digits: int) -> str:
        return f"{value:.{digits}f}" if pd.notna(value) else UNDEFINED

    def interval(row: pd.Series, name: str, sign: str = "") -> str:
        return with_interval(row[name], row[f"{name}_low"], row[f"{name}_high"], sign)

    minus = baseline_column(table)
    cosines = [str(column) for column in table if str(column).startswith("cosine ")]
    return [
        [
            row["task_title"],
            row["rule"],
            row["feedback"],
            *([interval(row, "accuracy")] if is_classified(table) else []),
            *([interval(row, minus, "+")] if minus else []),
            *(rewards(row) if is_rewarded(table) else []),
            *([f"{row['loss']:.3g}" if pd.notna(row["loss"]) else UNDEFINED] if shows_loss(table) else []),
            *(number(row[name], 2) for name in cosines),
            number(row["spikes_per_trial"], 0),
            number(row["seconds"], 1),
            row["status"],
        ]
        for _, row in table.iterrows()
    ]


def rewards(row: pd.Series) -> list[str]:
    """Return what the answers of a row are worth, and those of chance and the best, as text."""
    others = (f"{row[name]:.3f}" if pd.notna(row[name]) else UNDEFINED for name in ("chance_reward", "best_reward"))
    return [with_interval(row["reward"], row["reward_low"], row["reward_high"], digits=3), *others]


def is_rewarded(table: pd.DataFrame) -> bool:
    """Return whether any run says what its answers are worth."""
    return "reward" in table


def shows_loss(table: pd.DataFrame) -> bool:
    """Return whether the loss is printed: where a task has no classes, and so no accuracy."""
    return bool((table["accuracy"].isna() & table["loss"].notna()).any())


def summary_notes(table: pd.DataFrame) -> list[str]:
    """Return the reasons of what is missing from a summary, each once."""
    return [note for note in dict.fromkeys(table["notes"]) if note]


def _cosine_groups(table: pd.DataFrame) -> dict[str, list[str]]:
    """Return the layers of each variant of BPTT that the table has cosines with."""
    groups: dict[str, list[str]] = {}
    for column in map(str, table.columns):
        if column.startswith("cosine "):
            _, reference, layer = column.split(" ", 2)
            groups.setdefault(reset_title(reference), []).append(words(layer))
    return groups


def summary_title(table: pd.DataFrame) -> str:
    """Return what the summary shows, of what its intervals are, and what is paired."""
    groups, minus = _cosine_groups(table), baseline_column(table)
    single = f" ({next(iter(groups))})" if len(groups) == 1 else ""
    what = "Accuracy" if is_classified(table) else "Loss"
    title = f"{what} on the test split: mean over seeds"
    title += " \u00b1 half its 95 % t interval" if is_classified(table) else ""
    title += f"; {words(minus)}: in points, paired by seed." if minus else "."
    return title + (f" Cosine: with BPTT{single}, last epoch, mean over seeds." if groups else "")


def rich_table(table: pd.DataFrame) -> Table:
    """Return the summary for printing with `rich`, the reasons of what is missing below it."""
    groups, minus, title = _cosine_groups(table), baseline_column(table), summary_title(table)
    single = len(groups) == 1
    notes = escape("\n".join(summary_notes(table)))
    printed = Table(title=title, title_justify="left", caption=notes, caption_justify="left",
                    box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)  # fmt: skip
    for name in ("task", "rule", "feedback"):
        printed.add_column(name)
    if is_classified(table):
        printed.add_column("accuracy (%)", justify="right", no_wrap=True)
    if minus:
        printed.add_column(minus.replace("_", "\n"), justify="right", no_wrap=True)
    for name in _REWARDS if is_rewarded(table) else ():
        printed.add_column(name.replace(" ", "\n"), justify="right", no_wrap=True)
    if shows_loss(table):
        printed.add_column("loss", justify="right", no_wrap=True)
    for variant, layers in groups.items():
        for layer in layers:
            head = ["cosine", layer] if single else ["cosine,", *variant.split(), layer]
            printed.add_column("\n".join(head), justify="right")
    for name in ("spikes\nper trial", "seconds"):
        printed.add_column(name, justify="right")
    printed.add_column("runs")
    previous = ""
    for cells in summary_cells(table):
        if previous and cells[0] != previous:
            printed.add_section()
        printed.add_row(*map(escape, ["" if cells[0] == previous else cells[0], *cells[1:]]))
        previous = cells[0]
    return printed


def latex_table(table: pd.DataFrame) -> str:
    """Return the summary as a LaTeX tabular; it needs the package booktabs."""
    groups = _cosine_groups(table)
    difference = [words(baseline_column(table))] if baseline_column(table) else []
    difference += _REWARDS if is_rewarded(table) else []
    difference += ["loss"] if shows_loss(table) else []
    accuracy = [r"accuracy (\%)"] if is_classified(table) else []
    before = 3 + len(accuracy) + len(difference)
    layers = [layer for names in groups.values() for layer in names]
    head = [
        *[""] * before,
        *(rf"\multicolumn{{{len(n)}}}{{c}}{{cosine with BPTT ({g})}}" for g, n in groups.items()),
        "",
        "",
        "",
    ]
    names = ["task", "rule", "feedback", *accuracy, *difference, *layers, "spikes per trial", "seconds", "runs"]
    lines = [rf"\begin{{tabular}}{{lll{'r' * (len(accuracy) + len(difference) + len(layers))}rrl}}", r"\toprule"]
    if groups:
        lines += [" & ".join(head) + r" \\", *_rules_below(groups, before + 1)]
    lines += [" & ".join(names) + r" \\", r"\midrule"]
    previous = ""
    for cells in summary_cells(table):
        if previous and cells[0] != previous:
            lines.append(r"\midrule")
        texts = ["" if cells[0] == previous else cells[0], *cells[1:]]
        lines.append(" & ".join(escaped(text) for text in texts) + r" \\")
        previous = cells[0]
    lines += [r"\bottomrule", r"\end{tabular}"]
    lines += [rf"\par\smallskip{{\footnotesize {escaped(note)}\par}}" for note in summary_notes(table)]
    return "\n".join(lines) + "\n"


def _rules_below(groups: dict[str, list[str]], first: int) -> list[str]:
    lines = []
    for layers in groups.values():
        lines.append(rf"\cmidrule(lr){{{first}-{first + len(layers) - 1}}}")
        first += len(layers)
    return lines


def escaped(text: str) -> str:
    """Return a text in which LaTeX sees nothing but letters."""
    special = {character: f"\\{character}" for character in "&%$#_{}"}
    special |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", UNDEFINED: "--"}
    return "".join(special.get(character, character) for character in text)
