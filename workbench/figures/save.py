"""Every figure and table of a finished study, as files."""

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import pandas as pd
from matplotlib.figure import Figure
from rich.console import Console

from workbench.errors import StudyError
from workbench.figures import style
from workbench.figures.accuracy import accuracy_dots
from workbench.figures.curves import alignment_curves, learning_curves
from workbench.figures.data import ALIGNMENT, VARIANTS, accuracy_data, alignment_data, joined, learning_data, prepared
from workbench.figures.tables import latex_table, rich_table, summary_table

#: What a configuration is compared with, seed by seed: the first of these that the study has.
BASELINES = (("frozen", "none"), ("bptt", "none"))


class Results(Protocol):
    """The two tables of a study, one row per run and one row per measured value."""

    @property
    def runs(self) -> pd.DataFrame:
        """As in `runs.parquet`."""

    @property
    def curves(self) -> pd.DataFrame:
        """As in `curves.parquet`."""


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
        figure.savefig(paths[1], dpi=300)
    data.to_csv(paths[2], index=False)
    return paths


def make_figures(
    results: str | Path | Results, out: str | Path | None = None, colours: Mapping[str, str] | None = None
) -> list[Path]:
    """Write every figure and table of a study; return the paths.

    Parameters
    ----------
    results : path or Results
        The folder of the study's results, or the results themselves.
    out : path, optional
        The folder to write to, made where it does not exist; ``figures`` in the folder of the results by default.
    colours : mapping of str to str, optional
        Colours by rule name that replace the standard ones.

    Raises
    ------
    StudyError
        If there are no results, or the folder cannot be written.
    """
    runs, curves = _read(results)
    if out is None and not isinstance(results, str | Path):
        raise StudyError("Results without a folder: name the folder to write to as `out`.")
    folder = Path(out) if out is not None else Path(str(results)) / "figures"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths = _save_tables(runs, curves, folder)
        for name, figure, data in _figures(runs, curves, colours):
            paths += save(figure, data, folder / name)
    except OSError as error:
        raise StudyError(f"{folder}: cannot write the figures ({error.strerror or error}).") from error
    return paths


def _read(results: str | Path | Results) -> tuple[pd.DataFrame, pd.DataFrame]:
    if not isinstance(results, str | Path):
        runs, curves = results.runs, results.curves
    else:
        for name in ("runs.parquet", "curves.parquet"):
            if not (Path(results) / name).is_file():
                raise StudyError(
                    f"{results}: no '{name}' here. Run the study first, or name the folder of its results."
                )
        runs, curves = (pd.read_parquet(Path(results) / name) for name in ("runs.parquet", "curves.parquet"))
    if runs.empty:
        raise StudyError("The study has no runs, so there is nothing to draw.")
    return runs, curves


def _save_tables(runs: pd.DataFrame, curves: pd.DataFrame, folder: Path) -> list[Path]:
    both = summary_table(runs, curves, tuple(VARIANTS))
    table = summary_table(runs, curves)
    console = Console(file=io.StringIO(), width=180, record=True)
    console.print(rich_table(table))
    paths = [folder / f"summary{suffix}" for suffix in (".csv", ".tex", ".txt")]
    both.to_csv(paths[0], index=False)
    paths[1].write_text(latex_table(table), encoding="utf-8")
    paths[2].write_text(console.export_text(), encoding="utf-8")
    return paths


def _once_each(runs: pd.DataFrame) -> bool:
    return not runs.duplicated(["task", "seed"]).any()


def _figures(
    runs: pd.DataFrame, curves: pd.DataFrame, colours: Mapping[str, str] | None
) -> Iterator[tuple[str, Figure, pd.DataFrame]]:
    table = prepared(runs)
    done = table[table["status"] == "done"]
    if done.empty:
        return
    yield "accuracy", accuracy_dots(runs, colours=colours), accuracy_data(runs)
    for rule, feedback in BASELINES:
        own = table[(table["rule"] == rule) & (table["feedback"] == feedback)]
        # Where a baseline has several runs of a task and seed, nobody can say which of them another is to be held to.
        if len(own) and own["configuration"].nunique() < table["configuration"].nunique() and _once_each(own):
            baseline = (rule, feedback)
            figure = accuracy_dots(runs, baseline, colours)
            yield f"accuracy_minus_{rule}", figure, accuracy_data(runs, baseline)
            break
    learning = learning_data(runs, curves)
    if not learning.empty:
        yield "learning", learning_curves(runs, curves, colours), learning
    for task in done["task"].unique():
        own = runs[runs["task"] == task]
        recorded = joined(own, curves)
        recorded = recorded[recorded["reference"].isin(list(VARIANTS))]
        for measure in ALIGNMENT:
            if (recorded["measure"] == measure).any():
                figure = alignment_curves(own, curves, measure, colours)
                yield f"{measure}_{task}", figure, alignment_data(own, curves, measure)
