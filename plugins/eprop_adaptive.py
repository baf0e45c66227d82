"""e-prop for adaptive neurons, whose threshold rises with each spike of theirs.

g = integral of error_post * k, where k is psi_post * (p_pre - x) filtered as the readout filters:

    q, p     as of `eprop`: derivative of v_post by the weight, the reset of v held constant
    x        eligibility that the threshold keeps: derivative of the adaptation `a` of the neuron by the weight
    psi      surrogate derivative of the postsynaptic spike by v - v_th - a
    h, k     eligibility filtered by the readout's synapse (h) and membrane (k)
    error    learning signal: derivative of the loss by the readout now, through the feedback weights

Cost: two variables per presynaptic neuron and three per synapse; one operation per synapse and step as written.
With symmetric feedback and one hidden layer it is the exact gradient, the reset of v held constant, of a readout that
is a leaky integrator and that spikes reach without a delay.

Bellec, Scherr, Subramoney, Hajek, Salaj, Legenstein and Maass (2020), doi:10.1038/s41467-020-17236-y.
"""

from collections.abc import Iterator

from workbench import Claims, ExactFor, LearningSignal, Rule, WrittenFor, hookimpl

EPROP_ADAPTIVE = Rule(
    name="eprop_adaptive",
    title="e-prop (adaptive)",
    doi="10.1038/s41467-020-17236-y",
    written_for=WrittenFor(neuron="alif"),
    pre="""dq/dt = -q / tau_syn_post      : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    synapse="""dx/dt = -x / tau_a_post + rise_post * psi_post * (p_pre - x) / dt : 1
               dh/dt = -h / tau_syn_readout + psi_post * (p_pre - x) / dt     : 1
               dk/dt = (h - k) / tau_mem_readout : 1
               dg/dt = error_post * k : second""",
    signal=LearningSignal(name="error", feedback="symmetric", relay="error * psi"),
    claims=Claims(
        exact_for=(
            ExactFor(
                loss="network",
                depth=1,
                feedback="symmetric",
                readouts=("leaky_integrator",),
                delays="inputs",
                neurons=("alif",),
            ),
        )
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield e-prop for adaptive neurons."""
    yield EPROP_ADAPTIVE
