"""What the command line prints."""

import math
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any

from workbench.common.output import printable

if TYPE_CHECKING:
    from rich.console import Console

    from workbench.declare.feedback import Pathway
    from workbench.declare.rule import Rule
    from workbench.study.results.tables import Results
    from workbench.testing import Outcome
    from workbench.testing.mutants.verdict import Verdict

#: Columns of the summary where there is no terminal to fill.
SUMMARY_WIDTH = 120

#: Columns below which tables are not folded any further.
NARROWEST = 40


def console() -> "Console":
    """Return where tables are printed: as wide as the terminal, and not folded where there is none."""
    from rich.console import Console

    terminal = Console()
    # A terminal may say that it has no columns at all.
    return Console(width=max(terminal.width, NARROWEST) if terminal.is_terminal else 200)


def tell_missing(results: "Results", folder: object, where: str) -> None:
    """Tell how many runs of a study are not stored, and so missing from something; nothing where none is."""
    if results.missing:
        count, verb = results.missing + len(results.runs), "is" if results.missing == 1 else "are"
        told = f"{results.missing} of {count} runs of the study {verb} not stored, and missing from {where}."
        print(f"{folder}: {told}", file=sys.stderr)


def as_plain(value: Any) -> Any:
    """Return records as JSON can hold them, in which what is undefined is null."""
    if is_dataclass(value) and not isinstance(value, type):
        return as_plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): as_plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def print_outcomes(checked: "Rule | Pathway", outcomes: "list[Outcome]", terminal: "Console") -> None:
    """Print how a rule or pathway did in each check."""
    from rich.markup import escape
    from rich.table import Table

    counts = Counter(outcome.result for outcome in outcomes)
    told = f"{counts['passed']} passed, {counts['failed']} failed, {counts['does not apply']} not applicable"
    terminal.print(f"[bold]{checked.name}[/]: {told}", highlight=False)
    table = Table("check", "result", "", box=None)
    styles = {"passed": "green", "failed": "bold red", "does not apply": "dim"}
    for outcome in outcomes:
        colour = styles[outcome.result]
        table.add_row(outcome.check, f"[{colour}]{outcome.result}[/]", escape(printable(outcome.detail)))
    terminal.print(table)


def print_verdicts(verdicts: "Sequence[Verdict]", terminal: "Console") -> None:
    """Print how many wrong versions of each rule were caught, and which were not."""
    from rich.markup import escape
    from rich.table import Table

    table = Table("rule", "versions", "by checks", "by tests", "survived", box=None)
    for name in dict.fromkeys(verdict.rule for verdict in verdicts):
        own = [verdict for verdict in verdicts if verdict.rule == name and verdict.result != "no rule"]
        caught = [verdict.by.partition(" ")[0] for verdict in own if verdict.result == "caught"]
        survivors = [verdict.mutant for verdict in own if verdict.result == "survived"]
        told = f"{len(survivors)}: {', '.join(survivors)}" if survivors else "0"
        counts = (str(len(own)), str(caught.count("check")), str(caught.count("test")))
        table.add_row(name, *counts, f"[bold red]{escape(told)}[/]" if survivors else told)
    terminal.print(table)
    known = [verdict for verdict in verdicts if verdict.result != "no rule"]
    score = sum(verdict.result == "caught" for verdict in known)
    terminal.print(f"{score} of {len(known)} wrong versions caught", highlight=False)


def print_summary(results: "Results", terminal: "Console") -> None:
    """Print the summary of a study and its controls, as far as it has any runs."""
    from workbench.tables.controls import controls
    from workbench.tables.paper import rich_paper
    from workbench.tables.printed import rich_table
    from workbench.tables.published import published_paper, published_table
    from workbench.tables.summary import summary_table

    width = min(terminal.width, SUMMARY_WIDTH)
    if results.draws is not None and len(results.draws):
        from workbench.tables.search import rich_choices

        terminal.print(rich_choices(results.draws), width=width)
    if results.runs.empty:
        return
    terminal.print(rich_table(summary_table(results.runs, results.curves)), width=width)
    if results.contrasts:
        from workbench.tables.contrasts import contrasts_paper, contrasts_table

        terminal.print(rich_paper(contrasts_paper(contrasts_table(results.runs, results.contrasts))), width=width)
    if results.published:
        published = published_table(results.runs, results.curves, results.published, results.measures)
        terminal.print(rich_paper(published_paper(published)), width=width)
    for control in controls(results.runs, results.curves):
        terminal.print(str(control), markup=False, highlight=False, soft_wrap=True)
