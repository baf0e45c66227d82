"""The figure of the study of concept hierarchies."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

from studies.concept_hierarchy.hierarchy import Hierarchy, Tolerance
from workbench.figures.style import MM, PALE, SINGLE, log_scale, style

KINDS = {"least_relevant": "from children", "most_irrelevant": "from others"}


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
    weights = table.rename(columns=KINDS).melt(["depth", "show"], list(KINDS.values()), "weights", "weight")
    colours = dict(enumerate(sns.color_palette("viridis", int(table["depth"].max()) + 1), start=1))
    with style():
        figure, axis = plt.subplots(figsize=(SINGLE * MM, 72 * MM), layout="constrained")
        top = Hierarchy(k, 1).largest_relevant
        axis.axhspan(top / (1 + tolerance.epsilon), top, color=PALE, linewidth=0)
        for depth in table["depth"].unique():
            limit = Hierarchy(k, depth).largest_irrelevant(b)
            axis.axhline(limit, color=colours[depth], linewidth=0.6, linestyle=(0, (1, 2)))
        sns.lineplot(weights, x="show", y="weight", hue="depth", style="weights", palette=colours, ax=axis)
        axis.set(xlabel="shows of the concept", ylabel=f"weight (k = {k})", xlim=(1, table["show"].max()))
        log_scale(axis)
        sns.move_legend(axis, "upper center", bbox_to_anchor=(0.5, -0.25), ncols=2, frameon=False)
        sns.despine(ax=axis)
        for ending in ("pdf", "png"):
            figure.savefig(path.with_suffix(f".{ending}"))
        plt.close(figure)
