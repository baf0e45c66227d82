"""Curves along training: accuracy, loss and spikes of a network, and the alignment of each layer with BPTT."""

import textwrap
from collections.abc import Callable, Mapping
from itertools import product
from typing import Literal

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from workbench.declare.configuration import words
from workbench.declare.measure import Measure
from workbench.declare.references import EXACT_GRADIENTS, RANDOM, SHUFFLED, reset_title
from workbench.figures import legend, style
from workbench.measures.records import MEASURES
from workbench.tables.appearance import Look, looks
from workbench.tables.data import alignment_data, learning_data, prepared
from workbench.tables.notes import troubles, undefined
from workbench.tables.statistics import INTERVAL_FROM

#: The controls of alignment: how they are drawn and what the legend calls them.
CONTROLS = {
    "ceiling": ((0.0, (5.0, 1.5)), "ceiling: BPTT, half against half"),
    RANDOM: ((0.0, (1.0, 1.4)), "random update"),
    SHUFFLED: ((0.0, (5.0, 1.5, 1.0, 1.5)), "told the targets of other trials"),
}
#: The largest value of a logarithmic axis over the least.
_DECADES = 1e6
#: Controls that are of each rule, and of which a band would hide the rules.
WITHOUT_BAND = (SHUFFLED,)


def _curve(ax: Axes, frame: pd.DataFrame, look: Look) -> None:
    """Draw one configuration: the mean, and the seeds or, from five seeds on, the interval."""
    mean = frame.drop_duplicates("epoch").sort_values("epoch")
    if 1 < frame["seed"].nunique() < INTERVAL_FROM:
        wide = frame.pivot(index="epoch", columns="seed", values="value")
        wide.loc[np.inf] = np.nan  # a gap, so that one line can draw all seeds
        ax.plot(np.tile(wide.index, wide.shape[1]), wide.to_numpy().T.ravel(), color=look.colour, linewidth=0.4,
                alpha=0.45, marker=".", markersize=1.2, linestyle="-", zorder=2)  # fmt: skip
    elif frame["seed"].nunique() >= INTERVAL_FROM:
        ax.fill_between(mean["epoch"], mean["low"], mean["high"], color=look.colour, alpha=0.16, linewidth=0, zorder=2)
    ax.plot(mean["epoch"], mean["mean"], color=look.colour, linestyle=look.linestyle, marker=look.stroke.marker,
            markersize=2.8 * look.stroke.size, markeredgecolor="white", markeredgewidth=0.3, zorder=3,
            markevery=-(-len(mean) // 7))  # fmt: skip


def _control(ax: Axes, frame: pd.DataFrame, kind: str) -> None:
    """Draw the mean of a control over all runs of the panel, within its range."""
    over = frame[frame["kind"] == kind].groupby("epoch")["value"].agg(["mean", "min", "max"])
    if kind not in WITHOUT_BAND:
        ax.fill_between(over.index, over["min"], over["max"], color=style.PALE, alpha=0.7, linewidth=0, zorder=0)
    ax.plot(over.index, over["mean"], color=style.GREY, linestyle=CONTROLS[kind][0], linewidth=0.9, zorder=1)


def _draw(ax: Axes, panel: pd.DataFrame, shown: Mapping[str, Look]) -> None:
    # In their order: that of a set is another in each process, and so would the file be.
    for kind in CONTROLS:
        if (panel["kind"] == kind).any():
            _control(ax, panel, kind)
    rules = panel[panel["kind"] == "rule"]
    for key, look in reversed(list(shown.items())):
        chosen = rules[rules["configuration"] == key]
        if chosen["value"].notna().any():
            _curve(ax, chosen, look)
    ax.xaxis.set_major_locator(MaxNLocator(6, integer=True, steps=[1, 2, 5, 10]))
    span = float(panel["epoch"].max() - panel["epoch"].min()) or 1.0
    ax.set_xlim(float(panel["epoch"].min()) - 0.025 * span, float(panel["epoch"].max()) + 0.025 * span)


def _coincidence(ax: Axes, panel: pd.DataFrame) -> None:
    """Say so where all configurations lie on one another, so that no reader looks for the hidden lines."""
    rules = panel[panel["kind"] == "rule"]
    over = rules.groupby("epoch")["value"].agg(["min", "max"])
    if rules["configuration"].nunique() > 1 and (over["max"] - over["min"]).max() < 1e-3 and rules["n"].min() > 0:
        where = (float(over.index.max()), float(over["min"].iloc[-1]))
        # On the side on which there is room.
        _, height = ax.transAxes.inverted().transform(ax.transData.transform(where))
        offset, side = (4, "bottom") if height < 0.5 else (-4, "top")
        ax.annotate("all rules coincide", where, xytext=(0, offset), textcoords="offset points", ha="right", va=side,
                    size="small")  # fmt: skip


def _spread(data: pd.DataFrame) -> str:
    finished = data.groupby(["task", "configuration"])["seed"].nunique()
    if finished.max() == 1:
        return "One seed."
    parts = [f"Thick lines: mean over {finished.max()} seeds"]
    if finished.max() >= INTERVAL_FROM:
        parts.append("bands: 95 % t interval of the mean")
    if finished.min() < INTERVAL_FROM:
        parts.append("thin lines: the seeds" + f", where fewer than {INTERVAL_FROM} finished" * (len(parts) > 1))
    return "; ".join(parts) + "."


def _clashes(shown: Mapping[str, Look]) -> list[str]:
    """Return one sentence for each colour that two rules share; hashes of names may meet."""
    rules: dict[str, dict[str, str]] = {}
    for look in shown.values():
        rules.setdefault(look.colour, {})[look.rule] = look.rule_label
    return [
        f"{' and '.join(names.values())} share a colour: set another with `colours`."
        for names in rules.values()
        if len(names) > 1
    ]


def learning_curves(runs: pd.DataFrame, curves: pd.DataFrame, colours: Mapping[str, str] | None = None) -> Figure:
    """Return the learning curves: accuracy, loss and spikes per trial on the validation split, a column per task.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`.
    colours : mapping of str to str, optional
        Colours by rule name that replace the standard ones.
    """
    data = learning_data(runs, curves)
    data = data.assign(row=data["measure"], column=data["task"], title=data["task_title"])

    def decorate(ax: Axes, panel: pd.DataFrame) -> None:
        measure = MEASURES[str(panel["measure"].iloc[0])]
        ax.set_ylabel(textwrap.fill(measure.label, 16))
        _scale(ax, panel, measure)
        if measure.name == "accuracy" and panel["value"].notna().any():
            _level(ax, float(panel["chance"].iloc[0]), "chance")

    note = "Accuracies are spaced by the logarithm of the error." if (data["measure"] == "accuracy").any() else ""
    return _grid(data, runs, colours, decorate, height=32.0, share="none", note=note)


def alignment_curves(
    runs: pd.DataFrame,
    curves: pd.DataFrame,
    measure: str | Measure = "cosine",
    colours: Mapping[str, str] | None = None,
) -> Figure:
    """Return a measure along training: a column per layer, a row per task and variant of BPTT.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`.
    measure : str or Measure
        One that was recorded; a name is that of a measure that comes with the workbench.
    colours : mapping of str to str, optional
        Colours by rule name that replace the standard ones.
    """
    data = alignment_data(runs, curves, measure)
    told = measure if isinstance(measure, Measure) else MEASURES[measure]
    data = data.assign(row=data["task"] + "/" + data["variant"], column=data["layer"])
    data["title"] = data["task_title"] + ": " + data["layer"].map(words)

    def decorate(ax: Axes, panel: pd.DataFrame) -> None:
        variant = str(panel["variant"].iloc[0])
        label = textwrap.fill(told.label, 28)
        ax.set_ylabel(f"{label}\n({reset_title(variant)})" if variant in EXACT_GRADIENTS else label)
        _scale(ax, data, told)
        _level(ax, told.neutral)

    note = f"Grey line: {told.neutral_title}. " if told.neutral_title else ""
    if data["kind"].isin(["ceiling", RANDOM]).any():
        note += "Grey bands: the range over the networks of a panel, of all rules and seeds."
    return _grid(data, runs, colours, decorate, height=36.0, share="all", note=note)


def _scale(ax: Axes, data: pd.DataFrame, measure: Measure) -> None:
    """Give an axis the scale of a measure, where all that is drawn has a place on it."""
    if measure.scale == "error" and data["value"].notna().any():
        style.error_scale(ax, pd.concat([data[name] for name in ("value", "low", "high", "chance")]))
    # Intervals of few seeds are not drawn.
    drawn = pd.concat([data["value"], data.loc[data["n"] >= INTERVAL_FROM, "low"]]).dropna()
    # What is 0 but for rounding would take most of a logarithmic axis.
    if measure.scale == "log" and (drawn > 0).all() and drawn.max() < _DECADES * drawn.min():
        style.log_scale(ax)
    elif measure.scale == "log" and (drawn > 0).any():
        style.log_scale_to_zero(ax, drawn)


def _grid(
    data: pd.DataFrame, runs: pd.DataFrame, colours: Mapping[str, str] | None,
    decorate: Callable[[Axes, pd.DataFrame], None], *, height: float, share: Literal["none", "all"], note: str,
) -> Figure:  # fmt: skip
    """Return the figure with a panel for each `row` and `column` of the data; `height` is that of a panel [mm]."""
    table = prepared(runs)
    every = looks(table, colours)
    shown = {key: look for key, look in every.items() if key in set(data["configuration"])}
    rows = list(data["row"].unique())
    columns = sorted(data["column"].unique(), key=lambda name: (name == "readout", list(data["column"]).index(name)))
    with style.style():
        rules, strokes = legend.handles(list(shown.values()))
        controls = [
            Line2D([], [], color=style.GREY, linewidth=1.0, linestyle=dashes, label=label)
            for kind, (dashes, label) in CONTROLS.items()
            if (data["kind"] == kind).any()
        ]
        notes = [
            f"{_spread(data)} {note}".strip(),
            *_clashes(shown),
            *undefined(data[data["kind"] == "rule"], every),
            *troubles(table, every),
        ]
        width = style.SINGLE if len(columns) == 1 else style.DOUBLE
        figure, top = legend.canvas(width, 8 + height * len(rows), [rules, [*strokes, *controls]], notes)
        axes = top.subplots(len(rows), len(columns), sharex="col", sharey=share, squeeze=False)
        titled: set[tuple[str, str]] = set()
        drawn: list[tuple[Axes, pd.DataFrame, bool]] = []
        for index, (ax, (row, column)) in enumerate(zip(axes.flat, product(rows, columns), strict=True)):
            panel = data[(data["row"] == row) & (data["column"] == column)]
            if panel.empty:
                ax.set_axis_off()
                continue
            style.letter(ax, index)
            _draw(ax, panel, shown)
            drawn.append((ax, panel, column == columns[0]))
            place = (str(panel["task"].iloc[0]), column)
            ax.set_title("" if place in titled else str(panel["title"].iloc[0]))
            titled.add(place)
            ax.set_xlabel("epoch" if row == rows[-1] else "")
        # Axes are shared, and their ranges known when all panels are drawn.
        for ax, panel, is_first in drawn:
            decorate(ax, panel)
            _coincidence(ax, panel)
            if not is_first:
                ax.set_ylabel("")
        sns.despine(fig=figure)
        top.align_ylabels(list(axes[:, 0]))
    return figure


def _level(ax: Axes, value: float, label: str = "") -> None:
    """Draw a grey line across the panel, with its name at the right end."""
    if np.isfinite(value):
        ax.axhline(value, color=style.GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
        ax.annotate(label, (1, value), xycoords=("axes fraction", "data"), xytext=(0, 1.5), ha="right", va="bottom",
                    textcoords="offset points", color=style.GREY, size="small")  # fmt: skip
