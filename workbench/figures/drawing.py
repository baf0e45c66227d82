"""What figures are drawn of, and a figure that is drawn."""

from dataclasses import dataclass, is_dataclass, replace
from typing import Protocol, runtime_checkable

import pandas as pd
from matplotlib.figure import Figure


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


def of_runs(results: Results, runs: pd.DataFrame) -> Results:
    """Return the results of some runs; of results that are no record, all of them."""
    return replace(results, runs=runs) if is_dataclass(results) and not isinstance(results, type) else results
