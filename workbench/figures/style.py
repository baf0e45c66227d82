"""How every figure looks: sizes, fonts, colours, strokes and scales.

A colour stands for a rule and a stroke (dashes, marker) for a feedback pathway. Both follow from the name alone, so
that they are the same in every figure, whichever rules it shows.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
from numpy.typing import ArrayLike, NDArray

#: Widths of one and of two columns of a journal [mm].
SINGLE, DOUBLE = 89.0, 183.0
MM = 1 / 25.4
GREY, PALE = "#8A8A8A", "#E4E4E4"

#: Okabe and Ito's palette, for the rules of this package; the rest of it is kept free for rules to come.
COLOURS = {"bptt": "#000000", "eprop": "#D55E00", "dcll": "#0072B2", "frozen": "#56B4E9"}
#: For the rules of others, apart from Okabe and Ito's colours and from each other also without red or green cones.
OTHER_COLOURS = ("#781E00", "#78005A", "#1E3CB4", "#3C87FF", "#782D3C", "#78B45A", "#5A783C", "#690078")


@dataclass(frozen=True)
class Stroke:
    """How a feedback pathway is drawn: dashes in units of the line width, a marker and its size beside a circle."""

    dashes: tuple[float, ...]
    marker: str
    size: float = 1.0


STROKES = {
    "none": Stroke((), "D", 0.84),
    "symmetric": Stroke((), "o"),
    "random_direct": Stroke((4, 1.6), "s", 0.9),
    "random_chained": Stroke((1, 1.4), "^", 1.12),
    "local_readout": Stroke((6, 1.5, 1, 1.5), "v", 1.12),
}
OTHER_STROKES = (Stroke((8, 2), "P"), Stroke((3, 1, 1, 1, 1, 1), "X"), Stroke((2, 3), "h"), Stroke((5, 1, 2, 1), "<"))


@dataclass(frozen=True)
class Look:
    """How one configuration (a rule with a feedback pathway and parameters) is named and drawn."""

    rule: str
    feedback: str
    colour: str
    stroke: Stroke
    rule_label: str
    label: str

    @property
    def linestyle(self) -> tuple[float, Sequence[float]] | Literal["-"]:
        """The dashes as matplotlib takes them."""
        return (0.0, self.stroke.dashes) if self.stroke.dashes else "-"


def _stable(name: str, n: int) -> int:
    """Return a number below `n` that depends on the name alone (Python's own hash differs between processes)."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % n


def rule_colour(rule: str) -> str:
    """Return the colour of a rule: fixed for the rules of this package, by a hash of the name for others."""
    return COLOURS.get(rule) or OTHER_COLOURS[_stable(rule, len(OTHER_COLOURS))]


def feedback_stroke(feedback: str) -> Stroke:
    """Return the stroke of a feedback pathway: fixed for known ones, by a hash of the name for others."""
    return STROKES.get(feedback) or OTHER_STROKES[_stable(feedback, len(OTHER_STROKES))]


def words(name: str) -> str:
    """Return a name as it is read: 'random_direct' as 'random direct', 'hidden1' as 'hidden 1'."""
    spaced = name.replace("_", " ").strip()
    stem = spaced.rstrip("0123456789")
    return f"{stem} {spaced[len(stem) :]}" if stem.isalpha() and stem != spaced else spaced


def _rank(key: tuple[str, str, str]) -> tuple[int, str, int, str, int, str]:
    order = list(STROKES)
    rule, feedback, parameters = key
    known = order.index(feedback) if feedback in order else len(order)
    return ({"bptt": 0, "frozen": 2}.get(rule, 1), rule, len(parameters), parameters, known, feedback)


def _differences(texts: Sequence[str]) -> list[str]:
    """Return, for JSON texts of parameters, what tells them apart; empty where nothing does."""
    try:
        sets = [dict(json.loads(text or "{}")) for text in texts]
    except (TypeError, ValueError):
        return list(texts) if len(set(texts)) > 1 else [""] * len(texts)
    names = sorted({name for values in sets for name in values})
    varied = [name for name in names if len({json.dumps(values.get(name)) for values in sets}) > 1]
    # 'network.weights.hidden_std' goes by its last name where no other has it.
    last = [name.rpartition(".")[2] for name in varied]
    short = {name: own if last.count(own) == 1 else name for name, own in zip(varied, last, strict=True)}
    return [
        ", ".join(f"{short[n]} = {values[n]}" if n in values else f"default {short[n]}" for n in varied)
        for values in sets
    ]


def looks(runs: pd.DataFrame, colours: Mapping[str, str] | None = None) -> dict[str, Look]:
    """Return how each configuration is drawn, in the order of all figures and tables: BPTT first, frozen last.

    Parameters
    ----------
    runs : DataFrame
        With the column `configuration` (see `workbench.figures.data.prepared`).
    colours : mapping of str to str, optional
        Colours by rule name that replace the standard ones.

    Returns
    -------
    dict of str to Look
        By configuration. Where a rule runs with several sets of parameters, the later sets are paler.
    """
    rows = {
        (str(row.rule), str(row.feedback), str(row.parameters)): (str(row.title), str(row.configuration))
        for row in runs.drop_duplicates("configuration").itertuples()
    }
    result: dict[str, Look] = {}
    for key in sorted(rows, key=_rank):
        rule, feedback, parameters = key
        sets = sorted({other[2] for other in rows if other[0] == rule}, key=lambda text: (len(text), text))
        index = sets.index(parameters)
        detail = _differences(sets)[index]
        white = min(0.35 * index, 0.7)
        red, green, blue = ((1 - white) * part + white for part in to_rgb((colours or {}).get(rule, rule_colour(rule))))
        title, configuration = rows[key]
        title += f" ({detail})" if detail else ""
        label = title if feedback == "none" else f"{title}, {words(feedback)}"
        colour = to_hex((red, green, blue))
        result[configuration] = Look(rule, feedback, colour, feedback_stroke(feedback), title, label)
    return result


@contextmanager
def style() -> Iterator[None]:
    """Set matplotlib's parameters for a figure of a paper, and set them back afterwards."""
    installed = set(font_manager.get_font_names())
    fonts = [name for name in ("Arial", "Liberation Sans") if name in installed] + ["DejaVu Sans"]
    size = 7.0 if len(fonts) > 1 else 6.5  # DejaVu is wider
    own: dict[Any, Any] = {
        "font.family": "sans-serif", "font.sans-serif": fonts, "font.size": size, "mathtext.default": "regular",
        "axes.labelsize": size, "axes.titlesize": size, "xtick.labelsize": size - 0.5, "ytick.labelsize": size - 0.5,
        "legend.fontsize": size - 0.5, "legend.frameon": False, "axes.titleweight": "normal",
        "axes.linewidth": 0.6, "axes.labelpad": 2.5, "axes.titlepad": 4.0, "axes.unicode_minus": True,
        "xtick.major.width": 0.6, "ytick.major.width": 0.6, "xtick.major.size": 2.5, "ytick.major.size": 2.5,
        "xtick.minor.size": 1.5, "ytick.minor.size": 1.5, "xtick.minor.width": 0.4, "ytick.minor.width": 0.4,
        "xtick.major.pad": 2.0, "ytick.major.pad": 2.0, "lines.linewidth": 1.1, "lines.solid_capstyle": "round",
        "lines.scale_dashes": True, "pdf.fonttype": 42, "ps.fonttype": 42, "svg.fonttype": "none",
        "figure.dpi": 150, "savefig.dpi": 300, "savefig.bbox": None, "figure.facecolor": "white",
    }  # fmt: skip
    with mpl.rc_context(sns.axes_style("ticks") | own):
        yield


def letter(ax: Axes, index: int) -> None:
    """Write the panel's letter above its upper left corner."""
    ax.annotate(chr(ord("a") + index % 26), (0, 1), xytext=(-16, 5), xycoords="axes fraction", weight="bold", size=8,
                textcoords="offset points", ha="left", va="bottom", annotation_clip=False)  # fmt: skip


def log_scale(ax: Axes) -> None:
    """Use a logarithmic y axis with plain numbers at 1, 2 and 5."""
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())


def error_scale(ax: Axes, values: pd.Series) -> None:
    """Space accuracies [%] by the logarithm of the error, so that 90, 95 and 98 % are told apart.

    The error is taken from 100.3 %, so that an accuracy of 100 % has its place.
    """

    def spaced(accuracy: ArrayLike) -> NDArray[np.float64]:
        return np.asarray(-np.log10(np.maximum(100.3 - np.asarray(accuracy, dtype=np.float64), 0.01)))

    def accuracy(spaced: ArrayLike) -> NDArray[np.float64]:
        return np.asarray(100.3 - 10 ** -np.asarray(spaced, dtype=np.float64))

    ax.set_yscale("function", functions=(spaced, accuracy))
    top = 100.3 - 0.8 * (100.3 - float(values.max()))
    ax.set_yticks([mark for mark in (0, 50, 80, 90, 95, 98, 99, 100) if mark <= top])
    ax.set_ylim(max(float(values.min()) - 8, 0), top)
