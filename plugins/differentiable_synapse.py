"""Neurons with differentiable synapses: a spike drives its synapse gradually, while the potential crosses a zone.

The neuron `gated` has no threshold and is not reset:

    tau_mem dv/dt = 1 - cos(v) + (1 + cos(v)) (I + bias)     quadratic integrate-and-fire, as a phase: it spikes at pi
    graded        gate(v) * dv/dt, what it sends while it crosses: 1 in all for a whole spike, less for a part of one
    gate          a bump about pi, exp(width (cos(v - pi) - 1)), of area 1 by its asymptotic value sqrt(width / (2 pi))

All of it is differentiable, so that `bptt` is the gradient of the loss itself, without a surrogate; there are no spikes
for local rules to see.

Huh and Sejnowski (2018), doi:10.48550/arXiv.1706.04698, equations 2 to 4.
"""

from collections.abc import Iterator

from workbench import NeuronModel, hookimpl

GATED = NeuronModel(
    name="gated",
    doc="A quadratic integrate-and-fire neuron as a phase, whose synapses are driven gradually while it spikes.",
    equations="""dv/dt = speed : 1
                 dI/dt = -I / tau_syn : 1
                 speed = (1 - cos(v) + (1 + cos(v)) * (I + bias)) / tau_mem : hertz
                 graded = sqrt(width / 6.283185307179586) * exp(-width * (1 + cos(v))) * speed * ms : 1""",
    output="graded",
    method="euler",
    initial=(("v", -1.0),),
    parameters=(("tau_mem", "20 ms"), ("tau_syn", "10 ms"), ("bias", 0.0), ("width", 10.0)),
    doi="10.48550/arXiv.1706.04698",
)


@hookimpl
def workbench_neurons() -> Iterator[NeuronModel]:
    """Yield the neuron with differentiable synapses."""
    yield GATED
