"""The columns of tables that people read."""

from docs.markdown import code, described, table
from workbench.tables.summary_columns import SUMMARY_COLUMNS


def summary_columns() -> str:
    """Return what the columns of the summary mean."""
    rows = [
        [code(name), column.head, column.unit, described(column.meaning, f"Column '{name}' of the summary")]
        for name, column in SUMMARY_COLUMNS.items()
    ]
    return table(["column", "called", "unit", "meaning"], rows)
