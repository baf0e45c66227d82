"""The table of the study: accuracies with intervals, and what each rule has over the frozen network of its family."""

import pandas as pd

from studies.all_rules.families import FAMILIES
from workbench.tables.statistics import t_interval


def tabulated(runs: pd.DataFrame) -> str:
    """Return the table as Markdown.

    Parameters
    ----------
    runs : DataFrame
        One row per run, with its family.

    Returns
    -------
    str
        Mean test accuracies over seeds, and differences from `frozen` paired by seed, with half their 95 % t intervals.
    """
    lines = []
    for task in runs["task"].unique():
        lines += [
            f"## {task}",
            "",
            "| network | rule | feedback | accuracy (%) | minus frozen | cosine with BPTT | runs |",
        ]
        lines.append("|---|---|---|---|---|---|---|")
        for family in FAMILIES:
            own = runs[(runs["task"] == task) & (runs["family"] == family.name)]
            frozen = own[own["rule"] == "frozen"].set_index("seed")["accuracy"]
            for rule, feedback in family.rules:
                part = own[(own["rule"] == rule) & ((own["feedback"] == feedback) | (feedback == ""))]
                done = part[part["status"] == "done"].set_index("seed")["accuracy"]
                apart = "" if rule == "frozen" else _interval(100 * (done - frozen).dropna(), "+")
                cosine = part["cosine"].mean()
                ended = ", ".join(f"{count} {status}" for status, count in part["status"].value_counts().items())
                lines.append(
                    f"| {family.title} | {part['title'].iloc[0]} | {part['feedback'].iloc[0].replace('_', ' ')} "
                    f"| {_interval(100 * done)} | {apart} | {'' if pd.isna(cosine) else f'{cosine:.2f}'} | {ended} |"
                )
        lines.append("")
    return "\n".join(lines)


def _interval(values: pd.Series, sign: str = "") -> str:
    if values.empty:
        return "-"
    low, high = t_interval(values)
    return f"{values.mean():{sign}.1f}" + (f" ± {(high - low) / 2:.1f}" if pd.notna(low) else "")
