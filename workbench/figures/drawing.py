"""What figures are drawn of, and a figure that is drawn."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import pandas as pd
from matplotlib.figure import Figure

from workbench.tables.conditions import selected
from workbench.tables.published import published_table


@runtime_checkable
class Results(Protocol):
    """The two tables of a study, one row per run and one row per measured value."""

    @property
    def runs(self) -> pd.DataFrame:
        """As in `runs.parquet`."""

    @property
    def curves(self) -> pd.DataFrame:
        """As in `curves.parquet`."""


@dataclass(frozen=True, eq=False)
class Drawing:
    """A figure of a study.

    Attributes
    ----------
    name : str
        Of its files, without suffix.
    figure : Figure
        As one of the functions of this package returns it.
    data : DataFrame
        Behind its panels.
    caption : str
        What is drawn, of how many seeds, and what bars are.
    """

    name: str
    figure: Figure
    data: pd.DataFrame
    caption: str


def chosen(results: Results, where: Sequence[str]) -> Results:
    """Return the results of some conditions: of their runs, and of the draws of a search for their settings.

    Parameters
    ----------
    results : Results
        Of a study; whatever else they have is kept.
    where : sequence of str
        Axes with one of their labels, such as ``depth=2``.

    Raises
    ------
    StudyError
        Where there is no such axis or label.
    """
    found = copy(results)
    # Also of results that are frozen: it is a copy that is changed.
    object.__setattr__(found, "runs", selected(results.runs, where))
    draws = draws_of(results)
    if draws is not None:
        object.__setattr__(found, "draws", selected(draws, where))
    return found


def draws_of(results: Results) -> pd.DataFrame | None:
    """Return the draws of a study's search; None where it has none."""
    draws: pd.DataFrame | None = getattr(results, "draws", None)
    return None if draws is None or draws.empty else draws


def published_of(results: Results) -> pd.DataFrame | None:
    """Return the published figures beside those of a study; None where it is held to none."""
    published = getattr(results, "published", ())
    if not published:
        return None
    return published_table(results.runs, results.curves, published, getattr(results, "measures", ()))
