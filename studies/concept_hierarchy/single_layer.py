"""Whether one threshold neuron, straight from the leaves, could recognize a concept: a linear programme."""

import numpy as np
from scipy.optimize import linprog

from studies.concept_hierarchy.hierarchy import Hierarchy, Tolerance
from studies.concept_hierarchy.recognition import subsets

FEASIBLE, INFEASIBLE = 0, 2


def one_neuron_suffices(k: int, depth: int, tolerance: Tolerance) -> bool:
    """Return whether weights and a threshold exist with which a neuron does right for every subset of leaves.

    Parameters
    ----------
    k : int
        Children of a concept.
    depth : int
        Level of the concept.
    tolerance : Tolerance
        For which subsets the neuron must fire, and for which not.

    Returns
    -------
    bool
        Any weights are allowed, negative ones too.

    Raises
    ------
    RuntimeError
        Where the solver does not know.
    """
    hierarchy = Hierarchy(k, depth)
    presented = np.zeros((1 << k**depth, hierarchy.n), dtype=np.bool_)
    presented[:, : k**depth] = subsets(k**depth)
    due = hierarchy.supported(presented, tolerance.r2)[-1][:, 0]
    barred = ~hierarchy.supported(presented, tolerance.r1)[-1][:, 0]
    # w . x - threshold >= 1 where it must fire and <= -1 where it must not: any gap can be scaled to this one.
    rows = np.column_stack([presented[:, : k**depth], -np.ones(len(presented))])
    constraints = np.concatenate([-rows[due], rows[barred]])
    found = linprog(np.zeros(rows.shape[1]), constraints, -np.ones(len(constraints)), bounds=(None, None))
    if found.status not in (FEASIBLE, INFEASIBLE):
        raise RuntimeError(f"The linear programme for {k} children, depth {depth} was not decided: {found.message}")
    return bool(found.status == FEASIBLE)
