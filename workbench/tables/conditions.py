"""The conditions of a study in its tables: what was chosen on each axis that is swept, and on that of the variants."""

import itertools
import json
from collections.abc import Collection, Sequence

import pandas as pd

from workbench.common.errors import StudyError
from workbench.declare.condition import REPLICATE, Label, told
from workbench.tables.selection import choices
from workbench.tables.text import plain

#: The column of the order in which tasks in conditions come.
PLACE = "place"


def chosen(runs: pd.DataFrame) -> list[dict[str, Label]]:
    """Return what was chosen on each axis in each run; nothing where the table has no conditions."""
    if "condition" not in runs:
        return [{} for _ in range(len(runs))]
    try:
        known = {text: dict(json.loads(text or "{}")) for text in set(runs["condition"].fillna(""))}
    except (TypeError, ValueError) as error:
        raise StudyError("runs: a condition must be a table of axes in JSON. Take runs.parquet as written.") from error
    return [known[text] for text in runs["condition"].fillna("")]


def axes(runs: pd.DataFrame) -> dict[str, list[Label]]:
    """Return the axes of a study with the labels on each, in the order of the study file; repetitions are none."""
    return {axis: labels for axis, labels in _all_axes(runs).items() if not axis.endswith(REPLICATE)}


def _all_axes(runs: pd.DataFrame) -> dict[str, list[Label]]:
    found: dict[str, dict[Label, None]] = {}
    for choice in chosen(runs):
        for axis, label in choice.items():
            found.setdefault(axis, {})[label] = None
    return {axis: list(labels) for axis, labels in found.items()}


def _with_repetitions(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs with seeds that count what is repeated: each seed in each fold, and the like, has a number."""
    repeated = {axis: labels for axis, labels in _all_axes(runs).items() if axis.endswith(REPLICATE)}
    if not repeated or "seed" not in runs:
        return runs
    seeds = sorted(set(runs["seed"]))
    order = {key: place for place, key in enumerate(itertools.product(seeds, *repeated.values()))}
    keys = [
        (seed, *(choice.get(axis, labels[0]) for axis, labels in repeated.items()))
        for seed, choice in zip(runs["seed"], chosen(runs), strict=True)
    ]
    numbered = runs.assign(seed=[order[key] for key in keys])
    if "parameters" in runs:
        paths = [key.split(".") for axis in repeated for key in axis.removesuffix(REPLICATE).split("+")]
        known = {text: _without(text, paths) for text in set(runs["parameters"])}
        numbered["parameters"] = runs["parameters"].map(known)
    return numbered


def _without(text: str, paths: list[list[str]]) -> str:
    """Return parameters, in JSON, without what differs between repetitions, which tells no rule from itself."""
    content = json.loads(text or "{}")
    for *tables, last in paths:
        inner = content
        for name in tables:
            inner = inner.get(name, {}) if isinstance(inner, dict) else {}
        if isinstance(inner, dict):
            inner.pop(last, None)
    return json.dumps(content)


def column_of(axis: str) -> str:
    """Return the name of the column of an axis, which may be called as another column is."""
    return f"axis {axis}"


def by_condition(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs with each task in each condition as a task of its own, in the order of the study file.

    Where a study repeats itself, in folds and the like, each seed in each of them counts as a seed of its own. A run
    that an axis changes nothing of stands at each of its values: it is what the others there are compared with.

    Parameters
    ----------
    runs : DataFrame
        As in `runs.parquet`.

    Returns
    -------
    DataFrame
        With the task's and the title's name followed by the condition, a column for each axis, and no `condition`;
        `PLACE` is that of the task in its condition among all.
    """
    known = axes(runs)
    runs = _with_repetitions(runs)
    if not known:
        return runs.drop(columns="condition", errors="ignore")
    places, choices = [], []
    for place, choice in enumerate(chosen(runs)):
        for labels in itertools.product(*([choice[axis]] if axis in choice else own for axis, own in known.items())):
            places.append(place)
            choices.append(labels)
    result = runs.iloc[places].drop(columns="condition").reset_index(drop=True)
    tasks, orders = sorted(set(runs["task"])), [list(labels).index for labels in known.values()]
    result[PLACE] = [
        (tasks.index(task), *(order(label) for order, label in zip(orders, labels, strict=True)))
        for task, labels in zip(result["task"], choices, strict=True)
    ]
    words = {labels: told(dict(zip(known, labels, strict=True))) for labels in set(choices)}
    result["task"] = [f"{task} ({words[labels]})" for task, labels in zip(result["task"], choices, strict=True)]
    if "task_title" in result:
        pairs = zip(result["task_title"], choices, strict=True)
        result["task_title"] = [f"{title}, {words[labels]}" for title, labels in pairs]
    for index, axis in enumerate(known):
        result[column_of(axis)] = pd.Series([labels[index] for labels in choices], dtype=object)
    return result


def selected(runs: pd.DataFrame, where: Sequence[str]) -> pd.DataFrame:
    """Return the runs of some conditions.

    Parameters
    ----------
    runs : DataFrame
        As in `runs.parquet`.
    where : sequence of str
        Axes with one of their labels, such as ``depth=2``; several of one axis are all shown.

    Raises
    ------
    StudyError
        Where there is no such axis or label.
    """
    asked = choices(where, axes(runs), "--where")
    keep = [all(choice.get(axis) in {None, *labels} for axis, labels in asked.items()) for choice in chosen(runs)]
    return runs[keep]


def across(table: pd.DataFrame, runs: pd.DataFrame, named: Collection[str]) -> pd.DataFrame:
    """Return prepared runs with tasks that some axes do not tell apart, so that their labels can be compared.

    Parameters
    ----------
    table : DataFrame
        Of `workbench.tables.data.prepared`.
    runs : DataFrame
        What that was made of.
    named : collection of str
        The axes.
    """
    if not named:
        return table
    rest = [axis for axis in axes(runs) if axis not in named]
    labels = table[[column_of(axis) for axis in rest]].itertuples(index=False, name=None)
    words = [told(dict(zip(rest, row, strict=True))) for row in labels]
    bare = runs.drop_duplicates("run_id").set_index("run_id")
    tasks, titles = (table["run_id"].map(bare[name]) for name in ("task", "task_title"))
    return table.assign(
        task=[f"{task} ({word})" if word else task for task, word in zip(tasks, words, strict=True)],
        task_title=[plain(f"{title}, {word}" if word else title) for title, word in zip(titles, words, strict=True)],
    )
