"""Figures of what rules cost: state and operations of each, and how state grows."""

from pathlib import Path

import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from workbench.declare.configuration import configuration_label
from workbench.figures.folder import whole
from workbench.figures.legend import folded
from workbench.figures.saving import save
from workbench.figures.style import DOUBLE, GREY, MM, PALE, letter, powers_of_ten, style
from workbench.tables.colours import rule_colours
from workbench.tables.costs import latex_costs
from workbench.tables.text import plain

#: What the panels show.
_PANELS = {
    "bytes_per_synapse": "bytes per synapse",
    "bytes_per_neuron": "bytes per neuron",
    "updates_per_synapse_and_step": "additions to g\nper synapse and step",
}


def cost_bars(table: pd.DataFrame) -> Figure:
    """Return a figure of the state and the operations of rules, a row each.

    Parameters
    ----------
    table : DataFrame
        Of `workbench.study.costs.rule_costs`.
    """
    rows = table.iloc[::-1]
    colours = rule_colours(table["rule"])
    with style():
        labels = [folded(configuration_label(str(row["title"]), str(row["feedback"]))) for _, row in rows.iterrows()]
        figure = Figure(figsize=(DOUBLE * MM, (16 + 4.2 * len(rows)) * MM), layout="constrained")
        axes = figure.subplots(1, len(_PANELS), sharey=True)
        for index, (axis, (column, called)) in enumerate(zip(axes, _PANELS.items(), strict=True)):
            for place, (rule, value) in enumerate(zip(rows["rule"], rows[column], strict=True)):
                _bar(axis, place, value, colours[rule])
            axis.set(xlabel=called, yticks=range(len(rows)), ylim=(-0.7, len(rows) - 0.3))
            axis.set_yticklabels(labels)
            above = rows.loc[rows[column] > 0, column]
            if above.empty:
                # An axis of its own would show fractions of nothing.
                axis.set_xlim(0, 1)
            elif above.max() > 30 * above.min():
                axis.set_xscale("symlog", linthresh=above.min() / 2, linscale=0.3)
                axis.set_xlim(0, 1.3 * above.max())
            axis.grid(axis="x", color=PALE, linewidth=0.5)
            axis.set_axisbelow(True)
            axis.tick_params(axis="y", length=0)
            letter(axis, index)
        sns.despine(fig=figure, left=True)
    return figure


def _bar(axis: Axes, place: int, value: float, colour: str) -> None:
    """Draw a number as a bar, 0 as a mark of its own, and what is undefined as a word."""
    if pd.isna(value):
        axis.annotate("not at synapses", (0.02, place), xycoords=("axes fraction", "data"), va="center", color=GREY,
                      style="italic", size="small")  # fmt: skip
        return
    axis.barh(place, value, height=0.62, color=colour, linewidth=0)
    if value == 0:
        axis.plot(0, place, marker="|", color=colour, markersize=5, markeredgewidth=1.6, clip_on=False)


def scaling_curves(table: pd.DataFrame, fitted: pd.DataFrame) -> Figure:
    """Return a figure of the state of rules over neurons and over steps, with the fitted powers.

    Parameters
    ----------
    table, fitted : DataFrame
        Of `workbench.study.costs.state_scaling` and `fitted_powers`.
    """
    colours = rule_colours(table["rule"])
    with style():
        figure = Figure(figsize=(DOUBLE * MM, (62 + 2 * len(colours)) * MM), layout="constrained")
        for index, (axis, over) in enumerate(
            zip(figure.subplots(1, 2, sharey=True), ("neurons", "steps"), strict=True)
        ):
            drawn: list[list[int]] = []
            for rule in dict.fromkeys(table["rule"]):
                part = table[(table["rule"] == rule) & (table["over"] == over)]
                (power,) = fitted[(fitted["rule"] == rule) & (fitted["over"] == over)]["exponent"]
                neurons = f", {part['neurons'].iloc[0]} neurons" if over == "steps" else ""
                # Rules that keep the same lie upon each other: gaps let those beneath be seen.
                beneath = drawn.count(part["bytes"].tolist())
                drawn.append(part["bytes"].tolist())
                dash = (3.0 * (beneath - 1), (3, 3 * beneath)) if beneath else "-"
                axis.plot(part["size"], part["bytes"], marker="o", markersize=2.5, linestyle=dash, color=colours[rule],
                          label=f"{plain(part['title'].iloc[0])}: {abs(power):.2f}{neurons}")  # fmt: skip
            axis.set(xscale="log", yscale="log",
                     xlabel=f"{over} {'in each layer' if over == 'neurons' else 'of a trial'}")  # fmt: skip
            ticks = [32, 64, 128, 256] if over == "neurons" else [250, 500, 1000, 2000, 4000]
            axis.set_xticks(ticks, [str(tick) for tick in ticks])
            axis.minorticks_off()
            axis.set_ylabel("state (bytes)" if index == 0 else "")
            powers_of_ten(axis)
            axis.legend(title="fitted power", loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
            sns.despine(ax=axis)
            letter(axis, index)
    return figure


def write_costs(
    table: pd.DataFrame, scaling: pd.DataFrame | None, fitted: pd.DataFrame | None, folder: Path
) -> list[Path]:
    """Write what rules cost as figures, CSV and LaTeX; return the paths.

    Parameters
    ----------
    table : DataFrame
        Of `workbench.study.costs.rule_costs`.
    scaling, fitted : DataFrame or None
        Of `state_scaling` and `fitted_powers`, where they were measured.
    folder : Path
        Is made where it does not exist.

    Raises
    ------
    StudyError
        If the folder cannot be written, or has a file of that name drawn by others.
    """
    with whole(folder) as place:
        drawn = save(cost_bars(table), table.assign(panel="a"), place / "cost")
        drawn.append(place / "cost.tex")
        drawn[-1].write_text(latex_costs(table), encoding="utf-8")
        if scaling is not None and fitted is not None and len(scaling):
            drawn += save(scaling_curves(scaling, fitted), scaling.assign(panel=scaling["over"]), place / "scaling")
            drawn.append(place / "powers.csv")
            fitted.to_csv(drawn[-1], index=False)
    return [folder / path.name for path in drawn]
