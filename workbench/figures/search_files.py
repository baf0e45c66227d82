"""What came of a search, as files: the figure, all draws, and what was chosen."""

import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from rich.console import Console

from workbench.figures.captions import searched
from workbench.figures.drawing import Drawing
from workbench.figures.saving import save
from workbench.figures.search import ROWS, search_map
from workbench.tables.search import choices_table, rich_choices, search_data


def search_drawings(draws: pd.DataFrame) -> Iterator[Drawing]:
    """Yield the figures of a search, as many as its tasks need.

    Parameters
    ----------
    draws : DataFrame
        As `Results.draws`.
    """
    data = search_data(draws)
    count = data["task"].nunique()
    for part in range(-(-count // ROWS)):
        name = "search" if count <= ROWS else f"search_{part + 1}"
        yield Drawing(name, search_map(draws, part), data, searched(draws))


def search_files(draws: pd.DataFrame, folder: Path) -> list[Path]:
    """Write what came of a search; return the paths.

    Parameters
    ----------
    draws : DataFrame
        As `Results.draws`.
    folder : Path
        Where to.
    """
    paths = []
    for drawing in search_drawings(draws):
        paths += save(drawing.figure, drawing.data, folder / drawing.name)
    console = Console(file=io.StringIO(), width=180, record=True)
    console.print(rich_choices(draws))
    texts = {"choices.csv": choices_table(draws).to_csv(index=False), "choices.txt": console.export_text()}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
        paths.append(folder / name)
    return paths
