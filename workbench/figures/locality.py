"""Figures of locality: the scorecard of rules, and the graph of what a synapse depends on."""

from typing import Literal

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from workbench.declare.configuration import configuration_label, words
from workbench.figures.style import DOUBLE, GREY, MM, PALE, style
from workbench.tables.text import plain

#: It does not hold, in part, it does: lightness alone tells them apart, too.
_SCORES = ListedColormap(["#F2F2F2", "#A6C8E0", "#2C6E9B"])

#: What weighs a signal, how its arrow looks, and what it is called.
ARROWS: dict[str, tuple[str, Literal["-", ":"], str]] = {
    "none": (GREY, "-", "reads"),
    "fixed": ("#0072B2", "-", "by fixed weights"),
    "begun": ("#56B4E9", "-", "by fixed weights that begin as forward weights"),
    "learned": ("#009E73", "-", "by weights that follow"),
    "by_rule": ("#D55E00", "-", "by weights that learn"),
    "returned": ("#D55E00", "-", "by weights that learn from themselves the other way about"),
    "copied": ("#D55E00", "-", "by weights that learn from forward weights"),
    "signs": ("#E69F00", "-", "by signs of forward weights"),
    "transpose": ("#D55E00", "-", "by forward weights, the other way about"),
    "acted on": (GREY, ":", "acts on the neuron"),
}


def scorecard(table: pd.DataFrame) -> Figure:
    """Draw the scorecard: a row for each rule, a column for each complaint.

    Parameters
    ----------
    table : DataFrame
        Of `workbench.tables.locality.scorecard_table`.

    Returns
    -------
    Figure
        183 mm wide.
    """
    complaints = table.attrs["complaints"]
    rows = table.dropna(subset="total").iloc[::-1]
    with style():
        figure = Figure(figsize=(DOUBLE * MM, (20 + 4.6 * len(rows)) * MM), layout="constrained")
        axis = figure.subplots()
        values = rows[complaints].to_numpy(dtype=float)
        axis.pcolormesh(values, cmap=_SCORES, vmin=0, vmax=1, edgecolor="white", linewidth=1.5)
        labels = [configuration_label(str(row["title"]), str(row["feedback"])) for _, row in rows.iterrows()]
        axis.set_yticks([place + 0.5 for place in range(len(rows))], labels)
        axis.set_xticks(
            [place + 0.5 for place in range(len(complaints))], [_broken(name) for name in complaints], size=6
        )
        axis.xaxis.tick_top()
        axis.tick_params(length=0)
        for spine in axis.spines.values():
            spine.set_visible(False)
        for place, (total, signal) in enumerate(zip(rows["total"], rows["signal"], strict=True)):
            axis.text(len(complaints) + 0.15, place + 0.5, f"{total:g}", va="center", ha="left")
            axis.text(len(complaints) + 0.55, place + 0.5, signal, va="center", ha="left", color=GREY)
        axis.text(len(complaints) + 0.15, len(rows) + 0.12, "in all", va="bottom", ha="left")
        axis.text(len(complaints) + 0.75, len(rows) + 0.12, "a neuron gets", va="bottom", ha="left", color=GREY)
        axis.set_xlim(0, len(complaints) + 4.2)
        patches = [
            Line2D([], [], marker="s", linestyle="", markersize=6, color=_SCORES(value), label=label)
            for value, label in ((0.0, "does not hold"), (0.5, "in part"), (1.0, "holds"))
        ]
        figure.legend(handles=patches, loc="outside lower center", ncols=3)
    return figure


def _broken(text: str) -> str:
    """Return a heading in lines short enough for a narrow column."""
    return (
        text.replace("high-", "high- ")
        .replace("copy of", "copy_of")
        .replace("in time", "in_time")
        .replace(" ", "\n")
        .replace("_", " ")
    )


def provenance_graph(edges: pd.DataFrame, title: str) -> Figure:
    """Draw what an estimate depends on: a column for each place, an arrow for each reading.

    Parameters
    ----------
    edges : DataFrame
        Columns reader_place, reader, read_place, read, kind and acted_on; the first reader is `g`.
    title : str
        Of the figure.

    Returns
    -------
    Figure
        183 mm wide.
    """
    nodes = list(dict.fromkeys([(edges["reader_place"].iloc[0], edges["reader"].iloc[0]),
                                *zip(edges["read_place"], edges["read"], strict=True)]))  # fmt: skip
    others = [place for place in dict.fromkeys(place for place, _ in nodes) if place not in _COLUMNS]
    columns = [place for place in _COLUMNS if any(place == own for own, _ in nodes)] + others
    heights = {place: [name for own, name in nodes if own == place] for place in columns}
    most = max(map(len, heights.values()))
    places = {
        (place, name): (index, _height(number, len(heights[place]), most))
        for index, place in enumerate(columns)
        for number, name in enumerate(heights[place])
    }
    with style():
        figure = Figure(figsize=(DOUBLE * MM, (30 + 9 * most) * MM), layout="constrained")
        axis = figure.subplots()
        for index, place in enumerate(columns):
            axis.axvspan(index - 0.42, index + 0.42, color=PALE, alpha=0.45, linewidth=0)
            axis.annotate(_TITLES.get(place, words(place)), (index, 1.0), xytext=(0, 3),
                          xycoords=("data", "axes fraction"), textcoords="offset points", ha="center", va="bottom",
                          weight="bold", annotation_clip=False)  # fmt: skip
        used = []
        for _, edge in edges.iterrows():
            look = "acted on" if edge["acted_on"] else str(edge["kind"])
            used.append(look)
            _arrow(axis, places[edge["read_place"], edge["read"]], places[edge["reader_place"], edge["reader"]], look)
        for (_, name), (x, y) in places.items():
            axis.text(x, y, name, ha="center", va="center", bbox={"boxstyle": "round,pad=0.35", "fc": "white",
                      "ec": GREY, "lw": 0.6}, zorder=3)  # fmt: skip
        axis.set(xlim=(-0.5, len(columns) - 0.5), ylim=(-0.12, 1.12))
        axis.set_title(plain(title), pad=24)
        axis.set_axis_off()
        lines = [Line2D([], [], color=colour, linestyle=dash, label=label)
                 for look, (colour, dash, label) in ARROWS.items() if look in used]  # fmt: skip
        figure.legend(handles=lines, loc="outside lower center", ncols=3)
    return figure


_COLUMNS = ("pre", "synapse", "post", "trial")
_TITLES = {
    "pre": "presynaptic\nneuron",
    "synapse": "synapse",
    "post": "postsynaptic\nneuron",
    "trial": "time in\na trial",
}


def _height(number: int, count: int, most: int) -> float:
    """Return a node's height: columns are centred, and as dense as the fullest."""
    return 0.5 + (0.5 * (count - 1) - number) / max(most - 1, 1)


def _arrow(axis: Axes, start: tuple[float, float], end: tuple[float, float], look: str) -> None:
    colour, dash, _ = ARROWS[look]
    same = start[0] == end[0]
    axis.annotate("", xy=end, xytext=start, zorder=2, arrowprops={
        "arrowstyle": "-|>,head_width=0.15,head_length=0.3", "color": colour, "linestyle": dash, "linewidth": 0.9,
        "shrinkA": 9, "shrinkB": 9, "connectionstyle": f"arc3,rad={0.35 if same else 0.06}",
    })  # fmt: skip
