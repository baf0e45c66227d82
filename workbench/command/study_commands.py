"""Commands about studies and their results: one function each, which imports what it needs when it runs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.command.options import Plugins
from workbench.command.printing import console, print_summary, tell_missing

if TYPE_CHECKING:
    from rich.console import Console

    from workbench.study.results.tables import Results


def run(
    study: Annotated[Path, typer.Argument(help="The study file, e.g. studies/first_look/study.toml.")],
    jobs: Annotated[
        int | None, typer.Option(help="Runs at a time; as many as there are processors by default.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the results; results/<study> by default.")] = None,
    plugin: Plugins = None,
    scheduler: Annotated[
        str | None,
        typer.Option(help="A Dask scheduler whose workers make the runs: its address, or its scheduler file."),
    ] = None,
    shard: Annotated[
        str | None, typer.Option(help="A part of the runs, such as 2/4, into a folder of its own; see collect.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="Only these runs, such as rule=eprop, feedback=symmetric, task=digits, seed=0 or depth=2, an axis of "
            "the study; may be given several times."
        ),
    ] = None,
    retry: Annotated[
        str | None,
        typer.Option(help="'failed': also make those again that diverged, and not only those that failed."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(help="Make at most so many runs; the same command goes on with the others.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List what would be run, with the time that it may take, and run nothing.")
    ] = False,
) -> None:
    """Run a study, or what is left of it, and print its summary table."""
    if dry_run:
        from workbench.command.listing import print_listing
        from workbench.study.work.listing import list_study
        from workbench.study.work.selection import Selection

        asked = Selection(tuple(only or ()), retry, limit, shard)
        print_listing(list_study(study, out, selection=asked, plugins=plugin or ()), console())
        return
    from workbench.study.work.runner import run_study
    from workbench.study.work.verdict import UnsoundError

    terminal = console()
    try:
        results = run_study(
            study, out, jobs, scheduler=scheduler, shard=shard, only=only or (), retry=retry, limit=limit,
            plugins=plugin or (), console=terminal,
        )  # fmt: skip
    except UnsoundError as error:
        _print_part(error.results, bool(only or limit), terminal)
        raise
    _print_part(results, bool(only or limit), terminal)


def _print_part(results: "Results", is_part: bool, terminal: "Console") -> None:
    """Print the summary table, and where only some runs were asked for, how many are missing from it."""
    if is_part:
        tell_missing(results, results.folder, "the table")
    print_summary(results, terminal)


def collect(
    out: Annotated[Path, typer.Argument(help="Folder for the results of all parts.")],
    parts: Annotated[list[Path], typer.Argument(help="Folders of the parts, as run with --shard.")],
) -> None:
    """Bring the parts of a study together, and print its summary table."""
    from workbench.study.results.collecting import collect as collected

    results = collected(out, parts)
    if results.missing:
        print(f"{out}: {results.missing} runs of the study are in none of the parts.", file=sys.stderr)
    print_summary(results, console())


def figures(
    results: Annotated[Path, typer.Argument(help="Folder of a finished study.")],
    where: Annotated[
        list[str] | None, typer.Option(help="Only one label of an axis, such as depth=2; may be given several times.")
    ] = None,
    plugin: Plugins = None,
) -> None:
    """Draw every figure and write every table of a study."""
    from workbench.figures import make_figures
    from workbench.study.results.tables import load_results

    tables = load_results(results)
    tell_missing(tables, results, "the figures")
    for path in make_figures(tables, results / "figures", where or (), plugin or ()):
        print(path)
