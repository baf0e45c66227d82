"""Every figure and table of a finished study, as files."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from workbench.catalogue.registry import load_registry
from workbench.common.errors import StudyError
from workbench.declare.field_types import called
from workbench.declare.references import EXACT_GRADIENTS
from workbench.declare.study_figure import StudyFigure
from workbench.figures import style
from workbench.figures.drawing import Results, chosen, draws_of, published_of
from workbench.figures.drawings import drawings
from workbench.figures.folder import whole
from workbench.figures.locality import provenance_graph, scorecard
from workbench.figures.saving import save
from workbench.tables.conditions import axes
from workbench.tables.contrasts import contrasts_table
from workbench.tables.controls import controls
from workbench.tables.locality import latex_scorecard
from workbench.tables.markdown import contrasts_markdown, summary_markdown, sweep_markdown
from workbench.tables.measured import measured_table
from workbench.tables.paper import markdown
from workbench.tables.printed import latex_table, rich_table
from workbench.tables.published import published_paper
from workbench.tables.search import choices_table, rich_choices
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
    shown = chosen(results, where)
    figures = [offer.item for offer in load_registry(map(Path, plugins)).all(StudyFigure).values()]
    with whole(folder) as place:
        drawn: list[Path] = []
        for drawing in drawings(shown, figures):
            drawn += save(drawing.figure, drawing.data, place / drawing.name)
        drawn += _save_choices(shown, place)
        drawn += _save_contrasts(results, place)
        drawn += _save_published(results, place)
        drawn += _save_along(shown.runs, results.curves, place)
        drawn += _save_tables(shown.runs, results.curves, place)
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


def _save_choices(results: Results, folder: Path) -> list[Path]:
    """Write what a search has chosen."""
    draws = draws_of(results)
    if draws is None:
        return []
    texts = {"choices.csv": choices_table(draws).to_csv(index=False), "choices.txt": _printed(rich_choices(draws))}
    return _written(texts, folder)


def _save_contrasts(results: Results, folder: Path) -> list[Path]:
    """Write the planned comparisons of all conditions, whichever are drawn: the correction is for all of them."""
    contrasts = getattr(results, "contrasts", [])
    if not contrasts:
        return []
    table = contrasts_table(results.runs, contrasts)
    return _written({"contrasts.csv": table.to_csv(index=False), "contrasts.md": contrasts_markdown(table)}, folder)


def _save_published(results: Results, folder: Path) -> list[Path]:
    """Write the published figures beside those here, of the conditions that they are of, whichever are drawn."""
    table = published_of(results)
    if table is None:
        return []
    texts = {"published.csv": table.to_csv(index=False), "published.md": markdown(published_paper(table))}
    return _written(texts, folder)


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
    told = [f"{control}\n" for control in controls(runs, curves)] if "estimate" in curves else []
    texts = {
        "measured.csv": measured_table(runs, curves).to_csv(index=False),
        "summary.csv": both.to_csv(index=False),
        "summary.md": summary_markdown(table),
        "summary.tex": latex_table(table),
        "summary.txt": "".join([_printed(rich_table(table)), *told]),
    }
    return _written(texts, folder)


def _printed(table: Table) -> str:
    """Return a table as a terminal shows it."""
    console = Console(file=io.StringIO(), width=180, record=True)
    console.print(table)
    return console.export_text()


def _written(texts: Mapping[str, str], folder: Path) -> list[Path]:
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [folder / name for name in texts]
