"""The neurons of local readouts, which each hidden layer has of its own."""

from brian2 import NeuronGroup, TimedArray

from workbench.model import readout
from workbench.model.assembly import Parts


def add_neurons(parts: Parts, layer: str, targets: TimedArray) -> None:
    """Add the neurons ``<layer>_readout``, whose output is a sum of the layer's spikes, with a loss of their own.

    Parameters
    ----------
    parts : Parts
        Gets the neurons.
    layer : str
        Which they read.
    targets : TimedArray
        Table of targets, (trial or step, output).
    """
    name = f"{layer}_readout"
    declared = "y : 1\n" + readout.variables(parts)
    group = NeuronGroup(parts.setup.network.n_outputs, declared, name=f"{name}*", namespace={})
    parts.add(name, group, "forward")
    readout.add_loss(parts, name, "y", targets)
