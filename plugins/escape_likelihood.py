"""Likelihood of a spike train: the gradient of its logarithm, for neurons that spike by chance (escape noise).

g = - integral of (wanted - p) / width * k_pre, in units of `event`, the gradient of - log P(wanted spikes | inputs):

    q, k     spikes of the presynaptic neuron, filtered by synapse and membrane: derivative of u by the weight
    u        potential that the output has if its spikes are the wanted ones: v, with their resets in place of its own
    p        probability of a spike in the step at u: 1 / (1 + exp((v_th - u) / width))

Cost: two variables per presynaptic neuron, one per output, none per synapse; one operation per synapse and step.
The paper's factor (rho' / rho) * (S - rho), of which (S - p) / width is what a step of this neuron has. Exact for one
layer: a hidden layer is told the error of the outputs through random feedback weights, which the paper does not have.

Pfister, Toyoizumi, Barber and Gerstner (2006), doi:10.1162/neco.2006.18.6.1318.
"""

from collections.abc import Iterator

from workbench import Claims, LearningSignal, OnStep, Parameter, Rule, Updates, WrittenFor, hookimpl

ESCAPE_LIKELIHOOD = Rule(
    name="escape_likelihood",
    title="Likelihood of spikes",
    doi="10.1162/neco.2006.18.6.1318",
    written_for=WrittenFor(readout="lif_escape_train", targets="spikes"),
    trains_readout=True,
    pre="""dq/dt = -q / tau_syn_post      : 1
           dk/dt = (q - k) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    output_step=OnStep(
        state=("moved",),
        code="""moved = moved * exp(-dt / tau_mem)
                error = (1 / (1 + exp((v_th - v - moved) / width)) - target) / width
                moved = moved + v_th * (spiked - target)""",
    ),
    synapse="dg/dt = event * error_post * k_pre / dt : second",
    signal=LearningSignal(name="error", feedback="random_direct"),
    updates=Updates(per="second"),
    claims=Claims(estimates="objective", by_steps="a step has one chance of a spike, however short it is"),
    parameters=(Parameter(name="event", default="1 second", doc="Unit of g: the logarithm is of the whole trial."),),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield the gradient of the likelihood."""
    yield ESCAPE_LIKELIHOOD
