"""DCLL: deep continuous local learning.

g = integral of error_post * psi_post * p_pre:

    q        spikes of the presynaptic neuron, filtered by its synapse
    p        q filtered by the membrane: derivative of v_post by the weight, the reset held constant
    psi      surrogate derivative of the postsynaptic spike by its membrane potential
    error    learning signal: derivative of the layer's own loss, that of a fixed random readout of this layer alone
    lack     what the neuron's sigmoid(drive), of late, lacks of `active`; drive is v less the threshold

Cost: two variables per presynaptic neuron, none per synapse; one operation per synapse and step as written.
It is the exact gradient of the layer's own loss by the weights onto it, at any depth and with any delays, the reset
held constant, where layers do not reach themselves. The authors' neuron is `lif_refractory_trace`.

`regularize`, off by default, adds the two terms of the authors' code to that loss: relu(drive + 0.01) keeps neurons
from staying above threshold, and `wake` relu(`active` - mean of sigmoid(drive)) from staying far below. That mean is
over the layer there, which no synapse can know: here it is over a neuron's own recent past (`tau_activity`), and both
terms count per neuron, not divided by their number.

Kaiser, Mostafa and Neftci (2020), doi:10.3389/fnins.2020.00424.
"""

from collections.abc import Iterator

from workbench import Claims, ExactFor, LearningSignal, Parameter, Regularizer, Rule, hookimpl

NEURONS = ("lif", "lif_refractory", "lif_refractory_trace")
EXACT = ExactFor(loss="local_readout", depth=None, feedback="local_readout", neurons=NEURONS, delays="any")

DCLL = Rule(
    name="dcll",
    title="DCLL",
    doi="10.3389/fnins.2020.00424",
    pre="""dq/dt = -q / tau_syn_post      : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    synapse="dg/dt = error_post * psi_post * p_pre : second",
    signal=LearningSignal(name="error", feedback="local_readout"),
    regularizer=Regularizer(
        strength="regularize",
        post="dlack/dt = (active - 1 / (1 + exp(-drive)) - lack) / tau_activity : 1",
        synapse="""(clip(sign(drive_post + 0.01), 0, 1)
                    - wake * clip(sign(lack_post), 0, 1) / (2 + exp(drive_post) + exp(-drive_post))) * p_pre""",
    ),
    parameters=(
        Parameter(name="regularize", default=0.0, doc="How strongly neurons are kept near threshold."),
        Parameter(name="wake", default=3e-3, doc="Weight of the term against quiet neurons."),
        Parameter(name="active", default=0.1, doc="The mean of sigmoid(drive) below which a neuron is quiet."),
        Parameter(name="tau_activity", default="20 ms", doc="Of that mean."),
    ),
    claims=Claims(exact_for=(EXACT,)),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield DCLL."""
    yield DCLL
