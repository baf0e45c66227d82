"""What a study would run, as the command line prints it."""

import math
from typing import TYPE_CHECKING

from workbench.common.output import printable

if TYPE_CHECKING:
    from rich.console import Console

    from workbench.study.work.listing import Listing


def print_listing(listing: "Listing", terminal: "Console") -> None:
    """Print a row for each rule in each task and condition, and what there is in all."""
    from rich.markup import escape
    from rich.table import Table

    table = Table("task", "condition", "rule", box=None)
    for name in ("runs", "stored", "time"):
        table.add_column(name, justify="right")
    table.add_column("")
    for item in listing.planned:
        texts = map(printable, (item.task, item.condition, item.rule))
        time = _time(item.seconds) if item.now else ""
        table.add_row(*map(escape, texts), str(item.runs), str(item.stored), time, escape(printable(item.skip)))
    terminal.print(table)
    runs = sum(item.runs for item in listing.planned)
    left = sum(item.runs - item.stored for item in listing.planned if not item.skip)
    now = sum(item.now for item in listing.planned)
    seconds = sum(item.seconds for item in listing.planned)
    if listing.draws:
        terminal.print(f"A search of {listing.draws} runs comes first, and gives the others their settings.")
    part = f", {now} of them now" if now < left else ""
    time = f"; time one at a time: {_time(seconds)}" if now else ""
    terminal.print(f"{runs} runs, {left} to go{part}{time}.", highlight=False)


def _time(seconds: float) -> str:
    if math.isnan(seconds):
        return "unknown"
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
