"""The trade-off: how well a rule learns, by how much it needs to know, and how it is aligned."""

from collections.abc import Mapping

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from workbench.declare.references import BY_DEFAULT
from workbench.figures import legend, style
from workbench.tables.alignment import trade_off_data
from workbench.tables.appearance import Look, looks
from workbench.tables.data import prepared
from workbench.tables.statistics import INTERVAL_FROM


def trade_off(runs: pd.DataFrame, curves: pd.DataFrame, variant: str = BY_DEFAULT) -> Figure:
    """Return a figure of accuracy against the complaints that hold of a rule; larger marks are aligned better.

    One panel per task. The grey line joins the configurations that are the most accurate of those that need no more; it
    begins at a network whose hidden layers never learn, which needs nothing.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`.
    variant : str
        Of BPTT.
    """
    data = trade_off_data(runs, curves, variant)
    shown = looks(prepared(runs))
    tasks = list(data["task"].unique())
    with style.style():
        rules, strokes = legend.handles([shown[key] for key in shown if key in set(data["configuration"])])
        notes = [
            "Complaints: how many of six against backpropagation hold of the rule, as `workbench locality` finds.",
            "A rule that makes no estimate needs nothing: 0.",
            f"Bars: 95 % t interval of the mean from {INTERVAL_FROM} seeds on, the range of fewer.",
            "Size: cosine with BPTT, mean over hidden layers after training; hollow: undefined.",
        ]
        width = style.SINGLE if len(tasks) == 1 else style.DOUBLE
        figure, top = legend.canvas(width, 62, [rules, [*strokes, *key_handles()]], notes)
        axes = top.subplots(1, len(tasks), squeeze=False)[0]
        for index, (axis, task) in enumerate(zip(axes, tasks, strict=True)):
            panel = data[data["task"] == task]
            draw_trade_off(axis, panel, shown)
            axis.set_title(str(panel["task_title"].iloc[0]))
            axis.set_xlabel("complaints that hold")
            if len(tasks) > 1:
                style.letter(axis, index)
        axes[0].set_ylabel("test accuracy (%)")
        sns.despine(fig=figure)
    return figure


def draw_trade_off(axis: Axes, panel: pd.DataFrame, shown: Mapping[str, Look]) -> None:
    """Draw one task: a mark for each configuration, and the line of the best.

    Parameters
    ----------
    axis : Axes
        Where to.
    panel : DataFrame
        Rows of `trade_off_data`.
    shown : mapping of str to Look
        By configuration.
    """
    known = panel.dropna(subset=["complaints"]).sort_values(["accuracy"])
    best = known[known["best"]].sort_values("complaints")
    if len(best):
        places, heights = [*best["complaints"], 6.5], [*best["accuracy"], best["accuracy"].iloc[-1]]
        axis.step(places, heights, where="post", color=style.PALE, linewidth=2.5, zorder=0)
    for _, row in known.iterrows():
        look = shown[row["configuration"]]
        defined = row["cosine"] == row["cosine"]
        axis.plot([row["complaints"]] * 2, [row["low"], row["high"]], color=look.colour, linewidth=0.9, zorder=2)
        axis.plot(row["complaints"], row["accuracy"], marker=look.stroke.marker, linestyle="none", zorder=3,
                  markersize=_size(row["cosine"] if defined else 0.0) * look.stroke.size, markeredgewidth=0.5,
                  color=look.colour if defined else "white",
                  markeredgecolor="white" if defined else look.colour)  # fmt: skip
    axis.set(xlim=(-0.4, 6.6), xticks=range(7))


def _size(cosine: float) -> float:
    """Return the size of a mark; cosines below 0 are as small as one of 0."""
    return 3.0 + 5.5 * max(cosine, 0.0)


def key_handles() -> list[Line2D]:
    """Return what the legend explains of the sizes of marks, and of the line of the best."""
    sizes = [
        Line2D(
            [], [], color=style.GREY, marker="o", linestyle="none", markersize=_size(cosine), label=f"cosine {cosine:g}"
        )
        for cosine in (0.0, 0.5, 1.0)
    ]
    front = Line2D([], [], color=style.PALE, linewidth=2.5, label="the most accurate of those that need no more")
    return [*sizes, front]
