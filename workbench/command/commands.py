"""All commands, in the order in which help lists them."""

import typer

from workbench.command import (
    catalogue_commands,
    cost_command,
    mutants_command,
    paper_commands,
    report_commands,
    results_commands,
    rule_commands,
    study_commands,
)

COMMANDS = (
    study_commands.run,
    study_commands.collect,
    study_commands.figures,
    report_commands.report,
    results_commands.compare_studies,
    results_commands.reproduce,
    catalogue_commands.list,
    catalogue_commands.new_rule,
    paper_commands.cite,
    paper_commands.paper,
    rule_commands.check,
    mutants_command.mutants,
    rule_commands.locality,
    cost_command.cost,
    rule_commands.compare,
)


def application() -> typer.Typer:
    """Return the application that has all commands."""
    app = typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Compare learning rules of spiking networks, against exact gradients.",
    )
    for command in COMMANDS:
        app.command()(command)
    return app


def run_command() -> int:
    """Run the command that the arguments name, and return its exit code."""
    try:
        application()()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0
