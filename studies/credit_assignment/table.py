"""The table of the study: what a rule needs to know, how it is aligned, and how well it learns."""

import pandas as pd

from studies.credit_assignment.settings import DEPTHS, RULES, TASKS
from workbench.declare.configuration import NO_FEEDBACK, words
from workbench.tables.data import at_last_probe, joined
from workbench.tables.statistics import t_interval

REFERENCE = "bptt_differentiated"


def with_alignment(runs: pd.DataFrame, curves: pd.DataFrame) -> pd.DataFrame:
    """Return the runs with columns of their lowest hidden layer.

    cosine with BPTT and, told wrong targets, shuffled, after training; descent, before it.
    """
    own = joined(runs, curves)
    own = own[own["layer"] == "hidden1"]
    last, first = at_last_probe(own), own[(own["measure"] == "descent") & (own["epoch"] == 0)]
    for name, rows, reference in (
        ("cosine", last, REFERENCE),
        ("shuffled", last, "shuffled"),
        ("descent", first, REFERENCE),
    ):
        found = rows.loc[rows["reference"] == reference, ["run_id", "value"]].rename(columns={"value": name})
        runs = runs.merge(found, on="run_id", how="left")
    return runs


def tabulated(runs: pd.DataFrame, curves: pd.DataFrame) -> str:
    """Return the table in Markdown: for each task a row for each configuration."""
    data = with_alignment(runs, curves)
    frozen = data[data["rule"] == "frozen"].set_index(["task", "depth", "seed"])["accuracy"]
    keys = pd.MultiIndex.from_frame(data[["task", "depth", "seed"]])
    data["above"] = data["accuracy"] - frozen.reindex(keys).to_numpy()
    lines = []
    for task, settings in TASKS.items():
        deepest = max(DEPTHS)
        lines += [
            f"### {settings.title}",
            "",
            "| rule | feedback | complaints | "
            + " | ".join(f"{depth} layer{'s' * (depth > 1)} (%)" for depth in DEPTHS)
            + f" | minus frozen, {deepest} layers | cosine, 1 layer | cosine, {deepest} layers"
            + f" | shuffled, {deepest} layers | descent, 1 layer"
            + f" | spikes, {deepest} layers |",
            "|---" * (9 + len(DEPTHS)) + "|",
        ]
        own = data[data["task"] == task]
        own = own.assign(
            rank=[_rank(rule, feedback) for rule, feedback in zip(own["rule"], own["feedback"], strict=True)]
        )
        for (title, feedback), rows in own.sort_values("rank").groupby(["title", "feedback"], sort=False):
            deep, shallow = rows[rows["depth"] == deepest], rows[rows["depth"] == min(DEPTHS)]
            cells = [
                str(title),
                "" if feedback == NO_FEEDBACK else words(str(feedback)),
                _plain(rows["complaints"], ".2g"),
                *(_percent(rows.loc[rows["depth"] == depth, "accuracy"]) for depth in DEPTHS),
                "" if rows["rule"].iloc[0] == "frozen" else _percent(deep["above"], "+"),
                _plain(shallow["cosine"]),
                *(_plain(deep[name]) for name in ("cosine", "shuffled")),
                _plain(shallow["descent"]),
                _plain(deep["spikes_per_trial"], ".0f"),
            ]
            lines.append("| " + " | ".join(cells) + " |")
        ended = own["status"].value_counts()
        lines += ["", f"Runs: {', '.join(f'{count} {status}' for status, count in ended.items())}.", ""]
    return "\n".join(lines)


def _rank(rule: str, feedback: str) -> int:
    """Return a configuration's place; a pathway that goes unsaid is the rule's own."""
    return next(place for place, (name, own) in enumerate(RULES) if name == rule and own in ("", feedback))


def _percent(values: pd.Series, sign: str = "") -> str:
    """Return a mean with half its interval, in percent."""
    known = 100 * values.dropna()
    if known.empty:
        return "none"
    low, high = t_interval(known)
    return f"{known.mean():{sign}.1f} ± {(high - low) / 2:.1f}"


def _plain(values: pd.Series, form: str = ".2f") -> str:
    return "" if values.isna().all() else f"{values.mean():{form}}"
