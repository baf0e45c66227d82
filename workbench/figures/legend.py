"""The legend and the notes under the panels of every figure."""

import textwrap
from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.textpath import TextPath

from workbench.figures.style import MM
from workbench.tables.looks import Look, words


def handles(shown: Sequence[Look]) -> tuple[list[Line2D], list[Line2D]]:
    """Return what the legend explains of the configurations: a colour for each rule, and a stroke for each pathway."""
    colours = {look.rule_label: look.colour for look in shown}
    pathways = {look.feedback: look for look in shown if look.feedback != "none"}
    rules = [Line2D([], [], color=colour, linewidth=2.4, label=label) for label, colour in colours.items()]
    strokes = [
        Line2D([], [], color="#404040", linestyle=look.linestyle, marker=look.stroke.marker,
               markersize=3.4, markeredgewidth=0.0, label=f"{words(name)} feedback")
        for name, look in pathways.items()
    ]  # fmt: skip
    return rules, strokes


def canvas(
    width: float, height: float, rows: Sequence[Sequence[Line2D]], notes: Sequence[str]
) -> tuple[Figure, SubFigure]:
    """Return a figure with legend and notes at its foot, and the part above them that is for the panels.

    Parameters
    ----------
    width : float
        Of the whole figure [mm].
    height : float
        Of the panels with their labels [mm].
    rows : sequence of sequence of Line2D
        Legend entries, one line each, wrapped where they do not fit.
    notes : sequence of str
        What the reader has to know beside the panels.
    """
    wrapped = [line for row in rows for line in _wrap(row, width)]
    lines = [line for note in notes for line in textwrap.wrap(note, int(width / 1.08))]
    foot = 3.9 * len(wrapped) + (2.9 * len(lines) + 1.2 if lines else 0.0) + 0.8
    figure = Figure(figsize=(width * MM, (height + foot) * MM), layout="constrained")
    parts = figure.subfigures(2, 1, height_ratios=[height, foot], squeeze=False)
    top, bottom = parts[0, 0], parts[1, 0]
    for index, row in enumerate(wrapped):
        where = (0.5, 1 - 3.9 * index / foot)
        bottom.legend(handles=list(row), loc="upper center", bbox_to_anchor=where, ncol=len(row), borderpad=0,
                      borderaxespad=0, handlelength=2.6, handletextpad=0.5, columnspacing=1.4)  # fmt: skip
    for index, line in enumerate(lines):
        height_left = foot - 3.9 * len(wrapped) - 1.2 - 2.9 * index
        bottom.text(2.0 / width, height_left / foot, line, va="top", ha="left", fontsize=5.5, color="#505050")
    return figure, top


def _wrap(entries: Sequence[Line2D], width: float) -> list[list[Line2D]]:
    rows: list[list[Line2D]] = []
    room = 0.0
    for entry in entries:
        needed = (
            10.0
            + TextPath((0, 0), str(entry.get_label()), size=mpl.rcParams["legend.fontsize"]).get_extents().width
            / 72
            / MM
        )
        if not rows or needed > room:
            rows.append([])
            room = width - 4.0
        rows[-1].append(entry)
        room -= needed
    return rows
