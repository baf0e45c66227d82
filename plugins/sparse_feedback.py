"""Sparse feedback: each output reaches a fifth of the neurons of a layer, by fixed random weights straight from it.

A sum over outputs is as large on average as it is through `random_direct`, the weights that are there by the root of 5
larger.

Guerguiev, Lillicrap and Richards (2017), doi:10.7554/eLife.22901, figure 8.
"""

from collections.abc import Iterator

from workbench import Pathway, hookimpl

SPARSE_DIRECT = Pathway(
    name="sparse_direct",
    origin="output",
    weights="random",
    density=0.2,
    doc="through fixed random weights straight from the output, four fifths of which are 0",
    doi="10.7554/eLife.22901",
)


@hookimpl
def workbench_pathways() -> Iterator[Pathway]:
    """Yield sparse feedback."""
    yield SPARSE_DIRECT
