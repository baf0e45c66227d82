"""A study that was run again, as the command line tells of it."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.command.printing import as_plain
from workbench.common.output import printable

if TYPE_CHECKING:
    from rich.console import Console

    from workbench.study.work.reproducing import Reproduction


def reproduction_as_plain(found: "Reproduction") -> dict[str, Any]:
    """Return what a reproduction says, for programs."""
    told = {
        "first": str(found.folder),
        "again": str(found.out),
        "agrees": found.agrees,
        "compared": found.compared,
        "differing": found.differing,
        "missing": found.missing,
        "same_code": found.same_code,
        "then": dict(found.then),
        "now": dict(found.now),
        "numbers": found.numbers.to_dict("records"),
    }
    return dict(as_plain(told))


def print_reproduction(found: "Reproduction", terminal: "Console") -> None:
    """Print which numbers agree, to which tolerance, on what, and which runs do not."""
    from rich.markup import escape
    from rich.table import Table

    table = Table("number", box=None)
    for name in ("values", "same bits", "absolute", "relative", "in one alone", "may be"):
        table.add_column(name, justify="right")
    table.add_column("")
    for row in found.numbers.to_dict("records"):
        table.add_row(*_cells(row))
    terminal.print(table)
    for line in _lines(found):
        terminal.print(escape(printable(line)), highlight=False, soft_wrap=True)


def _cells(row: Mapping[Any, Any]) -> list[str]:
    numbers = ["-" if math.isnan(row[name]) else f"{row[name]:.2g}" for name in ("absolute", "relative")]
    counts = [str(row["n"]), str(row["same_bits"])]
    may = f"{row['tolerance']:g}"
    return [str(row["number"]), *counts, *numbers, str(row["missing"]), may, "" if row["agrees"] else "[bold red]no[/]"]


def _lines(found: "Reproduction") -> list[str]:
    same, compared = int(found.numbers["same_bits"].sum()), int(found.numbers["n"].sum())
    lines = [f"{found.compared} runs compared: {same} of {compared} numbers are the same to the bit."]
    if found.missing:
        lines.append(f"{found.missing} runs are not in {found.folder}, and were compared with nothing.")
    if not found.same_code:
        lines.append("The workbench's code, what is declared, or the data are not what they were.")
    for key, before in found.then.items():
        lines.append(f"{key}: {before} then, {found.now[key]} now.")
    if not found.then:
        lines.append("Machine and versions are the same.")
    lines += [f"Does not agree: {name}." for name in found.differing]
    lines.append(f"{found.folder} is {'' if found.agrees else 'NOT '}reproduced. Results of now: {found.out}")
    return lines
