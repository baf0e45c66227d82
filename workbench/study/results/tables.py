"""The two tables of a study, gathered from its stored runs."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.common.errors import DamageError, StorageError, StudyError, nearest
from workbench.common.files import write_atomically
from workbench.declare.field_types import called
from workbench.declare.measure import Measure
from workbench.declare.published_figure import PublishedFigure
from workbench.study.results.columns import CURVE_COLUMNS, TABLE_COLUMNS
from workbench.study.results.draws import read_draws
from workbench.study.results.folder import MARKER, TABLES, refuse_links
from workbench.study.results.mark import Mark, read_mark
from workbench.study.results.store import RunResult, Stored, read_result, survey
from workbench.study.results.weights import MOMENTS, read_weights
from workbench.tables.compared import by_runs


@dataclass(frozen=True, eq=False)
class Results:
    """The tables of a study.

    Attributes
    ----------
    runs : DataFrame
        One row per run, with `TABLE_COLUMNS`.
    curves : DataFrame
        Measures along training in long form, with `CURVE_COLUMNS`.
    folder : Path, optional
        Where the runs are stored.
    missing : int
        How many runs of the study are not stored, so that the tables are without them.
    contrasts : list of mapping
        The comparisons that the study is made for: `of` and `minus`, rules with their feedback, `measure`, and what
        else `contrasts_table` takes.
    draws : DataFrame, optional
        One row per draw of the study's search, with `DRAW_COLUMNS`.
    measures : tuple of Measure
        Those of plugins, without their functions: how tables and figures show them.
    published : tuple of PublishedFigure
        What the study is held to.
    """

    runs: pd.DataFrame
    curves: pd.DataFrame
    folder: Path | None = None
    missing: int = 0
    contrasts: list[dict[str, Any]] = field(default_factory=list)
    draws: pd.DataFrame | None = None
    measures: tuple[Measure, ...] = ()
    published: tuple[PublishedFigure, ...] = ()

    def weights(self, run_id: str, moment: str = "trained") -> dict[str, NDArray[np.float64]]:
        """Return the weights of a run.

        Parameters
        ----------
        run_id : str
            As in the column `run_id` of `runs`.
        moment : str
            ``"trained"``, after the last epoch, or ``"initial"``.

        Returns
        -------
        dict of str to ndarray of shape (n_pre, n_post)
            By the name of the layer that they reach, or ``hidden1_recurrent`` where it reaches itself.

        Raises
        ------
        StudyError
            Where there is no such run or moment, the run has none since it was not trained to its end, or they are not
            as they were written.
        """
        ids = set(self.runs["run_id"])
        if run_id not in ids or self.folder is None:
            raise StudyError(f"The tables have no stored run '{run_id}'. {nearest(run_id, ids if self.folder else ())}")
        if moment not in MOMENTS:
            raise StudyError(f"Weights are those of a moment, and '{moment}' is none. {nearest(moment, MOMENTS)}")
        with _mendable():
            result = read_result(self.folder, run_id)
            if result is None or not result.weights_sha256:
                status = "is not stored any more" if result is None else f"ended as '{result.row['status']}'"
                raise StudyError(f"Run '{run_id}' has no weights: it {status}.")
            return dict(read_weights(self.folder, run_id, result.weights_sha256)[moment])


def compact(folder: Path, known: Mapping[str, RunResult] | None = None) -> Results:
    """Gather the stored runs of the study, as it was carried out last, into ``runs.parquet`` and ``curves.parquet``.

    Runs of the study as it was written before stay stored, but out of the tables.

    Parameters
    ----------
    folder : Path
        Of the study's results.
    known : mapping of str to RunResult, optional
        Runs that were read before, and have not been made again since.

    Returns
    -------
    Results
        What was written.

    Raises
    ------
    StudyError
        Where the tables cannot be written; says how many runs are stored.
    """
    mark = _mark(folder)
    stored = survey(folder, mark.runs, known=known)
    results = replace(_tables(folder, stored, mark), draws=read_draws(folder))
    try:
        for name, table in zip(TABLES, (results.curves, results.runs), strict=True):
            write_atomically(folder / name, table.to_parquet(index=False))
    except StorageError as error:
        raise StudyError(
            f"{error} {len(stored.finished)} of {len(mark.runs)} runs are stored, but not in the tables; run the "
            "study again to go on from there."
        ) from error
    return results


@called(StudyError)
def load_results(folder: str | Path) -> Results:
    """Return the tables of a study, gathered from its stored runs; of one that was killed, those that there are.

    Parameters
    ----------
    folder : str or Path
        Of the study's results.

    Returns
    -------
    Results
        One row per run, and one per measured value; how many runs are missing.

    Raises
    ------
    StudyError
        Where there are none, or one is not as it was written.
    """
    folder = Path(folder)
    refuse_links(folder)
    with _mendable():
        mark = _mark(folder)
        stored = survey(folder, mark.runs)
        for error in stored.damaged.values():
            raise error
        draws = read_draws(folder)
    if not stored.results:
        raise StudyError(f"{folder} holds no results of a study. Run the study first.")
    return replace(_tables(folder, stored, mark), draws=draws)


@contextmanager
def _mendable() -> Iterator[None]:
    try:
        yield
    except DamageError as error:
        raise StudyError(f"{error} Run the study again to mend it; all that is whole is kept.") from error


def _mark(folder: Path) -> Mark:
    mark = read_mark(folder)
    if mark is None:
        raise StudyError(f"{folder} holds no results of a study, since it has no '{MARKER}'. Run the study first.")
    return mark


def _tables(folder: Path, stored: Stored, mark: Mark) -> Results:
    found: list[RunResult] = list(stored.results.values())
    rows = [{**result.row, "condition": mark.runs[name]} for name, result in stored.results.items()]
    runs = {name: [row[name] for row in rows] for name in TABLE_COLUMNS}
    points = [point for result in found for point in result.curves]
    curves: dict[str, list[Any]] = {"run_id": [result.row["run_id"] for result in found for _ in result.curves]}
    curves |= {name: [point[name] for point in points] for name in CURVE_COLUMNS if name != "run_id"}
    frames = (_frame(runs, TABLE_COLUMNS), _frame(curves, CURVE_COLUMNS))
    missing = mark.total - len(found)
    by_place = dict(zip(mark.places, mark.runs, strict=True))
    contrasts = [by_runs(contrast, by_place) for contrast in mark.contrasts]
    return Results(*frames, folder, missing, contrasts, measures=mark.measures, published=mark.published)


def _frame(values: Mapping[str, list[Any]], columns: Mapping[str, Any]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(values[name], dtype=kind) for name, kind in columns.items()})
