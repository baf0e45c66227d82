"""The two tables of a study, gathered from its stored runs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.errors import StudyError
from workbench.files import write_atomically
from workbench.study.store import CURVE_COLUMNS, RUN_COLUMNS, read_result, stored


@dataclass(frozen=True, eq=False)
class Results:
    """The tables of a study.

    Attributes
    ----------
    runs : DataFrame
        One row per run, with `RUN_COLUMNS`.
    curves : DataFrame
        Measures along training in long form, with `CURVE_COLUMNS`.
    """

    runs: pd.DataFrame
    curves: pd.DataFrame


def compact(folder: Path, run_ids: Sequence[str] | None = None) -> Results:
    """Gather the stored runs into ``runs.parquet`` and ``curves.parquet``.

    Parameters
    ----------
    folder : Path
        Of the study's results.
    run_ids : sequence of str, optional
        The runs of the study as it is written now, in its order; others stay stored but out of the tables. All, sorted
        by id, where none are given.

    Returns
    -------
    Results
        What was written.

    Raises
    ------
    StudyError
        Where the tables cannot be written.
    """
    results = _tables(folder, stored(folder) if run_ids is None else run_ids)
    try:
        write_atomically(folder / "curves.parquet", results.curves.to_parquet(index=False))
        write_atomically(folder / "runs.parquet", results.runs.to_parquet(index=False))
    except OSError as error:
        raise StudyError(
            f"{folder}: the tables cannot be written ({error.strerror}). The runs are stored; run the study again."
        ) from error
    return results


def load_results(folder: str | Path) -> Results:
    """Return the tables of a study.

    Parameters
    ----------
    folder : str or Path
        Of the study's results.

    Raises
    ------
    StudyError
        Where there are none.
    """
    folder = Path(folder)
    if not (folder / "runs.parquet").exists():
        # A study that was killed has runs and no tables yet.
        results = _tables(folder, stored(folder))
        if results.runs.empty:
            raise StudyError(f"{folder} holds no results of a study. Run the study first.")
        return results
    try:
        return Results(pd.read_parquet(folder / "runs.parquet"), pd.read_parquet(folder / "curves.parquet"))
    except (OSError, ValueError) as error:
        raise StudyError(f"{folder}: the tables cannot be read ({error}). Run the study again to mend them.") from error


def _tables(folder: Path, run_ids: Sequence[str]) -> Results:
    found = [result for result in (read_result(folder, run_id) for run_id in run_ids) if result]
    curves = [{"run_id": result.row["run_id"], **row} for result in found for row in result.curves]
    return Results(_frame([result.row for result in found], RUN_COLUMNS), _frame(curves, CURVE_COLUMNS))


def _frame(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, Any]) -> pd.DataFrame:
    rows = list(rows)
    return pd.DataFrame({name: pd.Series([row[name] for row in rows]).astype(kind) for name, kind in columns.items()})
