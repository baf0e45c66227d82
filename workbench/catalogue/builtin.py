"""Offers the built-in neuron models, through the same hook as anybody else's."""

from collections.abc import Iterator

from workbench.catalogue.hookspecs import hookimpl
from workbench.declare.neuron import NEURONS, NeuronModel


@hookimpl
def workbench_neurons() -> Iterator[NeuronModel]:
    """Yield the spiking neuron and the readout that networks have by default."""
    yield from NEURONS.values()
