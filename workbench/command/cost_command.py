"""The command that tells what rules cost."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from workbench.command.options import AsJson, Plugins
from workbench.command.printing import console
from workbench.common.output import printable


class Also(StrEnum):
    """What may be told besides."""

    SCALING = "scaling"
    TIME = "time"


def cost(
    rules: Annotated[list[str] | None, typer.Argument(metavar="[RULE]...", help="All rules by default.")] = None,
    sizes: Annotated[str, typer.Option(help="Neurons: inputs, hidden, outputs.")] = "784,100,10",
    steps: Annotated[int, typer.Option(min=2, help="Of a trial.")] = 100,
    also: Annotated[
        list[Also] | None,
        typer.Option(
            help="How state grows with neurons and steps, with the fitted powers; how long a trial takes with "
            "learning, over that without. May be given twice."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the table and the figure, as CSV and LaTeX.")] = None,
    plugin: Plugins = None,
    as_json: AsJson = False,
) -> None:
    """Show what rules keep and do: bytes, operations and traffic, per synapse, neuron and step."""
    from workbench.catalogue.registry import load_registry
    from workbench.command.printing import as_plain
    from workbench.study.cost_times import learning_per_forward
    from workbench.study.costs import Sizes, fitted_powers, rule_costs, state_scaling
    from workbench.tables.costs import rich_costs

    registry = load_registry(plugin or ())
    chosen = [registry.rule(name) for name in rules or registry.rules]
    inputs, hidden, outputs = _sizes(sizes)
    network = Sizes(inputs, hidden, outputs, steps)
    table = rule_costs(chosen, registry, network)
    if Also.TIME in (also or ()):
        table["learning_per_forward"] = learning_per_forward(chosen, registry, network)
    grown = state_scaling(chosen, registry) if Also.SCALING in (also or ()) else None
    fitted = None if grown is None else fitted_powers(grown)
    if as_json:
        told = {"costs": table.to_dict("records"), "powers": [] if fitted is None else fitted.to_dict("records")}
        print(json.dumps(as_plain(told), indent=2))
    else:
        terminal = console()
        terminal.print(rich_costs(table))
        for reason in sorted(set(table["reason"]) - {""}):
            names = ", ".join(table.loc[table["reason"] == reason, "rule"])
            terminal.print(f"{names}: {printable(reason)}", markup=False, highlight=False, soft_wrap=True)
        for row in [] if fitted is None else fitted.round(4).to_dict("records"):
            power = f"{abs(row['exponent']):g} ({abs(row['low']):g} to {abs(row['high']):g})"
            terminal.print(f"{row['rule']}: state grows with {row['over']} to the power {power}.", highlight=False)
    if out is not None:
        from workbench.figures.cost import write_costs

        for path in write_costs(table, grown, fitted, out):
            print(path, file=sys.stderr if as_json else sys.stdout)


def _sizes(text: str) -> list[int]:
    from workbench.common.errors import StudyError

    sizes = [int(size) if size.strip().isdecimal() else 0 for size in text.split(",")]
    if len(sizes) != 3 or min(sizes) < 1:
        raise StudyError(f"--sizes: '{text}' is not a list of three layer sizes such as '784,100,10'.")
    return sizes
