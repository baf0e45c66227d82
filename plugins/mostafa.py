"""Backpropagation of first-spike times: the exact gradient of networks in which each neuron spikes once.

g is computed in continuous time, as that of EventProp. Of neurons without a leak, with synapses of a time constant
tau_syn, let z = exp(time / tau_syn). A spike is at z_out = sum w z / (sum w - 1), where the sums are over its causal
set: the inputs whose spikes arrive before it. Of these

    dz_out / dw = (z - z_out) / (sum w - 1),    dz_out / dz = w / (sum w - 1).

Two things besides are what training makes of the mean gradient of a batch, for each neuron and the weights onto it:

    cost    the gradient of cost max(0, 1 - sum w) is added: where it is not 0, the neuron cannot spike
    norm    the whole is scaled down to this Euclidean norm where it has a larger one, as where sum w - 1 is small

The network is one of neurons `if_single_spike` and readout `if_first_spike`, with the loss
`exponential_time_cross_entropy`. The value of `norm` is not the paper's.

Cost: the state of all neurons at all spikes.

Mostafa (2018), doi:10.1109/TNNLS.2017.2726060.
"""

from collections.abc import Iterator

from workbench import OnGradient, Parameter, Rule, hookimpl

MOSTAFA = Rule(
    name="mostafa",
    title="First-spike times",
    doi="10.1109/TNNLS.2017.2726060",
    engine="eventprop",
    on_gradient=OnGradient(
        sums=(("weight", "w"), ("square", "(gradient - cost * int(weight < 1))**2")),
        code="""gradient = gradient - cost * int(weight < 1)
gradient = gradient * clip(norm / sqrt(square + int(square == 0)), 0, 1)""",
    ),
    parameters=(
        Parameter(name="cost", default=100.0, doc="Of a sum of weights onto a neuron that falls short of 1 by 1."),
        Parameter(name="norm", default=10.0, doc="Largest norm of the gradient of the weights onto a neuron."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield the rule."""
    yield MOSTAFA
