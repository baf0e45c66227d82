"""Every figure and table of a finished study, as files."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console

from workbench.catalogue.registry import load_registry
from workbench.common.errors import StudyError
from workbench.declare.field_types import called
from workbench.declare.references import EXACT_GRADIENTS
from workbench.declare.study_figure import StudyFigure
from workbench.figures import style
from workbench.figures.drawing import Results, of_runs
from workbench.figures.drawings import drawings
from workbench.figures.folder import whole
from workbench.figures.locality import provenance_graph, scorecard
from workbench.figures.saving import save
from workbench.figures.search_files import search_files
from workbench.tables.conditions import axes, selected
from workbench.tables.contrasts import contrasts_table
from workbench.tables.controls import controls
from workbench.tables.locality import latex_scorecard
from workbench.tables.markdown import contrasts_markdown, summary_markdown, sweep_markdown
from workbench.tables.measured import measured_table
from workbench.tables.printed import latex_table, rich_table
from workbench.tables.summary import summary_table
from workbench.tables.text import file_stem


@called(StudyError)
def make_figures(
    results: Results, folder: str | Path, where: Sequence[str] = (), plugins: Sequence[str | Path] = ()
) -> list[Path]:
    """Write every figure and table of a study; return the paths.

    Of a study with axes: what is achieved along each of them. The figures of learning and alignment are of one
    condition at a time, which `where` names.

    Parameters
    ----------
    results : Results
        The study's tables.
    folder : str or Path
        Is made where it does not exist.
    where : sequence of str
        Axes with one of their labels, such as ``depth=2``: only these conditions are shown.
    plugins : sequence of str or Path
        Plugin files that are not installed, with figures of their own (`StudyFigure`).

    Returns
    -------
    list of Path
        Of all files: figures as PDF and PNG with the data of their panels as CSV, and the summary.

    Raises
    ------
    StudyError
        If an argument is not of its type, there is nothing to draw, or the folder cannot be written or has a file of
        that name drawn by others.

    Notes
    -----
    Files come to the folder when all are drawn, `summary.txt` as the last one: where it is, the others are.
    """
    folder = Path(folder)
    if results.runs.empty:
        raise StudyError("The study has no runs, so there is nothing to draw.")
    runs = selected(results.runs, where)
    figures = [offer.item for offer in load_registry(map(Path, plugins)).all(StudyFigure).values()]
    with whole(folder) as place:
        drawn: list[Path] = []
        for drawing in drawings(of_runs(results, runs), figures):
            drawn += save(drawing.figure, drawing.data, place / drawing.name)
        drawn += _save_further(results, where, place)
        drawn += _save_along(runs, results.curves, place)
        drawn += _save_tables(runs, results.curves, place)
    return [folder / path.name for path in drawn]


def write_locality(scores: pd.DataFrame, graphs: Mapping[str, pd.DataFrame], folder: str | Path) -> list[Path]:
    """Write the scorecard of some rules and the graph of each; return the paths.

    Parameters
    ----------
    scores : DataFrame
        Of `workbench.tables.locality.scorecard_table`.
    graphs : mapping of str to DataFrame
        What each estimate depends on, by title; see `provenance_graph`.
    folder : path
        Is made where it does not exist.

    Raises
    ------
    StudyError
        If the folder cannot be written.
    """
    folder = Path(folder)
    with whole(folder) as place:
        drawn = save(scorecard(scores), scores.assign(panel="a"), place / "scorecard")
        latex = place / "scorecard.tex"
        latex.write_text(latex_scorecard(scores), encoding="utf-8")
        drawn.append(latex)
        for title, edges in graphs.items():
            stem = place / f"provenance_{file_stem(title.lower().replace(', ', '_').replace(' ', '_'))}"
            figure = provenance_graph(edges, title)
            drawn += save(figure, edges.assign(panel="a"), stem)
            vectors = stem.with_suffix(".svg")
            with style.style():
                figure.savefig(vectors, metadata={"Date": None})
            drawn.append(vectors)
    return [folder / path.name for path in drawn]


def _save_further(results: Results, where: Sequence[str], folder: Path) -> list[Path]:
    """Write what studies alone have that search, or that say what they compare."""
    paths: list[Path] = []
    draws, contrasts = getattr(results, "draws", None), getattr(results, "contrasts", [])
    if draws is not None and len(draws):
        paths += search_files(selected(draws, where), folder)
    if contrasts:
        # Of all conditions, whichever are drawn: the correction is for all that was planned.
        table = contrasts_table(results.runs, contrasts)
        for name, text in {"csv": table.to_csv(index=False), "md": contrasts_markdown(table)}.items():
            paths.append(folder / f"contrasts.{name}")
            paths[-1].write_text(text, encoding="utf-8")
    return paths


def _save_along(runs: pd.DataFrame, curves: pd.DataFrame, folder: Path) -> list[Path]:
    """Write what is achieved along each axis in Markdown, as far as any run is done."""
    if not (runs["status"] == "done").any():
        return []
    varied = [axis for axis, labels in axes(runs).items() if len(labels) > 1]
    paths = [folder / f"along_{file_stem(axis)}.md" for axis in varied]
    for axis, path in zip(varied, paths, strict=True):
        path.write_text(sweep_markdown(runs, curves, axis), encoding="utf-8")
    return paths


def _save_tables(runs: pd.DataFrame, curves: pd.DataFrame, folder: Path) -> list[Path]:
    both = summary_table(runs, curves, tuple(EXACT_GRADIENTS))
    table = summary_table(runs, curves)
    console = Console(file=io.StringIO(), width=180, record=True)
    console.print(rich_table(table))
    paths = [folder / name for name in ("measured.csv", "summary.csv", "summary.md", "summary.tex", "summary.txt")]
    measured_table(runs, curves).to_csv(paths[0], index=False)
    both.to_csv(paths[1], index=False)
    paths[2].write_text(summary_markdown(table), encoding="utf-8")
    paths[3].write_text(latex_table(table), encoding="utf-8")
    told = [f"{control}\n" for control in controls(runs, curves)] if "estimate" in curves else []
    paths[4].write_text("".join([console.export_text(), *told]), encoding="utf-8")
    return paths
