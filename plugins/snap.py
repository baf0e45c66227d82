"""SnAp-1: real-time recurrent learning that keeps what a weight does to the neuron that it reaches, and nothing else.

g = integral of error_post * k, where k is psi_post * (p_pre - x) filtered as the readout filters:

    q, p     spikes of the presynaptic neuron, filtered by synapse and membrane: derivative of v_post without a reset
    x        what resets take of it: p - x is the derivative of v_post by the weight
    psi      surrogate derivative of the postsynaptic spike by its membrane potential
    h, k     what the weight does to the readout, filtered by the readout's synapse (h) and membrane (k)
    error    learning signal: derivative of the loss by the readout now, through the feedback weights

Cost: two variables per presynaptic neuron and three per synapse; one operation per synapse and step as written.
Of RTRL's derivatives of every neuron by every weight, those that are not 0 after one step are kept: of the neuron that
the weight reaches. In one layer that does not reach itself there are no others, and with symmetric feedback `g` is the
exact gradient, the reset differentiated; where each neuron reaches the others, what comes back by way of them is left
out, and so is what a neuron does to itself by a weight of its own. It differs from e-prop in the reset alone: with
`through_reset` 0 it is e-prop.

Menick, Elsen, Evci, Osindero, Simonyan and Graves (2021), doi:10.48550/arXiv.2006.07232, section 3.
"""

from collections.abc import Iterator

from workbench import Claims, ExactFor, LearningSignal, Parameter, Rule, WrittenFor, hookimpl

EXACT = ExactFor(
    loss="network",
    depth=1,
    feedback="symmetric",
    reset="differentiated",
    neurons=("lif",),
    readouts=("leaky_integrator",),
    delays="inputs",
)

SNAP = Rule(
    name="snap",
    title="SnAp-1",
    doi="10.48550/arXiv.2006.07232",
    written_for=WrittenFor(neuron="lif"),
    pre="""dq/dt = -q / tau_syn_post      : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    synapse="""dx/dt = -x / tau_mem_post + through_reset * v_th_post * psi_post * (p_pre - x) / dt : 1
               dh/dt = -h / tau_syn_readout + psi_post * (p_pre - x) / dt : 1
               dk/dt = (h - k) / tau_mem_readout : 1
               dg/dt = error_post * k : second""",
    signal=LearningSignal(name="error", feedback="symmetric", relay="error * psi"),
    claims=Claims(exact_for=(EXACT,)),
    parameters=(Parameter(name="through_reset", default=1.0, doc="How much of what goes through the reset is kept."),),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield SnAp-1."""
    yield SNAP
