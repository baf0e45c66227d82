"""Commands for those who write about a study: what to cite, and all that a paper shows."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from workbench.command.options import Plugins
from workbench.command.printing import tell_missing


def cite(
    subjects: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RULE|RESULTS]...",
            help="Rules ('eprop:random_direct' names a pathway too), or folders of results: all that the study used.",
        ),
    ] = None,
    style: Annotated[Literal["bibtex", "text"], typer.Option(help="The form of the entries.")] = "bibtex",
    plugin: Plugins = None,
) -> None:
    """Print what to cite: the workbench, Brian2, and the sources of rules, tasks and all else that a study used."""
    from workbench.catalogue.registry import load_registry
    from workbench.command.citing import cited
    from workbench.tables.citations import as_text, bibtex

    entries, unknown = cited(subjects or [], load_registry(plugin or ()))
    print((bibtex if style == "bibtex" else as_text)(entries), end="")
    _tell_of(unknown)


def paper(
    results: Annotated[Path, typer.Argument(help="Folder of a finished study.")],
    out: Annotated[Path, typer.Option(help="Folder of the paper's material.")],
    where: Annotated[
        list[str] | None, typer.Option(help="Only one label of an axis, such as depth=2; may be given several times.")
    ] = None,
    plugin: Plugins = None,
) -> None:
    """Write a paper's figures, captions, tables and references, and a LaTeX file that includes them."""
    from workbench.catalogue.registry import load_registry
    from workbench.command.citing import cited
    from workbench.declare.study_figure import StudyFigure
    from workbench.figures.paper import write_paper
    from workbench.study.results.tables import load_results

    tables = load_results(results)
    registry = load_registry(plugin or ())
    entries, unknown = cited([str(results)], registry)
    tell_missing(tables, results, "the paper")
    _tell_of(unknown)
    name = str(tables.runs["study"].iloc[0])
    figures = [offer.item for offer in registry.all(StudyFigure).values()]
    for path in write_paper(tables, out, name, entries, where or (), figures):
        print(path)


def _tell_of(unknown: list[str]) -> None:
    for doi in unknown:
        print(f"Of doi:{doi} no plugin offers a publication: authors and title are to be filled in.", file=sys.stderr)
