"""How every figure looks: sizes, fonts, greys and scales."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter
from numpy.typing import ArrayLike, NDArray

#: Widths of one and of two columns of a journal [mm].
SINGLE, DOUBLE = 89.0, 183.0
MM = 1 / 25.4
GREY, PALE = "#8A8A8A", "#E4E4E4"


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
        # Titles and reasons are anybody's text, in which a dollar is a dollar.
        "text.parse_math": False,
        "figure.dpi": 150, "savefig.dpi": 300, "savefig.bbox": None, "figure.facecolor": "white",
    }  # fmt: skip
    with mpl.rc_context(sns.axes_style("ticks") | own):
        yield


def letter(ax: Axes, index: int) -> None:
    """Write the panel's letter above its upper left corner."""
    ax.annotate(chr(ord("a") + index % 26), (0, 1), xytext=(-16, 5), xycoords="axes fraction", weight="bold", size=8,
                textcoords="offset points", ha="left", va="bottom", annotation_clip=False)  # fmt: skip


#: Where a logarithmic axis of the error has labels, the few if they are enough.
_ACCURACIES = ((0, 50, 80, 90, 95, 98, 99, 100), (0, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 88, *range(90, 101)))


def log_scale(ax: Axes) -> None:
    """Use a logarithmic y axis with plain numbers, for what is drawn already: at least two of them."""
    ax.set_yscale("log")
    low, high = ax.get_ylim()
    decades = np.log10(high / low)
    marks = (1.0,) if decades > 3 else (1.0, 2.0, 5.0)
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    places = [mark * power for power in powers for mark in marks if low <= mark * power <= high]
    ax.yaxis.set_major_locator(LogLocator(subs=marks) if len(places) > 1 else MaxNLocator(4))
    plain_numbers(ax.yaxis)


def log_scale_to_zero(ax: Axes, values: pd.Series) -> None:
    """Use a logarithmic y axis for what may be 0 or less, too: linear up to the least of what is above it.

    Parameters
    ----------
    ax : Axes
        Its y axis.
    values : Series
        All that is drawn; some of it is above 0. It is linear below a thousandth of the largest in any case.
    """
    largest = float(values.max())
    threshold = 10.0 ** np.floor(np.log10(max(float(values[values > 0].min()), largest / 1000)))
    ax.set_yscale("symlog", linthresh=threshold, linscale=0.4)
    powers = threshold * 10.0 ** np.arange(np.ceil(np.log10(largest / threshold)) + 1)
    high = ax.get_ylim()[1]
    ax.set_yticks([0.0, *powers[powers <= high]])
    ax.set_ylim(min(float(values.min()), 0.0) - 0.3 * threshold, high)
    plain_numbers(ax.yaxis)


def plain_numbers(axis: Axis) -> None:
    """Label a logarithmic axis with plain numbers."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def powers_of_ten(ax: Axes) -> None:
    """Label a logarithmic y axis with powers of ten."""
    superscripts = str.maketrans("-0123456789", "\u207b\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")
    ax.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _: f"10{str(round(np.log10(value))).translate(superscripts)}")
    )
    ax.yaxis.set_minor_formatter(NullFormatter())


def error_scale(ax: Axes, values: pd.Series) -> None:
    """Space accuracies [%] by the logarithm of the error, so that 90, 95 and 98 % are told apart.

    The error is taken from 100.3 %, so that an accuracy of 100 % has its place.

    Parameters
    ----------
    ax : Axes
        Its y axis.
    values : Series
        All that is drawn.
    """

    def spaced(accuracy: ArrayLike) -> NDArray[np.float64]:
        return np.asarray(-np.log10(np.maximum(100.3 - np.asarray(accuracy, dtype=np.float64), 0.01)))

    def accuracy(spaced: ArrayLike) -> NDArray[np.float64]:
        return np.asarray(100.3 - 10 ** -np.asarray(spaced, dtype=np.float64))

    ax.set_yscale("function", functions=(spaced, accuracy))
    bottom, top = max(float(values.min()) - 8, 0), 100.3 - 0.8 * (100.3 - float(values.max()))
    few, many = ([mark for mark in marks if bottom <= mark <= top] for marks in _ACCURACIES)
    ax.set_yticks(few if len(few) > 2 else many)
    ax.set_ylim(bottom, top)
