"""Where the synapses of a neuron are among those that are there, if not all are."""

from typing import Any

import numpy as np
from brian2 import Group
from numpy.typing import NDArray

from workbench.declare.projection import Projection


def add_places(group: Group, projection: Projection) -> dict[str, Any]:
    """Let a group of synapses hold where those of each source begin, and their targets; return what templates are told.

    Parameters
    ----------
    group : Group
        The synapses, in the order of `Projection.indices`.
    projection : Projection
        Where every neuron reaches each, nothing is held: a matrix has its places by itself.

    Returns
    -------
    dict of str to ArrayVariable or None
        ``first`` of shape (n_pre + 1,) and ``column`` of shape (n_synapses,).
    """
    if projection.dense:
        return {"first": None, "column": None}
    pre, post = projection.indices
    return {
        "first": _held(group, "_first", _begins(pre, projection.ends[0])),
        "column": _held(group, "_target", post),
    }


def add_places_by_target(group: Group, projection: Projection) -> dict[str, Any]:
    """Do the same the other way about, for visits to the synapses that reach a neuron.

    Returns
    -------
    dict of str to ArrayVariable or None
        ``row`` of shape (n_synapses,), the source of each synapse; ``first_of_target`` of shape (n_post + 1,) and
        ``of_target`` of shape (n_synapses,), the synapses that reach each neuron.
    """
    if projection.dense:
        return {"row": None, "first_of_target": None, "of_target": None}
    pre, post = projection.indices
    order = np.argsort(post, kind="stable").astype(np.int32)
    return {
        "row": _held(group, "_source", pre),
        "first_of_target": _held(group, "_first_of_target", _begins(post[order], projection.ends[1])),
        "of_target": _held(group, "_of_target", order),
    }


def _begins(ordered: NDArray[np.int32], size: int) -> NDArray[np.int32]:
    """Return where the entries of each number begin among ordered ones."""
    return np.searchsorted(ordered, np.arange(size + 1)).astype(np.int32)


def _held(group: Group, name: str, values: NDArray[np.int32]) -> Any:
    variables = group.variables
    if name not in variables:
        variables.add_array(
            name, size=len(values), dtype=np.int32, values=values, constant=True, index=f"{name}_number"
        )
    return variables[name]
