"""The command that tries wrong versions of rules."""

import json
from pathlib import Path
from typing import Annotated

import typer

from workbench.command.options import AsJson
from workbench.command.printing import console, print_verdicts


def mutants(
    rules: Annotated[list[str] | None, typer.Argument(metavar="[RULE]...", help="All rules by default.")] = None,
    tests: Annotated[
        list[Path] | None,
        typer.Option(
            exists=True, help="Tests, files or folders, of which those are run that name a rule or import its module."
        ),
    ] = None,
    most: Annotated[int, typer.Option(min=1, max=1000, help="Wrong versions of each rule.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Find out whether checks and tests notice wrong versions of rules, made by a program; exit code 1 where not."""
    from workbench.catalogue.registry import load_registry
    from workbench.testing.mutants.verdict import verdicts

    registry = load_registry()
    found = []
    terminal = console()
    for rule in [registry.rule(name) for name in rules or registry.rules]:
        if rule.engine == "none" and not as_json:
            terminal.print(f"{rule.name}: no versions, since its hidden layers never learn", markup=False)
        for verdict in verdicts(rule, most, tests or ()):
            found.append(verdict)
            if not as_json:
                told = f"{verdict.rule}: {verdict.mutant}: {verdict.result} {verdict.by}"
                terminal.print(told.rstrip(), markup=False)
    if as_json:
        print(json.dumps([vars(verdict) for verdict in found], indent=2))
    else:
        print_verdicts(found, terminal)
    if any(verdict.result == "survived" for verdict in found):
        raise typer.Exit(1)
