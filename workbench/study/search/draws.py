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
        Mean over seeds; the larger the better; NaN where one could not be trained, or has other spikes than are wanted.
    spikes : float
        Hidden spikes per trial on the validation split, mean over seeds; NaN where one could not be trained.
    apart : float
        How far these are from those that are wanted: the absolute logarithm of their ratio; infinite where there are
        none.
    """

    number: int
    changes: ChangesSection
    values: Mapping[str, Any]
    edges: Mapping[str, str]
    runs: list[str] = field(default_factory=list)
    status: str = ""
    score: float = math.nan
    spikes: float = math.nan
    apart: float = 0.0


def best(draws: Iterable[Draw]) -> Draw:
    """Return the best of some draws, the earliest where several are.

    Where none has a score, it is that with the nearest to the spikes that are wanted, or the first.
    """

    def rank(draw: Draw) -> tuple[bool, float, float]:
        scored = not math.isnan(draw.score)
        return scored, draw.score if scored else -math.inf, 0.0 if scored else -draw.apart

    return max(draws, key=rank)


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
            "spikes": None if math.isnan(draw.spikes) else draw.spikes,
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
