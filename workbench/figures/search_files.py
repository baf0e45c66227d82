"""What came of a search, as files: the figure, all draws, and what was chosen."""

import io
from pathlib import Path

import pandas as pd
from rich.console import Console

from workbench.figures.saving import save
from workbench.figures.search import ROWS, search_map
from workbench.tables.search import choices_table, rich_choices, search_data


def search_files(draws: pd.DataFrame, folder: Path) -> list[Path]:
    """Write what came of a search; return the paths.

    Parameters
    ----------
    draws : DataFrame
        As `Results.draws`.
    folder : Path
        Where to.
    """
    data = search_data(draws)
    count = data["task"].nunique()
    paths = []
    for part in range(-(-count // ROWS)):
        paths += save(search_map(draws, part), data, folder / ("search" if count <= ROWS else f"search_{part + 1}"))
    console = Console(file=io.StringIO(), width=180, record=True)
    console.print(rich_choices(draws))
    texts = {"choices.csv": choices_table(draws).to_csv(index=False), "choices.txt": console.export_text()}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        paths.append(folder / name)
    return paths
