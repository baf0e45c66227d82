"""The figure of the study of costs."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

from workbench.figures.style import DOUBLE, MM, letter, powers_of_ten, style
from workbench.tables.colours import rule_colour

TITLES = {"bptt": "BPTT", "rtrl": "RTRL", "superspike": "SuperSpike", "eprop": "e-prop", "dcll": "DCLL"}


def drawn(table: pd.DataFrame, fitted: pd.DataFrame, path: Path) -> None:
    """Draw the state of each rule over neurons and over steps, with the fitted powers.

    Parameters
    ----------
    table, fitted : DataFrame
        Of the study's `scaling` and `exponents`.
    path : Path
        Without its ending: a PDF and a PNG are written.
    """
    with style():
        figure, axes = plt.subplots(1, 2, figsize=(DOUBLE * MM, 68 * MM), sharey=True, layout="constrained")
        for index, (axis, over) in enumerate(zip(axes, ("neurons", "steps"), strict=True)):
            for rule, title in TITLES.items():
                part = table[(table["rule"] == rule) & (table["over"] == over)]
                (power,) = fitted[(fitted["rule"] == rule) & (fitted["over"] == over)]["exponent"]
                # SuperSpike and e-prop keep the same, and lie upon each other.
                dash = (0, (3, 3)) if rule == "eprop" else "-"
                # Carried along, the gradient of many steps takes too long in as large a network as the others have.
                neurons = f", {part['neurons'].iloc[0]} neurons" if over == "steps" else ""
                axis.plot(part["size"], part["bytes"], marker="o", markersize=2.5, linestyle=dash,
                          color=rule_colour(rule), label=f"{title}: {abs(power):.2f}{neurons}")  # fmt: skip
            axis.set(
                xscale="log", yscale="log", xlabel=f"{over} {'in each layer' if over == 'neurons' else 'of a trial'}"
            )
            ticks = [32, 64, 128, 256] if over == "neurons" else [250, 500, 1000, 2000, 4000]
            axis.set_xticks(ticks, [str(tick) for tick in ticks])
            axis.minorticks_off()
            axis.set_ylabel("state [byte]" if index == 0 else "")
            powers_of_ten(axis)
            axis.legend(title="fitted power", loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
            sns.despine(ax=axis)
            letter(axis, index)
        for ending in ("pdf", "png"):
            figure.savefig(path.with_suffix(f".{ending}"))
        plt.close(figure)
