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
    from workbench.command.results_printed import as_plain, print_comparison
    from workbench.study.results.comparing import compare_studies as compared

    found = compared(first, second)
    if as_json:
        print(json.dumps(as_plain(found), indent=2))
    else:
        print_comparison(found, console())
