"""Figures as files, fit for a paper: vectors, a picture, and the numbers behind them."""

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from workbench.figures import style

#: Dots per inch of a picture, as journals ask for.
RESOLUTION = 300


def save(figure: Figure, data: pd.DataFrame, stem: Path) -> list[Path]:
    """Write a figure as PDF and PNG, and the data behind its panels as CSV; return the paths.

    Parameters
    ----------
    figure : Figure
        As one of the functions of this package returns it.
    data : DataFrame
        With the column `panel`.
    stem : Path
        Where to, without suffix.

    Notes
    -----
    The PDF carries no date: the same results give the same file.
    """
    paths = [stem.with_name(stem.name + suffix) for suffix in (".pdf", ".png", ".csv")]
    with style.style():
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # arranged once; otherwise each file would arrange the panels anew
        figure.savefig(paths[0], metadata={"CreationDate": None})
        figure.savefig(paths[1], dpi=RESOLUTION)
    data.to_csv(paths[2], index=False)
    return paths
