"""The model as it is published, in rounds, with matrices: what the network in continuous time is held against."""

import numpy as np

from studies.concept_hierarchy.hierarchy import Bools, Floats, Hierarchy, Schedule
from studies.concept_hierarchy.learning import Learned


def learn(hierarchy: Hierarchy, threshold: float, schedule: Schedule) -> Learned:
    """Train in rounds.

    Parameters
    ----------
    hierarchy : Hierarchy
        What is learnt.
    threshold : float
        Potential from which on a neuron fires.
    schedule : Schedule
        Of shows.

    Returns
    -------
    Learned
        Weights, and how they came about.
    """
    n, eta = hierarchy.n, hierarchy.learning_rate
    weights = [np.full((n, n), hierarchy.initial_weight) for _ in range(hierarchy.depth)]
    engaged, incoming = [], []
    for level, concept in zip(schedule.level, schedule.concept, strict=True):
        fired = np.zeros(n, dtype=np.bool_)
        fired[hierarchy.leaves(level, concept)] = True
        for below in weights[: level - 1]:
            fired = potentials(below, fired) >= threshold
        z = potentials(weights[level - 1], fired)
        # Of equal potentials the first.
        winner = int(np.argmax(z))
        w = weights[level - 1][:, winner]
        w += eta * z[winner] * (fired - z[winner] * w)
        engaged.append(winner)
        incoming.append(w.copy())
    return Learned(weights, np.array(engaged), np.array(incoming))


def potentials(weights: Floats, fired: Bools) -> Floats:
    """Return w . x of each neuron, summed in the same order for all, so that equal weights make equal potentials."""
    result: Floats = weights[fired].sum(axis=0)
    return result
