"""The figure of the throughput study."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.ticker import EngFormatter, NullLocator

from studies.throughput.cases import SPIKES, STEPS
from workbench.figures.style import DOUBLE, MM, letter, style
from workbench.tables.appearance import rule_colour

#: What a line stands for -> its colour and marker, in the order of the legend.
LINES = {
    "inference": ("#8A8A8A", "D"),
    "e-prop": (rule_colour("eprop"), "o"),
    "DCLL": (rule_colour("dcll"), "s"),
    "e-prop, causal": ("#E69F00", "^"),
    "BPTT in the reference": (rule_colour("bptt"), "X"),
    "e-prop, clock-driven": ("#CC79A7", "v"),
    "DCLL, clock-driven": ("#56B4E9", "P"),
}
TITLES = {"inference": "inference", "eprop": "e-prop", "dcll": "DCLL", "bptt": "BPTT in the reference"}
FORMS = {"events": "", "causal": ", causal", "clock": ", clock-driven"}


def drawn(table: pd.DataFrame, path: Path) -> None:
    """Draw trials and synaptic events per second over sizes, spikes and steps: medians, and the range of the rounds.

    Parameters
    ----------
    table : DataFrame
        One row per case and round.
    path : Path
        Without its ending: a PDF and a PNG are written.
    """
    table = table[table["precision"] == "float64"]
    table = table.assign(line=table["what"].map(TITLES) + table["form"].map(FORMS))
    usual = table[(table["spikes"] == SPIKES) & (table["steps"] == STEPS)]
    eprop = table[(table["line"] == "e-prop") & (table["hidden"] == 400)]
    panels = (
        (usual, "hidden", "trials_per_second", "hidden neurons", "trials per second"),
        (
            usual[usual["form"] == "events"],
            "hidden",
            "events_per_second",
            "hidden neurons",
            "synaptic events per second",
        ),
        (eprop[eprop["steps"] == STEPS], "spikes", "trials_per_second", "input spikes per trial", "trials per second"),
        (eprop[eprop["spikes"] == SPIKES], "steps", "trials_per_second", "steps per trial", "trials per second"),
    )
    with style():
        figure, axes = plt.subplots(2, 2, figsize=(DOUBLE * MM, 125 * MM), layout="constrained")
        for index, (axis, (data, across, value, below, beside)) in enumerate(zip(axes.flat, panels, strict=True)):
            sns.lineplot(
                data, x=across, y=value, hue="line", style="line", ax=axis, legend=index == 0, dashes=False,
                hue_order=LINES, style_order=LINES, palette={line: colour for line, (colour, _) in LINES.items()},
                markers={line: marker for line, (_, marker) in LINES.items()}, markersize=4,
                estimator="median", errorbar=("pi", 100), err_style="bars",
            )  # fmt: skip
            axis.set(xscale="log", xlabel=below, ylabel=beside)
            if index == 0:
                axis.set_yscale("log")
            else:
                axis.set_ylim(bottom=0)
            axis.yaxis.set_major_formatter(EngFormatter(sep=""))
            ticks = sorted(data[across].unique())
            axis.set_xticks(ticks, labels=[str(tick) for tick in ticks])
            axis.xaxis.set_minor_locator(NullLocator())
            sns.despine(ax=axis)
            letter(axis, index)
        handles, names = axes[0, 0].get_legend_handles_labels()
        axes[0, 0].get_legend().remove()
        figure.legend(handles, names, loc="outside upper center", ncols=4)
        for ending in ("pdf", "png"):
            figure.savefig(path.with_suffix(f".{ending}"))
        plt.close(figure)
