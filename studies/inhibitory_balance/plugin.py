"""Neurons of a network that goes on from trial to trial, as in one long run."""

from collections.abc import Iterator
from dataclasses import replace

from workbench import NeuronModel, hookimpl
from workbench.declare.conductance_neurons import TWO_CONDUCTANCES


@hookimpl
def workbench_neurons() -> Iterator[NeuronModel]:
    """Yield them; a trial finds them as the one before has left them."""
    yield replace(TWO_CONDUCTANCES, name="ongoing", persistent=("v", "I", "gi", "rest"))
