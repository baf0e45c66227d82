"""The alignment matrix: what each rule would have done, beside what all others would have done."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from workbench.declare.configuration import words
from workbench.declare.references import EXACT_GRADIENTS, RANDOM, reset_title
from workbench.figures import legend, style
from workbench.tables.alignment import matrix_data
from workbench.tables.appearance import looks
from workbench.tables.data import prepared


def alignment_matrix(runs: pd.DataFrame, curves: pd.DataFrame, task: str, trainer: str = "") -> Figure:
    """Return heat maps of the cosine between all estimates at the same weights and trials, one panel per layer.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`, of a study with `measure.passive`.
    task : str
        Its name.
    trainer : str
        The configuration that trained the network; by default the first in the order of all figures.
    """
    data = matrix_data(runs, curves, task, trainer)
    table = prepared(runs)
    shown = looks(table)
    titles = {key: look.label for key, look in shown.items()}
    titles |= {name: f"BPTT, {reset_title(name)}" for name in EXACT_GRADIENTS} | {RANDOM: "random update"}
    layers = [layer for layer in data["layer"].unique() if layer != "network"]
    found = set(data.loc[data["layer"] != "network", "estimate"])
    ruled = [name for name in titles if name not in EXACT_GRADIENTS]
    names = [name for name in (*EXACT_GRADIENTS, *ruled, *sorted(found - set(titles))) if name in found]
    with style.style():
        trained = shown[str(data["trainer"].iloc[0])].label
        seeds = int(data["n"].max())
        mean = "one seed" if seeds == 1 else f"mean over {seeds} seeds"
        notes = [f"Trained by {trained}; at the last probe, {mean}. The diagonal is left out.", *_skipped(data, titles)]
        columns = min(len(layers), 3)
        rows = -(-len(layers) // columns)
        cell = 4.4 * len(names)
        width = style.SINGLE if columns == 1 and len(names) <= 8 else style.DOUBLE
        height = rows * (min(cell, 46 if columns > 2 else 60) + 9) + 4
        figure, top = legend.canvas(width, height, [], notes)
        axes = top.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        for index, axis in enumerate(axes.flat):
            if index >= len(layers):
                axis.set_axis_off()
                continue
            panel = data[data["layer"] == layers[index]]
            image = _heat_map(axis, panel.pivot_table(index="estimate", columns="reference", values="value", sort=False)
                              .reindex(index=names, columns=names))  # fmt: skip
            axis.set_title(words(layers[index]))
            # Names stand at the left alone, since written upright they take more room than the cells.
            axis.set_xticks(range(len(names)), [str(number + 1) for number in range(len(names))], size=5.5)
            axis.set_yticks(range(len(names)), [f"{titles.get(name, name)}  {number + 1}" for number, name in
                                                enumerate(names)], size=5.5)  # fmt: skip
            axis.tick_params(labelbottom=True)
            if len(layers) > 1:
                style.letter(axis, index)
        top.colorbar(image, ax=list(axes.flat), label="cosine", shrink=0.6, aspect=25, ticks=[-1, -0.5, 0, 0.5, 1])
    return figure


def _heat_map(axis: Axes, values: pd.DataFrame) -> AxesImage:
    """Draw the cosines as colours and numbers; what is undefined is grey, and the diagonal left out."""
    own = values.to_numpy(dtype=float, copy=True)
    axis.set_facecolor(style.PALE)
    image = axis.imshow(own, cmap="PuOr_r", vmin=-1, vmax=1, aspect="auto")
    for row, column in np.ndindex(own.shape):
        value = own[row, column]
        if np.isfinite(value):
            colour = "white" if abs(value) > 0.65 else "black"
            text = f"{value:.1f}".replace("-0.0", "0.0")
            axis.text(column, row, text, ha="center", va="center", size=4.5, color=colour)
    axis.tick_params(length=0)
    for spine in axis.spines.values():
        spine.set_visible(False)
    return image


def _skipped(data: pd.DataFrame, titles: Mapping[str, str]) -> list[str]:
    """Return one sentence for each rule that could not be asked, and one for what is undefined elsewhere."""
    told = data[data["layer"] == "network"].drop_duplicates("estimate")
    sentences = [
        f"{titles.get(str(row['estimate']), str(row['estimate']))} skipped: {row['reason']}"
        for _, row in told.iterrows()
    ]
    reasons = data.loc[(data["layer"] != "network") & (data["reason"] != ""), "reason"].unique()
    return [*sentences, *(f"Grey: {reason}" for reason in sorted(reasons))]
