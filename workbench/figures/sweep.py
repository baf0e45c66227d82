"""The figure of a sweep: what each rule achieves at each value of an axis."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from workbench.declare.condition import Label
from workbench.figures import legend, style
from workbench.tables.appearance import Look, looks
from workbench.tables.conditions import axes
from workbench.tables.data import prepared
from workbench.tables.notes import troubles
from workbench.tables.sweep import sweep_data

#: Columns of panels in one figure, and trouble that is told under it.
COLUMNS, TOLD = 4, 4

#: Labels with more letters than this do not fit beside each other.
_ABREAST = 40

#: Beyond this ratio of the largest to the least value an axis is logarithmic.
_WIDE = 20.0


def sweep_curves(
    runs: pd.DataFrame, curves: pd.DataFrame, axis: str, part: int = 0, colours: Mapping[str, str] | None = None
) -> Figure:
    """Return a figure of what configurations achieve along one axis: a row for each measure, a column for each task.

    Large marks are means over the seeds that finished, small dots the seeds. Values that are numbers are joined by
    lines; those that are words are not.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`.
    axis : str
        Of the study.
    part : int
        Which `COLUMNS` of tasks, each in each condition of the other axes, are shown.
    colours : mapping of str to str, optional
        Colours by rule name that replace the standard ones.
    """
    data = sweep_data(runs, curves, axis)
    labels = axes(runs)[axis]
    table = prepared(runs)
    shown = {key: look for key, look in looks(table, colours).items() if key in set(data["configuration"])}
    columns = data[["task", "rest"]].drop_duplicates().iloc[part * COLUMNS : (part + 1) * COLUMNS]
    measures = list(data["measure"].unique())
    with style.style():
        colour, strokes = legend.handles(list(shown.values()))
        notes = _notes(data["neutral"].dropna(), troubles(table, looks(table, colours)))
        width = style.SINGLE if len(columns) == 1 else style.DOUBLE
        figure, top = legend.canvas(width, 10 + 36 * len(measures), [colour, strokes], notes)
        panels = top.subplots(len(measures), len(columns), sharex=True, sharey="row", squeeze=False)
        for column, (task, rest) in enumerate(columns.itertuples(index=False)):
            own = data[(data["task"] == task) & (data["rest"] == rest)]
            panels[0, column].set_title("\n".join(filter(None, [str(task), str(rest)])))
            for row, measure in enumerate(measures):
                panels[row, 0].set_ylabel(measure)
                _draw(panels[row, column], own[own["measure"] == measure], labels, shown)
            panels[-1, column].set_xlabel(axis.replace("_", " "))
        for index, panel in enumerate(panels.flat if panels.size > 1 else ()):
            style.letter(panel, index)
        sns.despine(fig=figure)
    return figure


def _notes(neutral: pd.Series, told: list[str]) -> list[str]:
    """Return what is said under the panels, of trouble no more than there is room for."""
    lines = [*(["chance"] if neutral.gt(0).any() else []), *(["a cosine of 0"] if neutral.eq(0).any() else [])]
    dotted = f" Dotted: {', '.join(lines)}." if lines else ""
    notes = [f"Large marks: mean over the seeds that finished; small dots: seeds.{dotted}"]
    more = len(told) - TOLD
    return [*notes, *told[:TOLD], *([f"{more} more such notes are in the summary."] if more > 0 else [])]


def _draw(panel: Axes, data: pd.DataFrame, labels: Sequence[Label], shown: Mapping[str, Look]) -> None:
    """Draw the values of each configuration over those of the axis."""
    if data.empty:
        panel.annotate("not in these networks", (0.5, 0.5), xycoords="axes fraction", ha="center", style="italic",
                       color=style.GREY, size="small")  # fmt: skip
    elif data["neutral"].notna().any():
        neutral = float(data["neutral"].iloc[0])
        panel.axhline(neutral, color=style.GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=0)
    ordered = all(isinstance(label, int | float) for label in labels)
    places = {label: float(label) if ordered else float(index) for index, label in enumerate(labels)}
    # Beside each other where nothing lies between two values, so that marks do not hide each other.
    width = 0.0 if ordered else 0.6 / max(len(shown), 1)
    for index, (key, look) in reversed(list(enumerate(shown.items()))):
        own = data[data["configuration"] == key]
        x = own["x"].map(places) + (index - (len(shown) - 1) / 2) * width
        means = own.assign(at=x).groupby("at")["value"].mean()
        panel.plot(x, own["value"], ".", color=look.colour, markersize=2, alpha=0.5)
        panel.plot(means.index, means, color=look.colour, linestyle=look.linestyle if ordered else "none",
                   marker=look.stroke.marker, markersize=3.4 * look.stroke.size, markeredgecolor="white",
                   markeredgewidth=0.3)  # fmt: skip
    _ticks(panel, labels, places, ordered)


def _ticks(panel: Axes, labels: Sequence[Label], places: Mapping[Label, float], ordered: bool) -> None:
    values = np.array(list(places.values()))
    if ordered and values.min() > 0 and values.max() / values.min() > _WIDE:
        panel.set_xscale("log")
        panel.xaxis.set_minor_locator(NullLocator())
    if not ordered or len(labels) <= 8:
        told = [f"{label:g}" if ordered else str(label).replace("_", " ") for label in labels]
        turned = sum(map(len, told)) > _ABREAST
        panel.set_xticks(values, told, rotation=40 if turned else 0, ha="right" if turned else "center",
                         rotation_mode="anchor")  # fmt: skip
    if not ordered:
        panel.set_xlim(-0.5, len(labels) - 0.5)
