"""The figure of the study of concept hierarchies."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from studies.concept_hierarchy.hierarchy import Hierarchy, Tolerance
from workbench.figures.style import GREY, MM, PALE, SINGLE, style

OTHERS = (0, (4, 1.6))


def drawn(table: pd.DataFrame, k: int, tolerance: Tolerance, b: int, path: Path) -> None:
    """Draw the weights of a top concept over its shows, for each depth, and where they have to be.

    Parameters
    ----------
    table : DataFrame
        Columns k, depth, and those of `learning.curves`.
    k : int
        Children of a concept.
    tolerance, b : Tolerance, int
        What sets the conditions.
    path : Path
        Without its ending: a PDF and a PNG are written.
    """
    table = table[(table["k"] == k) & (table["level"] == table["depth"])]
    depths = sorted({int(depth) for depth in table["depth"]})
    colours = dict(zip(depths, sns.color_palette("viridis", len(depths) + 1), strict=False))
    with style():
        figure, axis = plt.subplots(figsize=(SINGLE * MM, 72 * MM), layout="constrained")
        top = Hierarchy(k, 1).largest_relevant
        axis.axhspan(top / (1 + tolerance.epsilon), top, color=PALE, linewidth=0)
        for depth in depths:
            rows = table[table["depth"] == depth]
            _weights(axis, rows, Hierarchy(k, depth), top / (1 + tolerance.epsilon), b, colours[depth])
        axis.set(yscale="log", xlabel="shows of the concept", ylabel=f"weight (k = {k})", xlim=(0, table["show"].max()))
        keys = [Line2D([], [], color=colours[depth], label=f"depth {depth}") for depth in depths]
        keys += [Line2D([], [], color=GREY, label="from children")]
        keys += [Line2D([], [], color=GREY, linestyle=OTHERS, label="from others")]
        figure.legend(handles=keys, loc="outside lower center", ncols=5, columnspacing=1.0, handlelength=1.6)
        sns.despine(ax=axis)
        for ending in ("pdf", "png"):
            figure.savefig(path.with_suffix(f".{ending}"))
        plt.close(figure)


def _weights(
    axis: Axes, rows: pd.DataFrame, hierarchy: Hierarchy, least: float, b: int, colour: tuple[float, float, float]
) -> None:
    """Draw the two kinds of weights, the limit of the irrelevant ones, and a dot where each condition is first met."""
    limit = hierarchy.largest_irrelevant(b)
    axis.axhline(limit, color=colour, linewidth=0.6, linestyle=(0, (1, 2)))
    shows = np.concatenate([[0], rows["show"]])
    for name, dashes in (("least_relevant", "-"), ("most_irrelevant", OTHERS)):
        weights = np.concatenate([[hierarchy.initial_weight], rows[name]])
        met = int(np.argmax(weights >= least if name == "least_relevant" else weights <= limit))
        axis.plot(shows, weights, color=colour, linestyle=dashes)
        axis.plot(shows[met], weights[met], "o", color=colour, markersize=3, clip_on=False)
