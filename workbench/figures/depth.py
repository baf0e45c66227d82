"""The figure of alignment by depth: how far down a rule still knows what to do."""

from collections.abc import Mapping

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from workbench.declare.references import BY_DEFAULT, RANDOM, reset_title
from workbench.figures import legend, style
from workbench.tables.alignment import depth_data
from workbench.tables.appearance import Look, looks
from workbench.tables.data import prepared
from workbench.tables.notes import undefined


def alignment_by_depth(
    runs: pd.DataFrame,
    curves: pd.DataFrame,
    variant: str = BY_DEFAULT,
    colours: Mapping[str, str] | None = None,
) -> Figure:
    """Return a figure of the cosine with BPTT against the number of the hidden layer, one panel per task.

    Lines are means over seeds, dots the seeds; a line stands where every seed has a value.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`.
    variant : str
        Of BPTT.
    colours : mapping of str to str, optional
        Colours by rule name that replace the standard ones.
    """
    data = depth_data(runs, curves, variant)
    rules = data[data["kind"] == "rule"]
    shown = {key: look for key, look in looks(prepared(runs), colours).items() if key in set(rules["configuration"])}
    tasks = list(data["task"].unique())
    with style.style():
        colour, strokes = legend.handles(list(shown.values()))
        notes = [
            "At the last probe. Lines: mean over seeds; dots: seeds. Grey: range of random updates.",
            *undefined(rules, looks(prepared(runs), colours)),
        ]
        width = style.SINGLE if len(tasks) == 1 else style.DOUBLE
        figure, top = legend.canvas(width, 52, [colour, strokes], notes)
        axes = top.subplots(1, len(tasks), sharey=True, squeeze=False)[0]
        for index, (axis, task) in enumerate(zip(axes, tasks, strict=True)):
            panel = data[data["task"] == task]
            random = panel[panel["kind"] == RANDOM].groupby("place")["value"].agg(["min", "max"])
            axis.fill_between(random.index, random["min"], random["max"], color=style.PALE, linewidth=0, zorder=0)
            axis.axhline(0, color=style.GREY, linewidth=0.6, zorder=1)
            draw_means(axis, panel[panel["kind"] == "rule"], "place", shown)
            axis.set(xlabel="hidden layer, from the input up", xticks=sorted(panel["place"].unique()))
            axis.set_title(str(panel["task_title"].iloc[0]))
            if len(tasks) > 1:
                style.letter(axis, index)
        axes[0].set_ylabel(f"cosine with BPTT\n({reset_title(variant)})")
        sns.despine(fig=figure)
    return figure


def draw_means(axis: Axes, data: pd.DataFrame, x: str, shown: Mapping[str, Look]) -> None:
    """Draw each configuration's values as dots, and their means as a line where every seed has a value.

    Parameters
    ----------
    axis : Axes
        Where to.
    data : DataFrame
        Columns configuration, seed, value and the one of `x`.
    x : str
        What the means are taken at.
    shown : mapping of str to Look
        By configuration.
    """
    for key, look in reversed(list(shown.items())):
        own = data[data["configuration"] == key]
        groups = own.groupby(x)["value"]
        means = groups.mean()[groups.count() == groups.size()]
        axis.plot(own[x], own["value"], ".", color=look.colour, markersize=2, alpha=0.5)
        axis.plot(means.index, means, color=look.colour, linestyle=look.linestyle, marker=look.stroke.marker,
                  markersize=3.4 * look.stroke.size, markeredgecolor="white", markeredgewidth=0.3)  # fmt: skip
