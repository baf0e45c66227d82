"""e-prop+: e-prop by what is known at the synapse alone, with signals that take a step to come.

g = integral of error_post * (k less what this step added to it):

    q, p     spikes of the presynaptic neuron, filtered by its synapse and by the membrane, as of `eprop`
    psi      surrogate derivative of the postsynaptic spike by its membrane potential
    k        eligibility: psi * p, filtered with a time constant of the synapse's own in place of the readout's
    rate     the postsynaptic neuron's rate of late, which `regularize`, off by default, draws to `target_rate`
    error    learning signal: derivative of the loss by the readout now; it meets the eligibility of the step before

Cost: two variables per presynaptic neuron and one per synapse; one operation per synapse and step as written.
The authors change a weight at each presynaptic spike by what has come since the one before. A weight does nothing
between spikes, so that this is the same as `every = "step"` in `[train]`. It is nowhere exact: the readout filters
otherwise, and the signal is a step late.

Korcsak-Gorzo, Espinoza Valverde, Stapmanns, Plesser, Dahmen, Bolten, van Albada and Diesmann (2025),
doi:10.48550/arXiv.2511.21674; equations as documented with the authors' neuron model `eprop_iaf` of NEST.
"""

from collections.abc import Iterator

from workbench import LearningSignal, Parameter, Regularizer, Rule, hookimpl

EPROP_PLUS = Rule(
    name="eprop_plus",
    title="e-prop+",
    doi="10.48550/arXiv.2511.21674",
    pre="""dq/dt = -q / tau_syn_post      : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    synapse="""dk/dt = (psi_post * p_pre - k) / tau_eligibility : 1
               dg/dt = error_post * (k - psi_post * p_pre * dt / tau_eligibility) : second""",
    signal=LearningSignal(name="error", feedback="symmetric", relay="error * psi"),
    regularizer=Regularizer(
        strength="regularize",
        post="drate/dt = (spiked / dt - rate) / tau_rate : hertz",
        synapse="(rate_post - target_rate) * k",
    ),
    parameters=(
        Parameter(name="tau_eligibility", default="20 ms", doc="Of the filter of the eligibility."),
        Parameter(name="regularize", default="0 second", doc="How strongly rates are drawn to `target_rate`."),
        Parameter(name="target_rate", default="10 Hz", doc="The rate to which each neuron is drawn."),
        Parameter(name="tau_rate", default="50 ms", doc="Of the estimate of a neuron's rate."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield e-prop+."""
    yield EPROP_PLUS
