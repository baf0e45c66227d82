"""What rules cost, as tables that are printed, and those of papers."""

from collections.abc import Iterator

import pandas as pd
from rich import box
from rich.markup import escape
from rich.table import Table

from workbench.declare.configuration import configuration_label
from workbench.tables.paper import PaperTable, latex
from workbench.tables.printed import UNDEFINED

#: Columns of numbers, what they are called, and how they are written.
NUMBERS = {
    "bytes_per_synapse": ("bytes per synapse", ".1f"),
    "bytes_per_neuron": ("bytes per neuron", ".1f"),
    "bytes": ("bytes in all", ",.0f"),
    "spikes": ("hidden spikes", ",.1f"),
    "synaptic": ("synaptic operations", ",.0f"),
    "updates": ("additions to g", ",.0f"),
    "updates_per_synapse_and_step": ("per synapse and step", ".3g"),
    "traffic": ("traffic (bytes)", ",.0f"),
    "learning_per_forward": ("time, learning / forward", ".1f"),
}


def _shown(table: pd.DataFrame) -> dict[str, tuple[str, str]]:
    return {name: told for name, told in NUMBERS.items() if name in table}


def _rows(table: pd.DataFrame) -> Iterator[list[str]]:
    for row in table.to_dict("records"):
        numbers = [
            UNDEFINED if pd.isna(row[name]) else f"{row[name]:{how}}" for name, (_, how) in _shown(table).items()
        ]
        yield [configuration_label(str(row["title"]), str(row["feedback"])), *numbers]


def rich_costs(table: pd.DataFrame) -> Table:
    """Return what rules cost for printing with `rich`."""
    printed = Table(title="Spikes, operations and traffic are per trial; bytes are kept from step to step.",
                    title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)  # fmt: skip
    printed.add_column("rule")
    for called, _ in _shown(table).values():
        printed.add_column(called.replace(" ", "\n", 1), justify="right")
    for cells in _rows(table):
        printed.add_row(*map(escape, cells))
    return printed


def latex_costs(table: pd.DataFrame) -> str:
    """Return what rules cost as a LaTeX tabular; it needs the package booktabs."""
    head = ("rule", *(called for called, _ in _shown(table).values()))
    return latex(PaperTable("costs", "", head, tuple(map(tuple, _rows(table))), 1))
