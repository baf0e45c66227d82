"""The figure of the study of approximations."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

from workbench.figures.style import DOUBLE, GREY, MM, letter, style
from workbench.tables.colours import rule_colour

TITLES = {"eprop": "e-prop", "superspike": "SuperSpike", "random": "random update"}


def drawn(table: pd.DataFrame, path: Path) -> None:
    """Draw cosines over depth and over the strength of recurrence: means over seeds, and each seed.

    Parameters
    ----------
    table : DataFrame
        Of the study's `measure`.
    path : Path
        Without its ending: a PDF and a PNG are written.
    """
    table = table.assign(rule=table["rule"].map(TITLES))
    palette = {TITLES[rule]: rule_colour(rule) for rule in ("eprop", "superspike")} | {TITLES["random"]: GREY}
    panels = (
        (table[(table["weights"] == "hidden1") & (table["strength"] == 0)], "depth", "hidden layers", "lowest layer"),
        (table[(table["weights"] == "hidden1") & (table["depth"] == 1)], "strength", "", "weights from the input"),
        (table[(table["weights"] == "hidden1_recurrent")], "strength", "", "recurrent weights"),
    )
    with style():
        figure, axes = plt.subplots(1, 3, figsize=(DOUBLE * MM, 62 * MM), sharey=True, layout="constrained")
        for index, (axis, (data, across, label, title)) in enumerate(zip(axes, panels, strict=True)):
            common = {"data": data, "x": across, "y": "cosine", "hue": "rule", "palette": palette, "ax": axis}
            sns.lineplot(**common, hue_order=palette, errorbar=None, legend=index == 0)
            sns.scatterplot(**common, hue_order=palette, s=8, alpha=0.6, linewidth=0, legend=False)
            axis.set(xlabel=label or "recurrent weights (deviation x root of size)", title=title, ylim=(-0.55, 1.08))
            axis.set_xticks(sorted(data[across].unique()))
            axis.set_ylabel("cosine with BPTT\n(reset constant)" if index == 0 else "")
            sns.despine(ax=axis)
            letter(axis, index)
        handles, names = axes[0].get_legend_handles_labels()
        axes[0].get_legend().remove()
        figure.legend(handles, names, loc="outside lower center", ncols=3)
        for ending in ("pdf", "png"):
            figure.savefig(path.with_suffix(f".{ending}"))
        plt.close(figure)
