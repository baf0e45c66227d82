"""The data behind the figures of a sweep: what is achieved at each value of an axis."""

import itertools
import math

import pandas as pd

from workbench.common.errors import StudyError, nearest
from workbench.declare.condition import told
from workbench.declare.configuration import words
from workbench.declare.references import EXACT_GRADIENTS, reset_title
from workbench.tables.conditions import axes, column_of
from workbench.tables.data import at_last_probe, joined, prepared

#: Measures of a run as a whole, and what axes call them.
_OF_RUNS = {"accuracy": "test accuracy (%)", "loss": "test loss", "spikes_per_trial": "hidden spikes\nper trial"}


def sweep_data(runs: pd.DataFrame, curves: pd.DataFrame, axis: str) -> pd.DataFrame:
    """Return the data behind `sweep_curves`: one row per panel and run.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`.
    axis : str
        Of the study.

    Returns
    -------
    DataFrame
        Columns panel, measure, task, rest (what was chosen on the other axes), x (the label on the axis),
        configuration, rule, feedback, seed, value, neutral (chance for an accuracy [%], 0 for a cosine). Measures are
        test accuracy [%] or, where no task has classes, loss; hidden spikes per trial, where there are any; and for
        each layer that is there at all values of the axis the cosines with both variants of BPTT at the last probe.
        Only of runs that are done.

    Raises
    ------
    StudyError
        Where the study has no such axis.
    """
    known = axes(runs)
    if axis not in known:
        raise StudyError(f"'{axis}' is not an axis of the study. {nearest(axis, known)}")
    table = _placed(runs, axis, [name for name in known if name != axis])
    # Of a study without training, accuracy is that of the initial weights, and nobody's.
    trained = "epochs" not in table or bool((table["epochs"] != 0).any())
    achieved = ["accuracy" if table["accuracy"].notna().any() else "loss"] if trained else []
    # Without hidden layers there is nothing that could spike.
    spiking = "spikes_per_trial" in table and bool((pd.to_numeric(table["spikes_per_trial"]) > 0).any())
    wanted = [*achieved, *(["spikes_per_trial"] if spiking or not achieved else [])]
    parts = [_of_runs(table, name) for name in wanted if name in table and table[name].notna().any()]
    parts += _cosines(table, joined(runs, curves), len(known[axis]))
    data = pd.concat(parts, ignore_index=True).dropna(subset="value")
    panels = data[["measure", "base", "rest"]].drop_duplicates().reset_index(drop=True)
    panels["panel"] = [f"{index + 1}" for index in panels.index]
    data = data.merge(panels, on=["measure", "base", "rest"]).drop(columns="task").rename(columns={"base": "task"})
    columns = ["panel", "measure", "task", "rest", "x", "configuration", "rule", "feedback", "seed", "value", "neutral"]
    return data[columns]


def _placed(runs: pd.DataFrame, axis: str, others: list[str]) -> pd.DataFrame:
    """Return the runs that are done, with where they stand: the title of their task, the axis, and the other axes."""
    table = prepared(runs)
    table = table[table["status"] == "done"]
    rest = [
        told(dict(zip(others, labels, strict=True)))
        for labels in table[list(map(column_of, others))].itertuples(index=False)
    ]
    # Without the condition, which is that of the panel and its axis.
    titles = runs.drop_duplicates("run_id").set_index("run_id")["task_title" if "task_title" in runs else "task"]
    return table.assign(x=table[column_of(axis)], rest=rest, base=table["run_id"].map(titles))


def _of_runs(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a measure of runs as a whole."""
    percent = 100 if name == "accuracy" else 1
    neutral = 100 * table["chance"] if name == "accuracy" else math.nan
    return table.assign(measure=_OF_RUNS[name], value=pd.to_numeric(table[name]) * percent, neutral=neutral)


def _cosines(table: pd.DataFrame, own: pd.DataFrame, values: int) -> list[pd.DataFrame]:
    """Return the cosines of the layers that are there at all values of the axis."""
    last = at_last_probe(own)
    last = last[last["reference"].isin(list(EXACT_GRADIENTS))].drop_duplicates(["run_id", "layer", "reference"])
    found = table.merge(last[["run_id", "layer", "reference", "value"]], on="run_id")
    everywhere = [layer for layer, rows in found.groupby("layer", sort=False) if rows["x"].nunique() == values]
    pairs = itertools.product([layer for layer in everywhere if layer != "readout"], EXACT_GRADIENTS)
    return [
        found[(found["layer"] == layer) & (found["reference"] == reference)].assign(
            measure=f"cosine, {words(str(layer))}\n({reset_title(reference)})", neutral=0.0
        )
        for layer, reference in pairs
    ]
