"""The command that writes a page about a study; it imports what it needs when it runs."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.command.options import Plugins
from workbench.command.printing import tell_missing


def report(
    results: Annotated[Path, typer.Argument(help="Folder of a finished study.")],
    out: Annotated[Path | None, typer.Option(help="The page; report.html in that folder by default.")] = None,
    plugin: Plugins = None,
) -> None:
    """Write one HTML page about a study: results, controls, figures, rules with an example trial, and origin."""
    from workbench.report.writing import write_report
    from workbench.study.results.tables import load_results

    tables = load_results(results)
    tell_missing(tables, results, "the report")
    print(write_report(tables, out, plugin or ()))
