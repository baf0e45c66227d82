"""Commands about rules: one function each, which imports what it needs when it runs."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from workbench.command.options import AsJson, Plugins
from workbench.command.printing import console, print_outcomes
from workbench.common.errors import StudyError
from workbench.common.output import printable
from workbench.declare.options import Form, Target


def check(
    rules: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RULE|PATHWAY|FILE.py]...",
            help="Rules, pathways whose weights learn by a rule, or plugin files; all of both by default.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find out whether rules, of weights or of feedback, do what must hold of any; exit code 1 where not."""
    from workbench.catalogue.registry import load_registry
    from workbench.command.checked import checked

    names = rules or []
    registry = load_registry([Path(name) for name in names if name.endswith(".py")])
    terminal = console()
    outcomes = []
    for item, found in checked(names, registry):
        outcomes += found
        if not as_json:
            print_outcomes(item, found, terminal)
    if as_json:
        print(json.dumps([vars(outcome) for outcome in outcomes], indent=2))
    failed = {outcome.rule for outcome in outcomes if outcome.result == "failed"}
    if failed:
        raise typer.Exit(1)


def locality(
    rules: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RULE[:FEEDBACK]]...", help="'eprop:random_direct' names a pathway; all rules by default."
        ),
    ] = None,
    depth: Annotated[int, typer.Option(min=1, max=20, help="Number of hidden layers; the lowest is looked at.")] = 2,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the scorecard and the graphs, as figures, CSV and LaTeX.")
    ] = None,
    plugin: Plugins = None,
    as_json: AsJson = False,
) -> None:
    """Show what rules need to know, and which complaints against backpropagation hold of them."""
    from workbench.audit.locality.complaints import COMPLAINTS
    from workbench.audit.locality.requirements import locality as found_for
    from workbench.audit.locality.scorecard import described, edges_of, row_of
    from workbench.catalogue.registry import load_registry
    from workbench.declare.configuration import split_configuration
    from workbench.tables.locality import rich_scorecard, scorecard_table

    registry = load_registry(plugin or ())
    found = []
    for name in rules or registry.rules:
        rule, feedback = split_configuration(name)
        item = registry.rule(rule)
        found.append(found_for(item, registry.pathway_for(item, feedback), *registry.models_for(item), depth))
    table = scorecard_table([row_of(one) for one in found], COMPLAINTS)
    if as_json:
        print(json.dumps([described(one) for one in found], indent=2))
    else:
        terminal = console()
        terminal.print(rich_scorecard(table))
        for one in found if rules else ():
            terminal.print(printable(f"{one.label}: {one.sentence()}"), markup=False, highlight=False)
    if out is not None:
        from workbench.figures.all_figures import write_locality

        graphs = {one.label: edges_of(one.graph) for one in found if one.graph is not None}
        for path in write_locality(table, graphs, out):
            print(path, file=sys.stderr if as_json else sys.stdout)


def compare(
    rules: Annotated[str, typer.Option(help="Names, separated by commas; 'eprop:random_direct' names a pathway.")],
    task: Annotated[str, typer.Option(help="The name of a task.")],
    hidden: Annotated[str, typer.Option(help="Sizes of the hidden layers.")] = "60,60",
    trials: Annotated[int, typer.Option(min=2, help="Size of the batch, from the validation split.")] = 64,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Of weights and feedback.")] = 0,
    target: Annotated[
        Target, typer.Option(help="'cpp', compiled, or 'numpy', which needs no compiler and is slow.")
    ] = "cpp",
    form: Annotated[
        Form, typer.Option(help="'events': synapses cost their spikes; 'clock': each is visited in each step.")
    ] = "events",
    plugin: Plugins = None,
    as_json: AsJson = False,
) -> None:
    """Show how rules align with the exact gradient and with each other: one network, one batch."""
    from workbench.catalogue.registry import load_registry
    from workbench.study.comparison import compare_rules

    sizes = [int(size) if size.strip().isdecimal() else 0 for size in hidden.split(",")]
    if min(sizes) < 1:
        raise StudyError(f"--hidden: '{hidden}' is not a list of layer sizes such as '60,60'.")
    found = compare_rules(rules.split(","), task, sizes, trials, seed, load_registry(plugin or ()), target, form)
    if found.trials < trials:
        told = f"the validation split of task '{task}' has {found.trials} trials, not {trials}: these are compared on."
        print(f"--trials: {told}", file=sys.stderr)
    if as_json:
        measured = {"loss": found.loss, "spikes_per_trial": found.spikes, "trials": found.trials}
        print(json.dumps(measured | {"alignment": found.rows()}, indent=2))
        return
    from rich.table import Table

    terminal = console()
    for layer in found.layers:
        table = Table("cosine", *found.names, title=f"Layer '{layer}'", box=None)
        for name in found.names:
            cells = [found.cosine[layer, name, other] for other in found.names]
            table.add_row(name, *("-" if cell.reason else f"{cell.value:.3f}" for cell in cells))
        terminal.print(table)
        for reason in sorted({cell.reason for key, cell in found.cosine.items() if key[0] == layer and cell.reason}):
            terminal.print(f"- {printable(reason)}", markup=False)
    terminal.print(f"Loss {found.loss:.3f}, {found.spikes:.1f} hidden spikes per trial, {found.trials} trials.")
