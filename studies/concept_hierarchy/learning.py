"""What was learnt: who represents which concept, and when weights were where the theory has them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from studies.concept_hierarchy.hierarchy import Bools, Floats, Hierarchy, Ints, Schedule, Tolerance


@dataclass(frozen=True)
class Learned:
    """What a network learnt from a schedule of shows.

    Attributes
    ----------
    weights : list of ndarray of shape (n, n)
        Into each level from 1 on, by presynaptic and postsynaptic neuron.
    engaged : ndarray of shape (n_shows,)
        The neuron that learnt in each show.
    incoming : ndarray of shape (n_shows, n)
        Its weights after the show; NaN where they were not recorded.
    """

    weights: list[Floats]
    engaged: Ints
    incoming: Floats


def representatives(hierarchy: Hierarchy, schedule: Schedule, engaged: Ints) -> list[Ints]:
    """Return the neuron that stands for each concept.

    Parameters
    ----------
    hierarchy : Hierarchy
        What was learnt.
    schedule : Schedule
        In which each concept is shown.
    engaged : ndarray of shape (n_shows,)
        The neuron that learnt in each show.

    Returns
    -------
    list of ndarray of shape (count(level),)
        For each level from 0 on.

    Raises
    ------
    ValueError
        Where a concept engaged two neurons, or two concepts the same.
    """
    found = [np.arange(hierarchy.n)]
    for level in range(1, hierarchy.depth + 1):
        of_level = schedule.level == level
        pairs = np.unique(np.stack([schedule.concept[of_level], engaged[of_level]]), axis=1)
        if not np.array_equal(pairs[0], np.arange(hierarchy.count(level))) or len(set(pairs[1])) < pairs.shape[1]:
            raise ValueError(f"Concepts of level {level} must have one neuron each, but engaged {pairs.T.tolist()}.")
        found.append(pairs[1])
    return found


def children(hierarchy: Hierarchy, neurons: list[Ints], level: int, concept: int) -> Bools:
    """Return which neurons of the level below stand for a concept's children, of shape (n,)."""
    result = np.zeros(hierarchy.n, dtype=np.bool_)
    result[neurons[level - 1][concept * hierarchy.k : (concept + 1) * hierarchy.k]] = True
    return result


def curves(hierarchy: Hierarchy, schedule: Schedule, learned: Learned) -> pd.DataFrame:
    """Return the extremes of weights after each show that was recorded.

    Returns
    -------
    DataFrame
        Columns level, concept, show (of this concept, from 1 on), least_relevant and most_relevant (weights from the
        concept's children), most_irrelevant (all others).
    """
    neurons = representatives(hierarchy, schedule, learned.engaged)
    table = pd.DataFrame({"level": schedule.level, "concept": schedule.concept})
    table["show"] = table.groupby(["level", "concept"]).cumcount() + 1
    relevant = np.stack(
        [children(hierarchy, neurons, *shown) for shown in zip(schedule.level, schedule.concept, strict=True)]
    )
    table["least_relevant"] = np.where(relevant, learned.incoming, np.inf).min(axis=1)
    table["most_relevant"] = np.where(relevant, learned.incoming, -np.inf).max(axis=1)
    table["most_irrelevant"] = np.where(relevant, -np.inf, learned.incoming).max(axis=1)
    return table.dropna(ignore_index=True)


def shows_until(table: pd.DataFrame, hierarchy: Hierarchy, tolerance: Tolerance, b: int) -> tuple[int, int]:
    """Return how often each concept has to be shown, until conditions hold for every one and from then on.

    Parameters
    ----------
    table : DataFrame
        Of `curves`.
    hierarchy : Hierarchy
        What was learnt.
    tolerance : Tolerance
        Relevant weights are to be in [1 / ((1 + epsilon) sqrt k), 1 / sqrt k].
    b : int
        Irrelevant ones are to be at most k^-(depth + b).

    Returns
    -------
    relevant, irrelevant : int
        Shows.

    Raises
    ------
    ValueError
        Where a condition does not hold at the end.
    """
    most = hierarchy.largest_relevant
    relevant = table["least_relevant"].ge(most / (1 + tolerance.epsilon)) & table["most_relevant"].le(most)
    irrelevant = table["most_irrelevant"].le(hierarchy.largest_irrelevant(b))
    return _lasting(relevant, table["show"]), _lasting(irrelevant, table["show"])


def _lasting(held: pd.Series, show: pd.Series) -> int:
    """Return the first show from which on a condition held in every row."""
    failed = show[~held].max()
    if failed == show.max():
        raise ValueError(f"After {failed} shows of each concept, weights are not yet where they should be.")
    return 1 if np.isnan(failed) else int(failed) + 1
