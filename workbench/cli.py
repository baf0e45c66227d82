"""The command line: one function a command, each of which imports what it needs when it runs."""

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.errors import WorkbenchError

if TYPE_CHECKING:
    from rich.console import Console

    from workbench.registry import Offer
    from workbench.rule import Rule

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Compare learning rules of spiking networks, against exact gradients.",
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def main() -> None:
    """Run the command that the arguments name; a user's mistake ends it with one line and exit code 1."""
    try:
        app()
    except WorkbenchError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)


@app.callback()
def _workbench() -> None:
    # With a callback, one command alone is still called by its name.
    pass


def console() -> "Console":
    """Return where tables are printed: as wide as the terminal, and not folded where there is none."""
    from rich.console import Console

    terminal = Console()
    return terminal if terminal.is_terminal else Console(width=200)


@app.command()
def rules(as_json: AsJson = False) -> None:
    """List the learning rules that are installed."""
    from workbench.registry import load_registry

    offers = list(load_registry().rules.values())
    if as_json:
        print(json.dumps([_described(offer) for offer in offers], indent=2))
        return
    from rich.table import Table

    table = Table("name", "title", "feedback (default first)", "computed by", "distribution", "DOI", box=None)
    for offer in offers:
        rule = offer.item
        table.add_row(
            rule.name,
            rule.title,
            "\n".join(_pathways(rule)),
            rule.engine,
            f"{offer.source.distribution} {offer.source.version}",
            rule.doi,
        )
    console().print(table)


def _pathways(rule: "Rule") -> list[str]:
    default = rule.default_feedback
    return [default, *(choice for choice in rule.feedback_choices() if choice != default)]


def _described(offer: "Offer[Rule]") -> dict[str, object]:
    rule = offer.item
    return {
        "name": rule.name,
        "title": rule.title,
        "feedback": rule.default_feedback,
        "feedback_choices": _pathways(rule),
        "engine": rule.engine,
        "estimates": rule.estimates,
        "parameters": {parameter.name: parameter.default for parameter in rule.parameters},
        "distribution": offer.source.distribution,
        "version": offer.source.version,
        "plugin": offer.source.plugin,
        "doi": rule.doi,
    }


# The other commands follow, in the order of their use: run, compare, figures.
