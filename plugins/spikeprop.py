"""SpikeProp: error backpropagation for networks in which each neuron spikes once.

g is computed in continuous time, as that of EventProp. With t the time at which neuron j spikes, du/dt the speed of its
potential there, and y_k what synapse k, by which a spike of neuron i came, adds to the potential for a weight of 1,

    dt / dw_k = - y_k / (du/dt),    dt / dt_i = (sum over the synapses k from i of w_k dy_k/dt) / (du/dt).

Where du/dt is less than `least_rise` it counts as that, so that a drive which hardly reaches its threshold does not
carry the gradient away; with 0 the gradient is exact. Several synapses of a connection are projections beside each
other, each with its delay.

The network is one of neurons `lif_single_spike` and readout `lif_first_spike`, with the loss `squared_error`.

Cost: the state of all neurons at all spikes.

Bohte, Kok and La Poutré (2002), doi:10.1016/S0925-2312(01)00658-0. They have no `least_rise`; Booij and Nguyen, who
went on from there (Information Processing Letters 95:552, 2005), have 0.1 per millisecond.
"""

from collections.abc import Iterator

from workbench import Parameter, Rule, hookimpl

SPIKEPROP = Rule(
    name="spikeprop",
    title="SpikeProp",
    doi="10.1016/S0925-2312(01)00658-0",
    engine="eventprop",
    parameters=(
        Parameter(
            name="least_rise", default="100 Hz", doc="The speed at which a drive rises at a spike at least [1/s]."
        ),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield SpikeProp."""
    yield SPIKEPROP
