"""SuperSpike: supervised learning of spike trains, by a three-factor rule.

g = integral of error_post * k, where k is psi_post * p_pre filtered as the readout filters its spikes:

    q, p     spikes of the presynaptic neuron, filtered by synapse and membrane: derivative of v_post by the weight
    psi      surrogate derivative of the postsynaptic spike by its membrane potential
    h, k     eligibility: psi * p through the double exponential kernel of the van Rossum distance
    error    learning signal: spikes of the readout less those wanted, through that kernel and the feedback weights
    z        spikes of the postsynaptic neuron, each of which adds 1, forgotten within `tau_rate`

Cost: two variables per presynaptic neuron and two per synapse; one operation per synapse and step as written.
The weights of the readout learn by the same equations, which are the exact gradient there, the reset held constant; a
hidden layer neglects what the readout's membrane does to its spikes on the way.

As the authors' code has it, the error reaches hidden neurons as filtered error spikes, times the feedback weights: the
filter is linear, so that it is the filtered error of the readout. Its regularizer, `rho` times w * z**4, draws weights
onto hidden neurons that spike often to 0; there `rho` is 0 with symmetric feedback and 1 with random, in the code's own
units of weights and errors. It is steep: steps above 2 / (rho * z**4) diverge. Optimizer `rmaxprop` is the paper's.

Zenke and Ganguli (2018), doi:10.1162/neco_a_01086.
"""

from collections.abc import Iterator

from workbench import LearningSignal, Parameter, Regularizer, Rule, WrittenFor, hookimpl

SUPERSPIKE = Rule(
    name="superspike",
    title="SuperSpike",
    doi="10.1162/neco_a_01086",
    written_for=WrittenFor(readout="lif_train"),
    pre="""dq/dt = -q / tau_syn_post      : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    synapse="""dh/dt = -h / tau_rise_readout + psi_post * p_pre / dt : 1
               dk/dt = (h - k) / tau_decay_readout : 1
               dg/dt = error_post * k : second""",
    signal=LearningSignal(name="error", feedback="symmetric"),
    regularizer=Regularizer(
        strength="rho",
        post="dz/dt = -z / tau_rate + spiked / dt : 1",
        synapse="w * z_post**4",
    ),
    parameters=(
        Parameter(name="rho", default=0.0, doc="How strongly weights of neurons that spike often are drawn to 0."),
        Parameter(name="tau_rate", default="100 ms", doc="Of the trace of a neuron's spikes."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield SuperSpike."""
    yield SUPERSPIKE
