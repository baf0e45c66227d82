"""What a planned comparison is between: the runs on its two sides, in each task and condition that has both."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from workbench.declare.condition import told
from workbench.declare.configuration import split_configuration
from workbench.tables.appearance import Look, looks
from workbench.tables.conditions import across, column_of
from workbench.tables.data import prepared

#: The difference of a comparison is that of the first less the second.
SIDES = ("of", "minus")


@dataclass(frozen=True, eq=False)
class Compared:
    """The two sides of a planned comparison in one task and condition.

    Attributes
    ----------
    task, task_title : str
        Of both, with the condition as far as both are in the same one.
    labels : tuple of str
        What tables call each side; with its condition, where the comparison is between conditions.
    runs : tuple of DataFrame
        Of each side, as `prepared` returns them; a run for each seed, unless the name fits several of a rule's rows.
    """

    task: str
    task_title: str
    labels: tuple[str, ...]
    runs: tuple[pd.DataFrame, ...]


def compared(runs: pd.DataFrame, contrasts: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], Compared]]:
    """Return the planned comparisons in each task and condition that has runs of both sides, in the tables' order.

    Parameters
    ----------
    runs : DataFrame
        As in `runs.parquet`.
    contrasts : sequence of mapping
        As `contrasts_table` takes them.
    """
    table = prepared(runs)
    shown = looks(table)
    found = [
        (place, number, contrast, pair)
        for number, contrast in enumerate(contrasts)
        for place, pair in _pairs(across(table, runs, list(_at(contrast, "of"))), contrast, shown)
    ]
    return [(contrast, pair) for _, _, contrast, pair in sorted(found, key=lambda item: item[:2])]


def _at(contrast: Mapping[str, Any], side: str) -> dict[str, str]:
    """Return the label of a side on each axis that it names."""
    return dict(text.split("=", 1) for text in contrast.get(f"{side}_at", ()))


def _pairs(
    table: pd.DataFrame, contrast: Mapping[str, Any], shown: Mapping[str, Look]
) -> Iterator[tuple[int, Compared]]:
    """Yield a comparison in each task and condition, with the place of that in the table."""
    sides = [_side(table, contrast, side) for side in SIDES]
    for task in table["task"].unique():
        own = tuple(side[side["task"] == task] for side in sides)
        if not all(len(side) for side in own):
            continue
        labels = tuple(
            ", ".join(filter(None, [shown[str(runs["configuration"].iloc[0])].label, told(_at(contrast, side))]))
            for runs, side in zip(own, SIDES, strict=True)
        )
        place = int((table["task"] == task).to_numpy().argmax())
        yield place, Compared(str(task), str(own[0]["task_title"].iloc[0]), labels, own)


def _side(table: pd.DataFrame, contrast: Mapping[str, Any], side: str) -> pd.DataFrame:
    """Return the runs of one side, of all tasks and conditions."""
    rule, feedback = split_configuration(contrast[side])
    keep = table["rule"] == rule
    if feedback:
        keep &= table["feedback"] == feedback
    if f"{side}_runs" in contrast:
        keep &= table["run_id"].isin(contrast[f"{side}_runs"])
    for axis, label in _at(contrast, side).items():
        keep &= table[column_of(axis)].astype(str) == label
    return table[keep]


def by_runs(planned: Mapping[str, Any], ids: Mapping[int, object]) -> dict[str, Any]:
    """Return a comparison with the ids of the runs that it is between, where it has their places in the study.

    Parameters
    ----------
    planned : mapping
        Of `workbench.study.file.contrasts.planned_contrasts`.
    ids : mapping of int
        Of the runs that there are, by place.
    """
    kept = {key: value for key, value in planned.items() if not key.endswith("_places")}
    for side in SIDES:
        if f"{side}_places" in planned:
            kept[f"{side}_runs"] = [ids[place] for place in planned[f"{side}_places"] if place in ids]
    return kept
