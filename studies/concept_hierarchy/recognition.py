"""Which concepts a network recognizes, and whether those are the ones that it should."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from studies.concept_hierarchy.hierarchy import Bools, Floats, Hierarchy, Ints, Tolerance
from studies.concept_hierarchy.network import simulate


@dataclass(frozen=True)
class Check:
    """How often neurons that stand for a concept did what they must, over presentations and concepts of levels >= 1.

    Attributes
    ----------
    due, missed : int
        Concepts in supp_r2, and those of them that did not fire.
    barred, false : int
        Concepts out of supp_r1, and those of them that fired.
    """

    due: int
    missed: int
    barred: int
    false: int


def presentations(hierarchy: Hierarchy, random: int, seed: int = 0) -> Bools:
    """Return every subset of the leaves of one top concept, and random subsets of all leaves.

    Parameters
    ----------
    hierarchy : Hierarchy
        Small enough for 2^(k^depth) subsets.
    random : int
        Number of random subsets, each with its own share of leaves.
    seed : int, optional
        Of the random subsets.

    Returns
    -------
    ndarray of shape (2^(k^depth) + random, n)
        Which concepts of level 0 are presented.
    """
    leaves = hierarchy.k**hierarchy.depth
    every = np.zeros((1 << leaves, hierarchy.n), dtype=np.bool_)
    every[:, :leaves] = subsets(leaves)
    generator = np.random.default_rng(seed)
    return np.concatenate([every, generator.random((random, hierarchy.n)) < generator.random((random, 1))])


def subsets(size: int) -> Bools:
    """Return every subset of a set, of shape (2^size, size)."""
    return ((np.arange(1 << size)[:, None] >> np.arange(size)) % 2).astype(np.bool_)


def recognized(
    hierarchy: Hierarchy, threshold: float, weights: Sequence[Floats], neurons: Sequence[Ints], presented: Bools
) -> list[Bools]:
    """Present one subset in each round to a network that does not learn, and see who fires when it is their time.

    Parameters
    ----------
    hierarchy : Hierarchy
        What is recognized.
    threshold : float
        Potential from which on a neuron fires.
    weights : sequence of ndarray of shape (n, n)
        Into each level from 1 on.
    neurons : sequence of ndarray of shape (count(level),)
        That stand for concepts, for each level from 0 on.
    presented : ndarray of shape (n_presentations, n)
        Which neurons of level 0 fire.

    Returns
    -------
    list of ndarray of shape (n_presentations, count(level))
        For each level from 0 on, who fired so many rounds after the presentation.
    """
    count = len(presented)
    # The last presentation still has to arrive at the top.
    rounds = np.concatenate([presented, np.zeros((hierarchy.depth, hierarchy.n), dtype=np.bool_)])
    fired = simulate(hierarchy, threshold, weights, rounds, np.zeros(len(rounds), dtype=np.int64)).fired
    return [fired[level][level : level + count, neurons[level]] for level in range(hierarchy.depth + 1)]


def check(hierarchy: Hierarchy, tolerance: Tolerance, presented: Bools, fired: Sequence[Bools]) -> Check:
    """Hold what fired against what supports each concept.

    Parameters
    ----------
    hierarchy : Hierarchy
        What is recognized.
    tolerance : Tolerance
        Who must fire and who must not.
    presented : ndarray of shape (n_presentations, n)
        Which concepts of level 0 were presented.
    fired : sequence of ndarray of shape (n_presentations, count(level))
        Of `recognized`.

    Returns
    -------
    Check
        Counts.
    """
    found = np.concatenate(fired[1:], axis=1)
    due = np.concatenate(hierarchy.supported(presented, tolerance.r2)[1:], axis=1)
    barred = ~np.concatenate(hierarchy.supported(presented, tolerance.r1)[1:], axis=1)
    return Check(int(due.sum()), int((due & ~found).sum()), int(barred.sum()), int((barred & found).sum()))
