"""Weight mirror: feedback weights learn the transpose of the forward weights, from noise and without a task.

In a phase in which neurons spike by their own noise, what a neuron does to the one above tells the weight between:

    g = - integral of (p - mean of p) * (v_pre - mean of v) + decay * b

    p        spikes of the neuron that gets the signal, filtered as those above filter them
    v        potential of the neuron above
    means    of both, over a longer time, after two of which learning begins in a trial

The covariance of v with p is the forward weight times the variance of p, as far as other neurons spike independently;
where they share their inputs it is that of the layer, and what is learned is W^T turned by it.
Forward weights stay meanwhile; the learning signal uses the feedback weights in the phase with a task.
Cost: five variables per feedback weight, in the phase of its own alone.

Akrout, Wilson, Humphreys, Lillicrap and Tweed (2019), doi:10.48550/arXiv.1904.05391, equation 7.
"""

from collections.abc import Iterator

from workbench import FeedbackRule, Parameter, Pathway, hookimpl

WEIGHT_MIRROR = Pathway(
    name="weight_mirror",
    origin="above",
    weights="by_rule",
    doc="through weights that learn the transpose of the forward weights from noise, in a phase of their own",
    rule=FeedbackRule(
        name="weight_mirror",
        title="Weight mirror",
        doi="10.48550/arXiv.1904.05391",
        synapse="""dq/dt = -q / tau_syn + spiked_post / dt : 1
                   dp/dt = (q - p) / tau_mem : 1
                   dslow_p/dt = (p - slow_p) / tau_mean : 1
                   dslow_v/dt = (v_pre - slow_v) / tau_mean : 1
                   dage/dt = 1 / tau_mean : 1
                   dg/dt = decay * b - gain * int(age > 2) * (p - slow_p) * (v_pre - slow_v) : second""",
        parameters=(
            Parameter(name="tau_syn", default="10 ms", doc="Of the synapse."),
            Parameter(name="tau_mem", default="20 ms", doc="Of the membrane above."),
            Parameter(name="tau_mean", default="30 ms", doc="Of the means, within which nothing is learned."),
            Parameter(name="gain", default=10.0, doc="Of what noise teaches."),
            Parameter(name="decay", default=1.0, doc="Of the weights."),
        ),
    ),
)


@hookimpl
def workbench_pathways() -> Iterator[Pathway]:
    """Yield the weight mirror."""
    yield WEIGHT_MIRROR
