"""The table of the draws of a study's search, stored beside its runs."""

from pathlib import Path

import pandas as pd

from workbench.study.results.folder import DRAWS
from workbench.study.results.hashed_content import damaged, read_sealed, write_sealed

#: Columns of the table of draws, with their types. `cell` counts the rules in all tasks and conditions; `values` are
#: the settings by key, and `edges` the keys of those that lie at an end of the space, in JSON; `score` is the mean over
#: seeds of what the search goes `by`, a loss with its sign changed, NaN where a seed could not be trained, or where
#: hidden `spikes` per trial are others than `wanted_spikes` (0 for any); `chosen` is the one that the study is carried
#: out with.
DRAW_COLUMNS = {
    "cell": "int64",
    "task": "str",
    "task_title": "str",
    "condition": "str",
    "rule": "str",
    "title": "str",
    "feedback": "str",
    "draw": "int64",
    "values": "str",
    "edges": "str",
    "sampler": "str",
    "by": "str",
    "wanted_spikes": "float64",
    "status": "str",
    "score": "float64",
    "spikes": "float64",
    "chosen": "bool",
}


_LATER = ("wanted_spikes", "spikes")


def write_draws(folder: Path, rows: list[dict[str, object]]) -> None:
    """Store the draws of a search beside the results of its study."""
    write_sealed(folder / DRAWS, {"draws": rows})


def read_draws(folder: Path) -> pd.DataFrame | None:
    """Return the draws of a search with `DRAW_COLUMNS`, or None where a study has none.

    Raises
    ------
    DamageError
        Where they are not as they were written.
    """
    rows = draw_rows(folder)
    if not rows:
        return None
    try:
        return pd.DataFrame(
            {
                # Those of earlier versions say nothing of spikes.
                name: pd.Series([row.get(name) if name in _LATER else row[name] for row in rows], dtype=kind)
                for name, kind in DRAW_COLUMNS.items()
            }
        )
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(folder / DRAWS, "it is no table of draws") from error


def draw_rows(folder: Path) -> list[dict[str, object]]:
    """Return the draws of a search as they are stored; none where a study has none.

    Raises
    ------
    DamageError
        Where they are not as they were written.
    """
    content = read_sealed(folder / DRAWS)
    if content is None:
        return []
    rows = content.get("draws")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise damaged(folder / DRAWS, "it is no table of draws")
    return rows
