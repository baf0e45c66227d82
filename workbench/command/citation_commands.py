"""The command that tells what to cite."""

import sys
from typing import Annotated, Literal

import typer

from workbench.command.options import Plugins


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
    for doi in unknown:
        print(f"Of doi:{doi} no plugin offers a publication: authors and title are to be filled in.", file=sys.stderr)
