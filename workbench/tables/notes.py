"""What is missing from a figure or table, and why, in sentences."""

from collections.abc import Mapping

import pandas as pd

from workbench.declare.configuration import words
from workbench.tables.appearance import Look


def troubles(table: pd.DataFrame, shown: Mapping[str, Look]) -> list[str]:
    """Return one sentence for each kind of run that did not finish, or of which a number is undefined.

    They are in no mean of what they lack.

    Parameters
    ----------
    table : DataFrame
        As `workbench.tables.data.prepared` returns it, or some of its rows.
    shown : mapping of str to Look
        By configuration.
    """
    bad = table[(table["status"] != "done") | (table["reason"] != "")]
    sentences = []
    for (task, key, status, reason), group in bad.groupby(
        ["task_title", "configuration", "status", "reason"], sort=False
    ):
        seeds = ", ".join(str(seed) for seed in sorted(group["seed"]))
        plural = "seeds" if len(group) > 1 else "seed"
        sentences.append(f"{task}: {shown[str(key)].label} {status} ({plural} {seeds}): {_told(reason)}.")
    return sentences


def undefined(rules: pd.DataFrame, shown: Mapping[str, Look]) -> list[str]:
    """Return one sentence for each configuration and reason why values are missing."""
    sentences = []
    for (key, reason), group in rules[rules["value"].isna()].groupby(["configuration", "reason"], sort=False):
        layers = sorted(group["layer"].unique())
        total = len(rules[(rules["configuration"] == key) & rules["layer"].isin(layers)])
        amount = "undefined" if len(group) == total else f"{len(group)} of {total} values undefined"
        where = ", ".join(words(str(layer)) for layer in layers)
        sentences.append(f"{shown[str(key)].label}: {amount} in {where}: {_told(reason)}.")
    return sentences


def _told(reason: object) -> str:
    """Return a reason as the end of a sentence, whose period follows."""
    return str(reason).rstrip(". ") or "no reason given"
