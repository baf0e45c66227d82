"""Information alignment: feedback weights learn to bring back what the forward weights took up.

    g = integral of decay * b - gain * p * y + null * r * y

    p     spikes of the neuron that gets the signal, filtered as those above filter them, less their mean
    y     potential of the neuron above, less its mean
    r     sum over the neurons above of b * y: what the feedback weights bring of it to the neuron that gets the signal

These are the descents along B of three primitives of the layer: decay |B|^2 / 2, amp -p^T B y and null |B y|^2 / 2, all
of them local, since r comes by the feedback weights themselves. They tend to gain C W (null V + decay)^-1, with C the
covariance of p and V that of y, a regularized pseudoinverse: W^T up to a factor where the singular values of W are
alike or decay prevails. In the paper other regularizers bring forward weights there; here, as in the authors' code by
default, alignment leaves them alone, since the phase has no task.
Cost: five variables per feedback weight and a sum over them in each step, in the phase of its own alone.

Kunin, Nayebi, Sagastuy-Brena, Ganguli, Bloom and Yamins (2020), doi:10.48550/arXiv.2003.01513.
"""

from collections.abc import Iterator

from workbench import FeedbackRule, Parameter, Pathway, hookimpl

INFORMATION_ALIGNMENT = Pathway(
    name="information_alignment",
    origin="above",
    weights="by_rule",
    doc="through weights that learn from noise to bring back what the forward weights took up, in a phase of their own",
    rule=FeedbackRule(
        name="information_alignment",
        title="Information alignment",
        doi="10.48550/arXiv.2003.01513",
        synapse="""dq/dt = -q / tau_syn + spiked_post / dt : 1
                   dp/dt = (q - p) / tau_mem : 1
                   dslow_p/dt = (p - slow_p) / tau_mean : 1
                   dslow_y/dt = (v_pre - slow_y) / tau_mean : 1
                   dage/dt = 1 / tau_mean : 1
                   dg/dt = decay * b
                       + int(age > 2) * (null * r_post - gain * (p - slow_p)) * (v_pre - slow_y) : second""",
        sums=(("r_post", "b * (v_pre - slow_y)"),),
        parameters=(
            Parameter(name="tau_syn", default="10 ms", doc="Of the synapse."),
            Parameter(name="tau_mem", default="20 ms", doc="Of the membrane above."),
            Parameter(name="tau_mean", default="30 ms", doc="Of the means, within which nothing is learned."),
            Parameter(name="gain", default=10.0, doc="How strongly what is sent back is to vary with what was sent."),
            Parameter(name="null", default=1.0, doc="How strongly what is sent back is kept small."),
            Parameter(name="decay", default=1.0, doc="Of the weights."),
        ),
    ),
)


@hookimpl
def workbench_pathways() -> Iterator[Pathway]:
    """Yield information alignment."""
    yield INFORMATION_ALIGNMENT
