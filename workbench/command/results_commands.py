"""Commands about the results of studies: one function each, which imports what it needs when it runs."""

import json
from pathlib import Path
from typing import Annotated

import typer

from workbench.command.options import AsJson
from workbench.command.printing import console


def compare_studies(
    first: Annotated[Path, typer.Argument(metavar="A", help="Folder of the results of a study.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Folder of the results of another one.")],
    as_json: AsJson = False,
) -> None:
    """Show two studies beside each other: runs that are the same, settings that differ, accuracies, differences."""
    from workbench.command.printing import as_plain
    from workbench.command.results_printed import print_comparison
    from workbench.study.results.comparing import compare_studies as compared

    found = compared(first, second)
    if as_json:
        print(json.dumps(as_plain(found), indent=2))
    else:
        print_comparison(found, console())


def reproduce(
    results: Annotated[Path, typer.Argument(help="Folder of the results of a study.")],
    out: Annotated[Path | None, typer.Option(help="Folder of the results of now; RESULTS_again by default.")] = None,
    jobs: Annotated[
        int | None, typer.Option(help="Runs at a time; as many as there are processors by default.")
    ] = None,
    only_seeds: Annotated[
        int | None, typer.Option(help="So many seeds, from the study's first; all by default.")
    ] = None,
    tolerance: Annotated[
        float, typer.Option(min=0, help="How far accuracies may be [fraction]; all else by 1e-9 where that is more.")
    ] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Run the study of a results folder again, from what is stored there; exit code 1 where numbers do not agree."""
    import sys

    from rich.console import Console

    from workbench.command.reproduction_printed import print_reproduction, reproduction_as_plain
    from workbench.study.work.reproducing import reproduce as reproduced

    progress = Console(file=sys.stderr) if as_json else console()
    found = reproduced(results, out, only_seeds=only_seeds, tolerance=tolerance, jobs=jobs, console=progress)
    if as_json:
        print(json.dumps(reproduction_as_plain(found), indent=2))
    else:
        print_reproduction(found, console())
    if not found.agrees:
        raise typer.Exit(1)
