"""Every figure of a study, one after the other: drawn, with the data behind its panels and its caption."""

from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from workbench.declare.configuration import words
from workbench.declare.measure import Measure
from workbench.declare.references import EXACT_GRADIENTS
from workbench.declare.study_figure import StudyFigure
from workbench.figures.accuracy import accuracy_dots
from workbench.figures.captions import BANDS, BARS, DOTS, MEANS, RANGES, caption, searched
from workbench.figures.curves import alignment_curves, learning_curves
from workbench.figures.depth import alignment_by_depth
from workbench.figures.drawing import Drawing, Results, draws_of
from workbench.figures.matrix import alignment_matrix
from workbench.figures.of_plugins import of_plugins
from workbench.figures.search import ROWS, search_map
from workbench.figures.sweep import COLUMNS, sweep_curves
from workbench.figures.trade_off import trade_off
from workbench.measures.records import MEASURES, PERFORMANCE
from workbench.tables.alignment import depth_data, matrix_data, trade_off_data
from workbench.tables.conditions import axes, by_condition
from workbench.tables.data import (
    accuracy_data,
    alignment_data,
    baseline_of,
    joined,
    learning_data,
    prepared,
)
from workbench.tables.search import search_data
from workbench.tables.sweep import sweep_data
from workbench.tables.text import file_stem


def drawings(results: Results, figures: Iterable[StudyFigure] = ()) -> Iterator[Drawing]:
    """Yield the figures of a study.

    Those of its search come first. Along axes with more than one value, what is achieved at each value; of one
    condition alone, all that there is.

    Parameters
    ----------
    results : Results
        Of the study, or of a part of it.
    figures : iterable of StudyFigure
        Those of plugins, which come last.
    """
    runs, curves = results.runs, results.curves
    yield from _of_search(results)
    varied = [axis for axis, labels in axes(runs).items() if len(labels) > 1]
    measures = (*MEASURES.values(), *getattr(results, "measures", ()))
    yield from _sweeps(runs, curves, varied) if varied else _of_one_condition(by_condition(runs), curves, measures)
    if (runs["status"] == "done").any():
        yield from of_plugins(results, figures)


def _of_search(results: Results) -> Iterator[Drawing]:
    """Draw the search of a study, in as many figures as its tasks need."""
    draws = draws_of(results)
    if draws is None:
        return
    data = search_data(draws)
    count = data["task"].nunique()
    for part in range(-(-count // ROWS)):
        name = "search" if count <= ROWS else f"search_{part + 1}"
        yield Drawing(name, search_map(draws, part), data, searched(draws))


def _of_alignment(runs: pd.DataFrame, curves: pd.DataFrame) -> Iterator[Drawing]:
    """Draw alignment by depth, against what rules need to know, and between all rules, as far as it was measured."""
    own = joined(runs, curves)
    cosines = own[(own["measure"] == "cosine") & own["reference"].isin(list(EXACT_GRADIENTS))]
    if cosines["layer"].eq("hidden2").any():
        told = caption("Cosine with the exact gradient by depth, at the last probe.", runs, DOTS)
        yield Drawing("cosine_by_depth", alignment_by_depth(runs, curves), depth_data(runs, curves), told)
    if not cosines.empty and "complaints" in runs and runs["complaints"].notna().any():
        told = caption("Test accuracy against what a rule needs to know.", runs, RANGES)
        yield Drawing("trade_off", trade_off(runs, curves), trade_off_data(runs, curves), told)
    asked = curves[curves["estimate"] != ""] if "estimate" in curves else curves.iloc[:0]
    for task in runs.loc[runs["run_id"].isin(asked["run_id"]) & (runs["status"] == "done"), "task"].unique():
        what = f"{_title(runs, task)}: cosines between the estimates of all rules, at the same weights."
        told = caption(what, runs[runs["task"] == task], MEANS)
        figure, data = alignment_matrix(runs, curves, task), matrix_data(runs, curves, task)
        yield Drawing(f"matrix_{file_stem(task)}", figure, data, told)


def _title(runs: pd.DataFrame, task: str) -> str:
    return str(prepared(runs[runs["task"] == task])["task_title"].iloc[0])


def _sweeps(runs: pd.DataFrame, curves: pd.DataFrame, varied: Sequence[str]) -> Iterator[Drawing]:
    """Draw what is achieved along each axis, as far as any run is done."""
    if not (runs["status"] == "done").any():
        return
    for axis in varied:
        data = sweep_data(runs, curves, axis)
        columns = len(data[["task", "rest"]].drop_duplicates())
        told = caption(f"What is achieved along the axis '{words(axis)}'.", runs, DOTS)
        for part in range(-(-columns // COLUMNS)):
            name = f"along_{file_stem(axis)}" + (f"_{part + 1}" if columns > COLUMNS else "")
            yield Drawing(name, sweep_curves(runs, curves, axis, part), data, told)


def _of_one_condition(runs: pd.DataFrame, curves: pd.DataFrame, measures: Iterable[Measure]) -> Iterator[Drawing]:
    """Draw accuracy, learning and alignment of the runs of one condition."""
    table = prepared(runs)
    done = table[table["status"] == "done"]
    if done.empty:
        return
    classified = runs[runs["task"].isin(done.loc[done["accuracy"].notna(), "task"])]
    if not classified.empty:
        told = caption("Accuracy on the test split after training.", classified, BARS)
        yield Drawing("accuracy", accuracy_dots(classified), accuracy_data(classified), told)
        baseline = baseline_of(classified)
        if baseline is not None:
            what = f"Accuracy on the test split less that of '{baseline[0]}', seed by seed."
            data, told = accuracy_data(classified, baseline), caption(what, classified, BARS)
            yield Drawing(f"accuracy_minus_{baseline[0]}", accuracy_dots(classified, baseline), data, told)
    learning = learning_data(runs, curves)
    if not learning.empty:
        told = caption("Accuracy, loss and hidden spikes on the validation split along training.", runs, BANDS)
        yield Drawing("learning", learning_curves(runs, curves), learning, told)
    yield from _of_alignment(runs, curves)
    for task in done["task"].unique():
        yield from _along_training(runs[runs["task"] == task], curves, measures)


def _along_training(runs: pd.DataFrame, curves: pd.DataFrame, measures: Iterable[Measure]) -> Iterator[Drawing]:
    """Draw what was measured of each layer along training, of one task."""
    recorded = set(joined(runs, curves)["measure"])
    task = str(runs["task"].iloc[0])
    for measure in measures:
        if measure.name in recorded and measure not in PERFORMANCE:
            told = caption(f"{_title(runs, task)}: {measure.title}, layer by layer.", runs, BANDS)
            figure, data = alignment_curves(runs, curves, measure), alignment_data(runs, curves, measure)
            yield Drawing(f"{measure.name}_{file_stem(task)}", figure, data, told)
