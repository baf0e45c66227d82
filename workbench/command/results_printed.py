"""Two studies beside each other, as the command line tells of it."""

import json
import math
from typing import TYPE_CHECKING

from workbench.common.output import printable

if TYPE_CHECKING:
    from rich.console import Console

    from workbench.study.results.comparing import Shared, Side, StudyComparison


def print_comparison(found: "StudyComparison", terminal: "Console") -> None:
    """Print two studies beside each other: a table of accuracies, and below it what else there is to be said."""
    from rich.markup import escape
    from rich.table import Table

    same = f"{found.same} runs are the same in both, of {found.runs[0]} and {found.runs[1]}."
    terminal.print(escape(printable(f"A: {found.a}. B: {found.b}. {same}")), highlight=False, soft_wrap=True)
    table = Table("task", "condition", "rule", box=None)
    for name in ("same runs", "A: accuracy (%)", "B: accuracy (%)", "seeds", "B minus A", "95 % interval"):
        table.add_column(name, justify="right")
    for one in found.shared:
        texts = map(printable, (one.task, one.condition, one.rule))
        table.add_row(*map(escape, texts), str(one.same), _side(one.a), _side(one.b), str(one.n), *_difference(one))
    if found.shared:
        terminal.print(table)
    for line in _lines(found):
        terminal.print(escape(printable(line)), highlight=False, soft_wrap=True)


def _side(side: "Side") -> str:
    if math.isnan(side.mean):
        return "-"
    half = "" if math.isnan(side.low) else f" ± {50 * (side.high - side.low):.1f}"
    return f"{100 * side.mean:.1f}{half} (n = {side.n})"


def _difference(one: "Shared") -> tuple[str, str]:
    if math.isnan(one.difference):
        return "-", "-"
    interval = "-" if math.isnan(one.low) else f"{100 * one.low:+.2f} to {100 * one.high:+.2f}"
    return f"{100 * one.difference:+.2f}", interval


def _lines(found: "StudyComparison") -> list[str]:
    """Return what differs, each thing once with all that it is true of, and what one study has alone."""
    told: dict[str, list[str]] = {}
    for one in found.shared:
        name = " ".join(filter(None, (one.task, one.condition and f"({one.condition})", one.rule)))
        differing = [f"'{key}' is {_told(a)} in A and {_told(b)} in B." for key, (a, b) in one.settings.items()]
        for sentence in (*differing, *one.notes):
            told.setdefault(sentence, []).append(name)
    everywhere = len(found.shared)
    lines = [
        f"{'All' if len(names) == everywhere else ', '.join(names)}: {sentence}" for sentence, names in told.items()
    ]
    for side, alone in (("A", found.only_a), ("B", found.only_b)):
        lines += [f"In {side} alone: {', '.join(alone)}."] if alone else []
    return lines


def _told(value: object) -> str:
    return "not set" if value is None else printable(value if isinstance(value, str) else json.dumps(value), 80)
