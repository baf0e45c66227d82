"""The figure of a search: what more draws bring, and where in the space the good ones are."""

from collections.abc import Mapping

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator

from workbench.figures import legend, style
from workbench.tables.appearance import Look, looks
from workbench.tables.search import judged_by, search_data

#: Rows of panels in one figure.
ROWS = 4

#: Below this ratio of the largest to the least value, powers of ten alone would be too few marks.
_NARROW = 100.0


def search_map(draws: pd.DataFrame, part: int = 0, colours: Mapping[str, str] | None = None) -> Figure:
    """Return a figure of a search: at the left the best so far, beside it all draws over each of their settings.

    Parameters
    ----------
    draws : DataFrame
        As `Results.draws`.
    part : int
        Which `ROWS` of tasks, each in each condition, are shown.
    colours : mapping of str to str, optional
        Colours by rule name that replace the standard ones.
    """
    data = search_data(draws)
    by = judged_by(draws)
    shown = looks(data.assign(parameters=""), colours)
    tasks = list(dict.fromkeys(data["task"]))[part * ROWS : (part + 1) * ROWS]
    settings = list(dict.fromkeys(data["setting"]))
    with style.style():
        colour, strokes = legend.handles(list(shown.values()))
        notes = ["At the left: the best draw so far. Beside: every draw that could be trained; ringed: the one chosen."]
        width = style.SINGLE if len(settings) < 3 else style.DOUBLE
        figure, top = legend.canvas(width, 6 + 42 * len(tasks), [colour, strokes], notes)
        panels = top.subplots(len(tasks), len(settings), sharey="row", squeeze=False)
        for row, task in enumerate(tasks):
            own = data[data["task"] == task]
            panels[row, 0].set_title(str(own["task_title"].iloc[0]), loc="left")
            panels[row, 0].set_ylabel(f"validation {by}" + (" (%)" if by == "accuracy" else ""))
            for column, setting in enumerate(settings):
                panel = panels[row, column]
                _draw(panel, own[own["setting"] == setting], shown, lines=not setting)
                panel.set_xlabel(_called(setting, data) if setting else "draws")
        for index, panel in enumerate(panels.flat):
            style.letter(panel, index)
        sns.despine(fig=figure)
    return figure


def _called(setting: str, data: pd.DataFrame) -> str:
    unit = str(data.loc[data["setting"] == setting, "unit"].iloc[0])
    return setting.rpartition(".")[2].replace("_", " ") + (f" ({unit})" if unit else "")


def _draw(panel: Axes, data: pd.DataFrame, shown: Mapping[str, Look], lines: bool) -> None:
    for key, look in reversed(list(shown.items())):
        own = data[data["configuration"] == key]
        if lines:
            for _, line in own.groupby("cell"):
                panel.step(line["x"], line["value"], where="post", color=look.colour, linestyle=look.linestyle)
            continue
        panel.plot(own["x"], own["value"], look.stroke.marker, color=look.colour, markersize=2.6 * look.stroke.size,
                   markeredgewidth=0, alpha=0.7)  # fmt: skip
        best = own[own["chosen"]]
        panel.plot(best["x"], best["value"], "o", markersize=6, markerfacecolor="none", markeredgecolor=look.colour,
                   markeredgewidth=0.8)  # fmt: skip
    if lines:
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    elif len(data) and data["x"].min() > 0 and data["x"].max() / data["x"].min() > 5:
        panel.set_xscale("log")
        style.plain_numbers(panel.xaxis)
        if data["x"].max() / data["x"].min() < _NARROW:
            panel.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
