"""Alignment against accuracy: whether the rules that are nearer to the gradient are those that learn."""

import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from workbench.declare.references import BY_DEFAULT, reset_title
from workbench.figures import legend, style
from workbench.tables.alignment import alignment_and_accuracy_data
from workbench.tables.appearance import looks
from workbench.tables.data import prepared
from workbench.tables.statistics import INTERVAL_FROM


def alignment_and_accuracy(runs: pd.DataFrame, curves: pd.DataFrame, variant: str = BY_DEFAULT) -> Figure:
    """Return a figure of accuracy over alignment, a mark for each configuration and a panel for each task.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`.
    variant : str
        Of BPTT.
    """
    data = alignment_and_accuracy_data(runs, curves, variant)
    shown = looks(prepared(runs))
    tasks = list(data["task"].unique())
    with style.style():
        rules, strokes = legend.handles([shown[key] for key in shown if key in set(data["configuration"])])
        notes = [
            f"Cosine with BPTT ({reset_title(variant)}), mean over hidden layers and seeds after training.",
            f"Bars: 95 % t interval of the mean from {INTERVAL_FROM} seeds on, the range of fewer.",
            "rho: Spearman's rank correlation over the rules of a panel, without BPTT itself.",
        ]
        width = style.SINGLE if len(tasks) == 1 else style.DOUBLE
        columns = min(len(tasks), 3)
        lines = -(-len(tasks) // columns)
        figure, top = legend.canvas(width, 6 + 52 * lines, [rules, strokes], notes)
        axes = top.subplots(lines, columns, squeeze=False).flat
        for index, axis in enumerate(axes):
            if index >= len(tasks):
                axis.set_axis_off()
                continue
            panel = data[data["task"] == tasks[index]]
            for _, row in panel.iterrows():
                look = shown[row["configuration"]]
                axis.plot([row["cosine"]] * 2, [row["low"], row["high"]], color=look.colour, linewidth=0.9, zorder=2)
                axis.plot(row["cosine"], row["accuracy"], marker=look.stroke.marker, color=look.colour, zorder=3,
                          markersize=5 * look.stroke.size, markeredgecolor="white", markeredgewidth=0.4)  # fmt: skip
            rho, count = panel["rank_correlation"].iloc[0], int(panel["n"].iloc[0])
            told = "" if pd.isna(rho) else f"\nrho = {rho:.2f}, {count} rules"
            axis.set_title(f"{panel['task_title'].iloc[0]}{told}")
            axis.axvline(0, color=style.GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
            axis.set_xlabel("cosine with BPTT")
            axis.set_ylabel("test accuracy (%)" if index % columns == 0 else "")
            if len(tasks) > 1:
                style.letter(axis, index)
        sns.despine(fig=figure)
    return figure
