"""e-prop: eligibility propagation for leaky integrate-and-fire neurons.

g = integral of error_post * k, where k is psi_post * p_pre filtered as the readout filters:

    q        spikes of the presynaptic neuron, filtered by its synapse
    p        q filtered by the membrane: derivative of v_post by the weight, the reset held constant
    psi      surrogate derivative of the postsynaptic spike by its membrane potential
    h, k     eligibility: the weight's effect on the readout, filtered by the readout's synapse (h) and membrane (k)
    rate     estimate of the postsynaptic neuron's rate, which `regularize`, off by default, draws to `target_rate`
    error    learning signal: derivative of the loss by the readout now, through the feedback weights

Cost: two variables per presynaptic neuron and two per synapse; one operation per synapse and step as written.
With symmetric feedback and one hidden layer it is the exact gradient, the reset held constant, of a readout that is a
leaky integrator and that spikes reach at once: the error of now meets the spikes of now, so that a delay to the readout
makes it another direction (one of the inputs does not). With more layers, each relays error * psi to the one below, and
what synapse and membrane delay on the way is neglected; in a recurrent layer, so is what a spike does later by way of
the layer itself.

Bellec, Scherr, Subramoney, Hajek, Salaj, Legenstein and Maass (2020), doi:10.1038/s41467-020-17236-y.
"""

from collections.abc import Iterator

from workbench import Claims, ExactFor, LearningSignal, Parameter, Regularizer, Rule, hookimpl

NEURONS = ("lif", "lif_refractory", "lif_refractory_trace", "linear_rate")
EXACT = ExactFor(
    loss="network", depth=1, feedback="symmetric", neurons=NEURONS, readouts=("leaky_integrator",), delays="inputs"
)

EPROP = Rule(
    name="eprop",
    title="e-prop",
    doi="10.1038/s41467-020-17236-y",
    pre="""dq/dt = -q / tau_syn_post      : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    synapse="""dh/dt = -h / tau_syn_readout + psi_post * p_pre / dt : 1
               dk/dt = (h - k) / tau_mem_readout : 1
               dg/dt = error_post * k : second""",
    signal=LearningSignal(name="error", feedback="symmetric", relay="error * psi"),
    regularizer=Regularizer(
        strength="regularize",
        post="drate/dt = (spiked / dt - rate) / tau_rate : hertz",
        synapse="(rate_post - target_rate) * psi_post * p_pre",
    ),
    parameters=(
        Parameter(name="regularize", default="0 second", doc="How strongly rates are drawn to `target_rate`."),
        Parameter(name="target_rate", default="10 Hz", doc="The rate to which each neuron is drawn."),
        Parameter(name="tau_rate", default="50 ms", doc="Of the estimate of a neuron's rate."),
    ),
    claims=Claims(exact_for=(EXACT,)),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield e-prop."""
    yield EPROP
