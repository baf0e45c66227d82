"""What was trained, from the table of runs: tasks, networks, rules, seeds and epochs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from workbench.declare.configuration import words
from workbench.report.content import Cell, Heading, Table
from workbench.tables.conditions import axes
from workbench.tables.text import plain

#: Values that are listed one by one; of more, their number is told.
_LISTED = 6

#: Columns that follow from the parameters of a run: where each value is, and the column.
_CHOICES = (
    (("network", "neuron"), Heading("neurons", meaning="The model of the hidden neurons.")),
    (("network", "readout"), Heading("readout", meaning="The model of the readout.")),
    (("network", "loss"), Heading("loss", meaning="Of the readout.")),
    (("train", "optimizer"), Heading("optimizer", meaning="Of all weights that learn.")),
    (("train", "learning_rate"), Heading("learning rate", meaning="Of the first epoch.", numeric=True)),
    (("train", "batch"), Heading("batch", meaning="Trials from one update to the next.", numeric=True)),
)


def lead(runs: pd.DataFrame, planned: int) -> str:
    """Return in a sentence what was run.

    Parameters
    ----------
    runs : DataFrame
        As in `runs.parquet`.
    planned : int
        How many runs the study has.
    """
    tasks, seeds = runs["task"].nunique(), sorted(set(runs["seed"]))
    ways = runs[["rule", "feedback"]].drop_duplicates()
    parts = [counted(tasks, "task"), f"{counted(len(ways), 'rule')} with feedback", counted(len(seeds), "seed")]
    told = f"{counted(planned, 'run')}: {', '.join(parts[:-1])} and {parts[-1]} ({listed(seeds)})."
    varied = {axis: labels for axis, labels in axes(runs).items() if len(labels) > 1}
    if varied:
        along = "; ".join(f"{words(axis)} ({listed(labels)})" for axis, labels in varied.items())
        told += f" Varied: {along}."
    return told


def counted(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number} {noun}{'s' * (number != 1)}"


def listed(values: Iterable[object]) -> str:
    """Return values in words: each of a few, the ends and the number of many."""
    texts = [str(value) for value in values]
    if len(texts) <= _LISTED:
        return ", ".join(texts)
    return f"{texts[0]}, {texts[1]}, \u2026, {texts[-1]}: {len(texts)} in all"


def trained_table(runs: pd.DataFrame) -> Table:
    """Return a row for each task: the network, and how it was trained.

    Parameters
    ----------
    runs : DataFrame
        As in `runs.parquet`.
    """
    headings = [
        Heading("task"),
        Heading("network", meaning="Neurons in each layer, from the inputs to the outputs; r: a layer reaches itself."),
        *(heading for _, heading in _CHOICES),
        Heading("epochs", numeric=True),
        Heading("trials", meaning="Training trials behind it at the end of a run.", numeric=True),
    ]
    rows = []
    for _, own in runs.groupby("task", sort=False):
        known = [json.loads(text or "{}") for text in dict.fromkeys(own["parameters"])]
        cells = [str(own["task_title"].iloc[0]), _values(own["network"])]
        cells += [_values(_found(parameters, path) for parameters in known) for path, _ in _CHOICES]
        cells += [_values(own[name].dropna()) for name in ("epochs", "trials")]
        rows.append([Cell(plain(text, 200)) for text in cells])
    return Table("What was trained", headings, rows)


def _found(parameters: Mapping[str, Any], path: Sequence[str]) -> str:
    for name in path:
        parameters = parameters.get(name, {}) if isinstance(parameters, Mapping) else {}
    if isinstance(parameters, int | float):
        return f"{parameters:g}"
    return words(parameters) if isinstance(parameters, str) else ""


def _values(values: Iterable[object]) -> str:
    """Return the values that there are, each once."""
    return listed(dict.fromkeys(str(value) for value in values if str(value))) or "\u2013"
