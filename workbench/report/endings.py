"""Runs that did not end well, and those that are missing: grouped by how and why."""

from collections.abc import Iterable

import pandas as pd

from workbench.declare.configuration import configuration_label
from workbench.report.page import Group
from workbench.report.training import counted
from workbench.tables.conditions import by_condition
from workbench.tables.text import SENTENCE, plain

#: Which come first: those that one has to do something about.
_ORDER = ("failed", "diverged", "skipped", "done")


def endings(runs: pd.DataFrame, missing: int) -> list[Group]:
    """Return the runs that are not done, or of which a number is undefined, by how they ended and why.

    Parameters
    ----------
    runs : DataFrame
        As in `runs.parquet`.
    missing : int
        How many runs of the study are not stored.
    """
    table = by_condition(runs)
    table["reason"] = table["reason"].fillna("")
    told = table[(table["status"] != "done") | (table["reason"] != "")]
    groups = [
        Group(str(status), plain(reason, SENTENCE) or "No reason was given.", list(_labels(own)))
        for (status, reason), own in told.groupby(["status", "reason"], sort=False)
    ]
    found = sorted(groups, key=lambda group: _ORDER.index(group.status))
    if missing:
        reason = f"{counted(missing, 'run')} of the study not stored yet: run the study to make them."
        found.insert(0, Group("missing", reason, []))
    return found


def _labels(runs: pd.DataFrame) -> Iterable[str]:
    """Yield runs of one rule in one task together, with their seeds."""
    for (task, title, feedback), own in runs.groupby(["task_title", "title", "feedback"], sort=False):
        seeds = sorted(set(own["seed"]))
        label = configuration_label(plain(title), str(feedback))
        yield f"{plain(task)}: {label}, seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}"
