"""The figure of the study of feedback alignment."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

from workbench.figures.style import DOUBLE, GREY, MM, letter, powers_of_ten, style
from workbench.tables.colours import rule_colour

COLOURS = {"random feedback": rule_colour("eprop"), "gradient": rule_colour("bptt")}


def drawn(table: pd.DataFrame, path: Path) -> None:
    """Draw angles and losses along training: means over seeds, with the range of all.

    Parameters
    ----------
    table : DataFrame
        Of the study's `measure`.
    path : Path
        Without its ending: a PDF and a PNG are written.
    """
    with style():
        figure, axes = plt.subplots(2, 2, figsize=(DOUBLE * MM, 100 * MM), layout="constrained", sharex=True)
        for index, axis in enumerate(axes.flat):
            network, value = ("linear", "LIF")[index % 2], ("angle", "loss")[index // 2]
            sns.lineplot(
                table[table["network"] == network], x="updates", y=value, hue="trained by", palette=COLOURS,
                hue_order=COLOURS, errorbar=("pi", 100), ax=axis, legend=index == 0,
            )  # fmt: skip
            axis.set_xscale("symlog", linthresh=30)
            axis.set_title({"linear": "linear rate neurons, 30-20-10", "LIF": "LIF neurons, Yin-Yang"}[network])
            if value == "angle":
                axis.axhline(90, color=GREY, linewidth=0.8, linestyle=(0, (1, 2)))
                axis.set(ylim=(0, 130), ylabel="angle of random feedback to the\ngradient (degrees)")
            else:
                axis.set_yscale("log")
                powers_of_ten(axis)
                axis.set_ylabel("loss")
            sns.despine(ax=axis)
            letter(axis, index)
        handles, names = axes[0, 0].get_legend_handles_labels()
        axes[0, 0].get_legend().remove()
        figure.legend(handles, [f"trained by {name}" for name in names], loc="outside lower center", ncols=2)
        for ending in ("pdf", "png"):
            figure.savefig(path.with_suffix(f".{ending}"))
        plt.close(figure)
