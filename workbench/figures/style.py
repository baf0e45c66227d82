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
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter
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
