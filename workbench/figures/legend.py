"""The legend and the notes under the panels of every figure."""

import textwrap
from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.textpath import TextPath

from workbench.declare.configuration import NO_FEEDBACK, words
from workbench.figures.style import MM
from workbench.tables.appearance import Look

#: How long a line of a label may be [mm].
LABEL = 48.0


def handles(shown: Sequence[Look]) -> tuple[list[Line2D], list[Line2D]]:
    """Return what the legend explains of the configurations: a colour for each rule, and a stroke for each pathway.

    Where pathways of one rule have colours of their own, both together.
    """
    colours = {look.rule_label: look.colour for look in shown}
    if len(set(colours.values())) < len({look.colour for look in shown}):
        return [], [_stroke(look, look.colour, folded(look.label)) for look in shown]
    pathways = {look.feedback: look for look in shown}
    rules = [Line2D([], [], color=colour, linewidth=2.4, label=folded(label)) for label, colour in colours.items()]
    strokes = [
        _stroke(look, "#404040", "no feedback" if name == NO_FEEDBACK else f"{words(name)} feedback")
        for name, look in pathways.items()
    ]
    return rules, strokes


def _stroke(look: Look, colour: str, label: str) -> Line2D:
    return Line2D([], [], color=colour, linestyle=look.linestyle, marker=look.stroke.marker,
                  markersize=3.4 * look.stroke.size, markeredgewidth=0.0, label=label)  # fmt: skip


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
    heights = [3.9 + 2.6 * max(str(entry.get_label()).count("\n") for entry in row) for row in wrapped]
    foot = sum(heights) + (2.9 * len(lines) + 1.2 if lines else 0.0) + 0.8
    figure = Figure(figsize=(width * MM, (height + foot) * MM), layout="constrained")
    parts = figure.subfigures(2, 1, height_ratios=[height, foot], squeeze=False)
    top, bottom = parts[0, 0], parts[1, 0]
    for index, row in enumerate(wrapped):
        where = (0.5, 1 - sum(heights[:index]) / foot)
        bottom.legend(handles=list(row), loc="upper center", bbox_to_anchor=where, ncol=len(row), borderpad=0,
                      borderaxespad=0, handlelength=2.6, handletextpad=0.5, columnspacing=1.4)  # fmt: skip
    for index, line in enumerate(lines):
        height_left = foot - sum(heights) - 1.2 - 2.9 * index
        bottom.text(2.0 / width, height_left / foot, line, va="top", ha="left", fontsize=5.5, color="#505050")
    return figure, top


def _wrap(entries: Sequence[Line2D], width: float) -> list[list[Line2D]]:
    rows: list[list[Line2D]] = []
    room = 0.0
    for entry in entries:
        needed = 10.0 + max(map(_length, str(entry.get_label()).split("\n")))
        if not rows or needed > room:
            rows.append([])
            room = width - 4.0
        rows[-1].append(entry)
        room -= needed
    return rows


def folded(label: str) -> str:
    """Return a label in lines of at most `LABEL`."""
    letters = 40
    while letters > 8 and max(map(_length, textwrap.wrap(label, letters)), default=0.0) > LABEL:
        letters -= 4
    return textwrap.fill(label, letters)


def _length(line: str) -> float:
    """Return how long a line of the legend is [mm]."""
    return float(TextPath((0, 0), line, size=mpl.rcParams["legend.fontsize"]).get_extents().width / 72 / MM)
