"""e-prop for adaptive neurons, whose threshold rises with each spike of theirs.

g = integral of error_post * k, where k is psi_post * (p_pre - x) filtered as the readout filters:

    q, p     as of `eprop`: derivative of v_post by the weight, the reset of v held constant
    x        eligibility that the threshold keeps: derivative of the adaptation `a` of the neuron by the weight
    psi      surrogate derivative of the postsynaptic spike by v - v_th - a
    h, k     eligibility filtered by the readout's synapse (h) and membrane (k)
    error    learning signal: derivative of the loss by the readout now, through the feedback weights

`regularize`, off by default, draws a neuron's mean rate in a trial to `target_rate`: at its end g grows by the
difference times `summed`, the sum of psi_post * (p_pre - x) before the last step, whose spikes act on nothing.

Cost: two variables per presynaptic neuron and three per synapse; one operation per synapse and step as written.
Exact, the reset of v held constant, with symmetric feedback, one hidden layer, and no delay to a leaky integrator.

Bellec, Scherr, Subramoney, Hajek, Salaj, Legenstein and Maass (2020), doi:10.1038/s41467-020-17236-y.
"""

from collections.abc import Iterator

from workbench import Claims, ExactFor, LearningSignal, OnStep, Parameter, Regularizer, Rule, WrittenFor, hookimpl

NEURONS, READOUTS = ("alif", "alif_refractory"), ("leaky_integrator",)
EXACT = ExactFor(loss="network", depth=1, feedback="symmetric", neurons=NEURONS, readouts=READOUTS, delays="inputs")
STEP = "acts = 1 - ends\npull = ends * (count / clip(steps, 1, 1e9) - target_rate * dt)\ncount += spiked\nsteps += 1"

EPROP_ADAPTIVE = Rule(
    name="eprop_adaptive",
    title="e-prop (adaptive)",
    doi="10.1038/s41467-020-17236-y",
    written_for=WrittenFor(neuron="alif", neurons_like_it=NEURONS[1:]),
    pre="""dq/dt = -q / tau_syn_post      : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    synapse="""dx/dt = -x / tau_a_post + rise_post * psi_post * (p_pre - x) / dt : 1
               dh/dt = -h / tau_syn_readout + psi_post * (p_pre - x) / dt     : 1
               dk/dt = (h - k) / tau_mem_readout : 1
               dg/dt = error_post * k : second""",
    signal=LearningSignal(name="error", feedback="symmetric", relay="error * psi"),
    regularizer=Regularizer(
        strength="regularize",
        on_step=OnStep(state=("count", "steps", "pull", "acts"), code=STEP),
        states="dsummed/dt = acts_post * psi_post * (p_pre - x) / dt : 1",
        synapse="pull_post * summed / dt",
    ),
    parameters=(
        Parameter(name="regularize", default="0 second", doc="How strongly rates are drawn to `target_rate`."),
        Parameter(name="target_rate", default="10 Hz", doc="The mean rate of a trial to which each neuron is drawn."),
    ),
    claims=Claims(exact_for=(EXACT,)),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield e-prop for adaptive neurons."""
    yield EPROP_ADAPTIVE
