"""The figure of the throughput study."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, NullLocator

from studies.throughput.cases import SPIKES, STEPS
from workbench.figures.style import DOUBLE, MM, letter, style
from workbench.tables.colours import rule_colour

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


@dataclass(frozen=True)
class Panel:
    """A number over another, which is on a logarithmic axis.

    Attributes
    ----------
    data : DataFrame
        Rows of the study's table.
    across, value : str
        Columns.
    below, beside : str
        What they are called.
    scale : {"linear", "log"}
        Of the value; a linear one begins at 0.
    """

    data: pd.DataFrame
    across: str
    value: str
    below: str
    beside: str
    scale: Literal["linear", "log"] = "linear"

    def draw(self, axis: Axes, legend: bool) -> None:
        """Draw medians, and the range of the rounds; with the lines' names, or without."""
        sns.lineplot(
            self.data, x=self.across, y=self.value, hue="line", style="line", ax=axis, legend=legend, dashes=False,
            hue_order=LINES, style_order=LINES, palette={line: colour for line, (colour, _) in LINES.items()},
            markers={line: marker for line, (_, marker) in LINES.items()}, markersize=4,
            estimator="median", errorbar=("pi", 100), err_style="bars",
        )  # fmt: skip
        axis.set(xscale="log", xlabel=self.below, ylabel=self.beside)
        if self.scale == "log":
            axis.set_yscale("log")
        else:
            axis.set_ylim(bottom=0)
        axis.yaxis.set_major_formatter(EngFormatter(sep=""))
        ticks = sorted(self.data[self.across].unique())
        axis.set_xticks(ticks, labels=[str(tick) for tick in ticks])
        axis.xaxis.set_minor_locator(NullLocator())
        sns.despine(ax=axis)


def panels(table: pd.DataFrame) -> list[Panel]:
    """Return the panels of the figure: over sizes, spikes and steps."""
    table = table[table["precision"] == "float64"]
    table = table.assign(line=table["what"].map(TITLES) + table["form"].map(FORMS))
    usual = table[(table["spikes"] == SPIKES) & (table["steps"] == STEPS)]
    by_events = usual[usual["form"] == "events"]
    eprop = table[(table["line"] == "e-prop") & (table["hidden"] == 400)]
    by_spikes, by_steps = eprop[eprop["steps"] == STEPS], eprop[eprop["spikes"] == SPIKES]
    return [
        Panel(usual, "hidden", "trials_per_second", "hidden neurons", "trials per second", "log"),
        Panel(by_events, "hidden", "events_per_second", "hidden neurons", "synaptic events per second"),
        Panel(by_spikes, "spikes", "trials_per_second", "input spikes per trial", "trials per second"),
        Panel(by_steps, "steps", "trials_per_second", "steps per trial", "trials per second"),
    ]


def drawn(table: pd.DataFrame, path: Path) -> None:
    """Draw trials and synaptic events per second over sizes, spikes and steps: medians, and the range of the rounds.

    Parameters
    ----------
    table : DataFrame
        One row per case and round.
    path : Path
        Without its ending: a PDF and a PNG are written.
    """
    with style():
        figure, axes = plt.subplots(2, 2, figsize=(DOUBLE * MM, 125 * MM), layout="constrained")
        for index, (axis, panel) in enumerate(zip(axes.flat, panels(table), strict=True)):
            panel.draw(axis, legend=index == 0)
            letter(axis, index)
        handles, names = axes[0, 0].get_legend_handles_labels()
        axes[0, 0].get_legend().remove()
        figure.legend(handles, names, loc="outside upper center", ncols=4)
        for ending in ("pdf", "png"):
            figure.savefig(path.with_suffix(f".{ending}"))
        plt.close(figure)
