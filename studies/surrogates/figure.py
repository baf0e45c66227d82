"""The figure of the study of surrogate derivatives."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.lines import Line2D

from studies.surrogates.settings import DEPTHS, RESETS, SHAPES, WIDTHS
from studies.surrogates.table import TITLES, lowest
from workbench.figures.style import DOUBLE, GREY, MM, letter, style
from workbench.tables.colours import OTHER_COLOURS, rule_colour

_PALETTE = {
    TITLES[shape]: colour
    for shape, colour in zip(SHAPES, (rule_colour("dcll"), rule_colour("eprop"), rule_colour("superspike"),
                                      rule_colour("erbp"), OTHER_COLOURS[0]), strict=True)
}  # fmt: skip


def drawn(cosines: pd.DataFrame, accuracies: pd.DataFrame, path: Path) -> None:
    """Draw cosines and accuracies over the width of the surrogate, one column for each depth: means over seeds.

    Parameters
    ----------
    cosines, accuracies : DataFrame
        As of `tabulated`.
    path : Path
        Without its ending: a PDF and a PNG are written.
    """
    accuracies = accuracies.assign(accuracy=100 * accuracies["accuracy"])
    with style():
        figure, axes = plt.subplots(2, len(DEPTHS), figsize=(DOUBLE * MM, 110 * MM), sharex=True, sharey="row")
        for column, depth in enumerate(DEPTHS):
            for row, (table, value) in enumerate(((lowest(cosines), "cosine"), (accuracies, "accuracy"))):
                axis, own = axes[row][column], table[table["depth"] == depth]
                surrogates = own[own["shape"].isin(list(SHAPES))]
                surrogates = surrogates.assign(shape=surrogates["shape"].map(TITLES))
                common = {"data": surrogates, "x": "width", "y": value, "hue": "shape", "palette": _PALETTE, "ax": axis}
                sns.lineplot(
                    **common, style="reset", style_order=RESETS, markers=["o", "X"], markersize=4,
                    errorbar=None, legend=row == 0 and column == 0,
                )  # fmt: skip
                for name, dashes in (("recorded times", (4, 2)), ("exact times", (1, 1)), ("random", (1, 3))):
                    level = own.loc[own["shape"] == name, value]
                    if not level.empty:
                        axis.axhline(level.mean(), color=GREY, dashes=dashes, linewidth=1, zorder=0)
                axis.set(xscale="log", xlabel="half-width of the surrogate (thresholds)" if row else "")
                axis.set_xticks(WIDTHS, [f"{width:g}" for width in WIDTHS])
                axis.minorticks_off()
                axis.invert_xaxis() if (row, column) == (0, 0) else None
                sns.despine(ax=axis)
                letter(axis, row * len(DEPTHS) + column)
            axes[0][column].set_title(f"{depth} hidden layer{'s' if depth > 1 else ''}")
        axes[0][0].set_ylabel("cosine with the gradient\nof exact spike times")
        axes[1][0].set_ylabel("accuracy (%)")
        handles, names = axes[0][0].get_legend_handles_labels()
        axes[0][0].get_legend().remove()
        kept = [(handle, name) for handle, name in zip(handles, names, strict=True) if name not in ("shape", "reset")]
        kept = [(handle, f"reset {name}" if name in RESETS else name) for handle, name in kept]
        lines = [Line2D([], [], color=GREY, dashes=dashes, linewidth=1) for dashes in ((4, 2), (1, 1), (1, 3))]
        kept += list(zip(lines, ("EventProp, recorded times", "EventProp, exact times", "random update"), strict=True))
        figure.tight_layout(rect=(0, 0.11, 1, 1))
        figure.legend(*zip(*kept, strict=True), loc="lower center", ncols=5)
        for ending in ("pdf", "png"):
            figure.savefig(path.with_suffix(f".{ending}"))
        plt.close(figure)
