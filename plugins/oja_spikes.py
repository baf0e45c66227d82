"""Oja's rule for spikes: a neuron's weights become what its inputs look like when it spikes, without any error.

g = - integral of y * (p_pre - y * w), where y is `height` at each postsynaptic spike, and 0 otherwise:

    q, p     spikes of the presynaptic neuron, filtered by synapse and membrane: what it adds to v_post for each weight
    spiked   1 in the step of a spike, which counts for the time `event`
    height   what a spike stands for as the output of a linear neuron

Cost: two variables per presynaptic neuron, none per synapse; one operation per synapse and step.
The weights of a neuron that spikes go to the mean of p at its spikes, divided by `height`; those of one that never does
stay as they are. What a neuron learns makes it spike again, so without competition all become alike. With the neuron
`lif_inhibited`, whose spikes keep the others of its layer from spiking, they come to differ: studies/oja_layer.

Oja (1982), doi:10.1007/BF00275687; competition as in Rumelhart and Zipser (1985), doi:10.1207/s15516709cog0901_5.
"""

from collections.abc import Iterator

from workbench import Claims, Parameter, Rule, hookimpl

OJA_SPIKES = Rule(
    name="oja_spikes",
    title="Oja, spikes",
    doi="10.1007/BF00275687",
    pre="""dq/dt = -q / tau_syn_post      : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    synapse="dg/dt = -event * height * spiked_post * (p_pre - height * w) / dt : second",
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="height", default=2.0, doc="Output at a spike; the larger, the smaller the weights become."),
        Parameter(name="event", default="1 ms", doc="What a spike counts for in the integral."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield Oja's rule for spikes."""
    yield OJA_SPIKES
