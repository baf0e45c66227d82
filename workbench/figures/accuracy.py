"""The figure of final accuracies: every seed, the mean, and the interval."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from workbench.declare.configuration import configuration_name
from workbench.figures import legend, style
from workbench.tables.appearance import Look, looks
from workbench.tables.data import accuracy_data, prepared
from workbench.tables.notes import troubles
from workbench.tables.statistics import INTERVAL_FROM


def _dots(ax: Axes, frame: pd.DataFrame, order: Sequence[str], shown: Mapping[str, Look]) -> None:
    """Draw each configuration in a row of its own: the mean with its interval, and the seeds just below."""
    rows = {key: index for index, key in enumerate(order)}
    seeds = frame.assign(row=frame["configuration"].map(rows) + 0.24)
    palette = {key: shown[key].colour for key in order}
    sns.scatterplot(seeds, x="value", y="row", hue="configuration", palette=palette, ax=ax, s=6, alpha=0.6,
                    linewidth=0, legend=False)  # fmt: skip
    for key, row in rows.items():
        chosen = frame[frame["configuration"] == key]
        if chosen["value"].notna().sum() == 0:
            text = ", ".join(chosen["status"].unique()) if len(chosen) else "not in the study"
            ax.annotate(text, (0.02, row), xycoords=("axes fraction", "data"), va="center", style="italic",
                        color=style.GREY, size="small")  # fmt: skip
            continue
        first = chosen.iloc[0]
        if first["n"] >= INTERVAL_FROM:
            ax.plot([first["low"], first["high"]], [row - 0.1] * 2, color=shown[key].colour, linewidth=1.1)
        stroke = shown[key].stroke
        ax.plot(first["mean"], row - 0.1, marker=stroke.marker, color=shown[key].colour, markersize=4.4 * stroke.size,
                markeredgecolor="white", markeredgewidth=0.5, linestyle="none", zorder=5)  # fmt: skip
    ax.set(ylabel="", yticks=range(len(order)), ylim=(len(order) - 0.4, -0.6))
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.grid(axis="x", color=style.PALE, linewidth=0.5)
    ax.set_axisbelow(True)


def accuracy_dots(
    runs: pd.DataFrame, baseline: tuple[str, str] | None = None, colours: Mapping[str, str] | None = None
) -> Figure:
    """Return a figure of the test accuracy of each configuration, one panel per task.

    Small dots are seeds, the large mark is their mean; 95 % t intervals from five seeds on.

    Parameters
    ----------
    runs : DataFrame
        As in `runs.parquet`.
    baseline : tuple of (rule, feedback), optional
        Show paired differences to this configuration instead.
    colours : mapping of str to str, optional
        Colours by rule name that replace the standard ones.
    """
    data = accuracy_data(runs, baseline)
    table = prepared(runs)
    shown = looks(table, colours)
    order = [key for key in shown if key in set(data["configuration"])]
    tasks = list(data["task"].unique())
    with style.style():
        notes = [*_legend_of_dots(data), *troubles(table, shown)]
        width = style.SINGLE if len(tasks) == 1 else style.DOUBLE
        labels = [legend.folded(shown[key].label) for key in order]
        row = max(4.6, 2.7 * max(label.count("\n") + 1 for label in labels))
        figure, top = legend.canvas(width, 15 + row * len(order), [], notes)
        axes = top.subplots(1, len(tasks), sharey=True, squeeze=False)[0]
        for index, (ax, task) in enumerate(zip(axes, tasks, strict=True)):
            panel = data[data["task"] == task]
            _dots(ax, panel, order, shown)
            ax.set_yticklabels(labels)
            ax.set_title(str(panel["task_title"].iloc[0]))
            _reference(ax, panel, baseline, shown)
            if len(tasks) > 1:
                style.letter(ax, index)
        sns.despine(fig=figure, left=True)
        for ax in axes:
            ax.tick_params(axis="y", length=0)
    return figure


def _legend_of_dots(data: pd.DataFrame) -> list[str]:
    seeds = data["seed"].nunique()
    if seeds == 1:
        return ["One seed."]
    many = seeds >= INTERVAL_FROM
    bars = f"; bars: 95 % t interval of the mean, from {INTERVAL_FROM} finished seeds on" if many else ""
    return [f"Large marks: mean over seeds; small dots: the {seeds} seeds{bars}."]


def _reference(ax: Axes, panel: pd.DataFrame, baseline: tuple[str, str] | None, shown: Mapping[str, Look]) -> None:
    """Label the x axis, and draw what the dots are to be compared with."""
    if baseline is not None:
        ax.set_xlabel(f"accuracy minus {shown[configuration_name(*baseline)].label} (percentage points)")
        ax.axvline(0, color=style.GREY, linewidth=0.8, zorder=1)
        return
    ax.set_xlabel("test accuracy (%)")
    ax.set_ylim(top=-1.1)
    chance = 100 * float(panel["chance"].iloc[0])
    low, high = ax.get_xlim()
    if chance >= low - 0.5 * (high - low):
        ax.axvline(chance, color=style.GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
        where, align, text = (chance, 1.0), ("data", "axes fraction"), " chance"
    elif np.isfinite(chance):
        where, align, text = (0.0, 1.0), ("axes fraction", "axes fraction"), f"\u2190 chance {chance:.0f} %"
    else:
        return
    ax.annotate(text, where, xycoords=align, ha="left", va="top", color=style.GREY, size="small",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})  # fmt: skip
