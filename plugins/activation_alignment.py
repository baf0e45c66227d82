"""Activation alignment: feedback weights learn to make of activity below what the forward weights make of it.

    g = integral of p * (sparse * s - gain * y)

    p     spikes of the neuron that gets the signal, filtered as those above filter them, less their mean
    y     potential of the neuron above, less its mean
    s     sum over the neurons below of b * p: what the feedback weights would bring up to the neuron above

These are the descents along B of two primitives of the layer: amp -p^T B y, which is local, and sparse |p^T B|^2 / 2,
which is not, since s is brought up by weights that bring signals down. As far as y is what the forward weights bring,
they tend to W^T gain / sparse whether or not neurons below are correlated. The sparse term of forward weights that the
paper's loss has is left out, since alignment is to leave them alone, as in the authors' code by default.
Cost: five variables per feedback weight and a sum over them in each step, in the phase of its own alone.

Kunin, Nayebi, Sagastuy-Brena, Ganguli, Bloom and Yamins (2020), doi:10.48550/arXiv.2003.01513.
"""

from collections.abc import Iterator

from workbench import FeedbackRule, Parameter, Pathway, hookimpl

ACTIVATION_ALIGNMENT = Pathway(
    name="activation_alignment",
    origin="above",
    weights="by_rule",
    doc="through weights that learn from noise to do with activity what forward weights do, in a phase of their own",
    rule=FeedbackRule(
        name="activation_alignment",
        title="Activation alignment",
        doi="10.48550/arXiv.2003.01513",
        synapse="""dq/dt = -q / tau_syn + spiked_post / dt : 1
                   dp/dt = (q - p) / tau_mem : 1
                   dslow_p/dt = (p - slow_p) / tau_mean : 1
                   dslow_y/dt = (v_pre - slow_y) / tau_mean : 1
                   dage/dt = 1 / tau_mean : 1
                   dg/dt = int(age > 2) * (p - slow_p) * (sparse * s_pre - gain * (v_pre - slow_y)) : second""",
        sums=(("s_pre", "b * (p - slow_p)"),),
        parameters=(
            Parameter(name="tau_syn", default="10 ms", doc="Of the synapse."),
            Parameter(name="tau_mem", default="20 ms", doc="Of the membrane above."),
            Parameter(name="tau_mean", default="30 ms", doc="Of the means, within which nothing is learned."),
            Parameter(name="gain", default=100.0, doc="How strongly what is sent back is to vary with what was sent."),
            Parameter(name="sparse", default=100.0, doc="How strongly what the weights would bring up is kept small."),
        ),
    ),
)


@hookimpl
def workbench_pathways() -> Iterator[Pathway]:
    """Yield activation alignment."""
    yield ACTIVATION_ALIGNMENT
