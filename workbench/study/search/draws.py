"""The draws of a search: what was drawn, what came of it, and which is best."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.common.errors import StudyError
from workbench.study.file.condition_sections import ChangesSection
from workbench.study.file.grid import Key


@dataclass
class Draw:
    """Settings that were tried.

    Attributes
    ----------
    number : int
        Of the draw, from 0.
    changes : ChangesSection
        What they are in a study file.
    values : mapping of str to value
        The same, by dotted keys.
    edges : mapping of str to str
        The keys of those at an end of the space, and at which.
    runs : list of str
        The ids of the runs that judge them, one for each seed.
    status : str
        Of the runs: ``done``, or that of the first that is not.
    score : float
        Mean over seeds; the larger the better; NaN where one could not be trained.
    """

    number: int
    changes: ChangesSection
    values: Mapping[str, Any]
    edges: Mapping[str, str]
    runs: list[str] = field(default_factory=list)
    status: str = ""
    score: float = math.nan


def best(draws: Iterable[Draw]) -> Draw:
    """Return the best of some draws, the earliest where several are; the first where none could be trained."""
    return max(
        draws, key=lambda draw: (not math.isnan(draw.score), -math.inf if math.isnan(draw.score) else draw.score)
    )


def settings(draws: Mapping[Key, list[Draw]]) -> dict[Key, ChangesSection]:
    """Return the settings that a search has found."""
    return {key: best(own).changes for key, own in draws.items()}


def rows_of(draws: Iterable[Draw], known: Mapping[str, object]) -> list[dict[str, object]]:
    """Return the rows of the draws of one rule in one task and condition, whose other columns are known."""
    draws = list(draws)
    found = best(draws)
    return [
        {
            **known,
            "draw": draw.number,
            "values": json.dumps(draw.values),
            "edges": json.dumps(draw.edges),
            "status": draw.status,
            "score": None if math.isnan(draw.score) else draw.score,
            "chosen": draw is found,
        }
        for draw in draws
    ]


def refuse_shared(spec_seeds: Iterable[int], search_seeds: Iterable[int], where: str) -> None:
    """Refuse a search that judges by seeds of the study's own table.

    Raises
    ------
    StudyError
        Which one.
    """
    shared = sorted(set(spec_seeds) & set(search_seeds))
    if shared:
        raise StudyError(
            f"{where}, [search]: seed {shared[0]} is one of the study's, and settings that were chosen by it would be "
            "judged by it again. Give other 'seeds'."
        )
