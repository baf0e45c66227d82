"""A network's forward dynamics as data: a list of operations in the order in which they run."""

from dataclasses import dataclass

from workbench.declare.network import Network
from workbench.declare.synapse_ends import Indices
from workbench.model.bindings import Binding, Propagator
from workbench.model.operation import Operation


@dataclass(frozen=True)
class Program:
    """The forward dynamics of a network.

    Attributes
    ----------
    operations : tuple of Operation
        In the order of a step.
    start : tuple of Operation
        What sets variables at the start of a trial.
    sizes : dict of str to (int,) or (int, int) or ()
        Shape of the variables of each group: neurons, (n_pre, n_post), or (n_synapses,) of synapses with `ends`.
    bindings, propagators : tuple
        Which variables hold numbers of the setup.
    ends : dict of str to Indices
        The ends of synapses by group, where not all neurons are connected.
    """

    operations: tuple[Operation, ...]
    start: tuple[Operation, ...]
    sizes: dict[str, tuple[int, ...]]
    bindings: tuple[Binding, ...]
    propagators: tuple[Propagator, ...]
    ends: dict[str, Indices]


def ends_of(network: Network) -> dict[str, Indices]:
    """Return the ends of a network's synapses by group, where not all neurons are connected."""
    return {f"w_{item.name}": item.indices for item in network.all_projections if not item.dense}
