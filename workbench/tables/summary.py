"""The table of a study: the summary of every configuration."""

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from workbench.common.errors import StudyError, nearest
from workbench.declare.configuration import NO_FEEDBACK, words
from workbench.declare.references import BY_DEFAULT, EXACT_GRADIENTS
from workbench.tables.appearance import Look, looks
from workbench.tables.data import accuracy_data, at_last_probe, baseline_of, joined, prepared
from workbench.tables.notes import troubles, undefined
from workbench.tables.statistics import t_interval


def summary_table(runs: pd.DataFrame, curves: pd.DataFrame, references: Sequence[str] = (BY_DEFAULT,)) -> pd.DataFrame:
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
        accuracy_high (95 % t interval) [%], "minus_<baseline>" with "..._low" and "..._high" (the difference in
        accuracy, paired by seed) [percentage points], reward with reward_low and reward_high, chance_reward and
        best_reward (no columns where no answer is worth anything), "cosine <reference> <layer>" at the last epoch,
        complaints, loss, spikes_per_trial, seconds, status (how many runs ended how), notes (why runs or values are
        missing). Undefined numbers are NaN.
    """
    table = prepared(runs)
    shown = looks(table)
    cosines = _last_cosines(runs, curves, references)
    differences = _differences(runs)
    rows = []
    for task in table["task"].unique():
        for key in shown:
            group = table[(table["task"] == task) & (table["configuration"] == key)]
            if not group.empty:
                rows.append(_row(group, cosines, differences, shown))
    return pd.DataFrame(rows)


def _differences(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the differences from the baseline, by task and configuration; no columns where there is no baseline."""
    baseline = baseline_of(runs)
    if baseline is None:
        return pd.DataFrame()
    name = f"minus_{baseline[0]}"
    data = accuracy_data(runs, baseline).drop_duplicates(["task", "configuration"])
    data = data.rename(columns={"mean": name, "low": f"{name}_low", "high": f"{name}_high"})
    return data.set_index(["task", "configuration"])[[name, f"{name}_low", f"{name}_high"]]


def _row(
    group: pd.DataFrame, cosines: Mapping[str, pd.DataFrame], differences: pd.DataFrame, shown: Mapping[str, Look]
) -> dict[str, object]:
    """Return the row of the runs of one task and configuration."""
    first = group.iloc[0]
    look = shown[str(first["configuration"])]
    done = group[group["status"] == "done"]
    low, high = t_interval(100 * done["accuracy"])
    own = {name: values[values["run_id"].isin(done["run_id"])] for name, values in cosines.items()}
    notes = troubles(group, shown)
    if own:
        notes += [f"Cosine, {note}" for note in undefined(pd.concat(own.values()), shown)]
    further = ("loss", "spikes_per_trial", "seconds")
    place = (first["task"], first["configuration"])
    apart = differences.loc[place] if place in differences.index else dict.fromkeys(differences, float("nan"))
    return {
        "task": first["task"], "task_title": first["task_title"], "configuration": first["configuration"],
        "rule": look.rule_label, "feedback": "" if look.feedback == NO_FEEDBACK else words(look.feedback),
        "n": len(done), "accuracy": 100 * done["accuracy"].mean(), "accuracy_low": low, "accuracy_high": high,
        **dict(apart), **_rewards(done),
        **{name: values["value"].mean() for name, values in own.items()},
        "complaints": group["complaints"].dropna().mean() if "complaints" in group else float("nan"),
        **{name: done[name].mean() if name in done else float("nan") for name in further},
        "status": ", ".join(f"{count} {status}" for status, count in group["status"].value_counts().items()),
        "notes": " ".join(notes),
    }  # fmt: skip


def _rewards(done: pd.DataFrame) -> dict[str, float]:
    """Return what answers are worth, and what those of chance and the best ones are; nothing where nobody says."""
    if "reward" not in done or not done["reward"].notna().any():
        return {}
    low, high = t_interval(done["reward"])
    known = {name: float(done[name].iloc[0]) for name in ("chance_reward", "best_reward")}
    return {"reward": float(done["reward"].mean()), "reward_low": low, "reward_high": high, **known}


def _last_cosines(runs: pd.DataFrame, curves: pd.DataFrame, references: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return, for each column of cosines, the value of each finished run at its last probe."""
    for reference in references:
        if reference not in EXACT_GRADIENTS:
            raise StudyError(f"'{reference}' is not a variant of BPTT. {nearest(reference, EXACT_GRADIENTS)}")
    data = joined(runs, curves)
    last = at_last_probe(data)
    last = last[last["reference"].isin(list(references))]
    known = set(last.loc[last["value"].notna(), "layer"])
    # Weights beside the stack that nobody teaches have no column.
    layers = sorted((name for name in last["layer"].unique() if name in known or _in_stack(name)), key=_place)
    return {
        f"cosine {reference} {layer}": last[(last["reference"] == reference) & (last["layer"] == layer)]
        for reference in references
        for layer in layers
    }


def _in_stack(layer: str) -> bool:
    return re.fullmatch(r"readout|hidden\d+(_recurrent)?", layer) is not None


def _place(layer: str) -> tuple[bool, int, str, str]:
    """Return where a layer's column stands: from the input up, weights onto itself after those from below."""
    below = layer.removesuffix("_recurrent")
    return below == "readout", len(below), below, layer
