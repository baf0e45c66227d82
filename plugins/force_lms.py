"""FORCE by normalized least mean squares: a readout that is fed back follows its target while its weights learn.

g = integral of error_post * r_pre / (least + power), in units of `event`, followed in each step:

    q, r     presynaptic spikes, filtered as the readout does: derivative of the output by the weight
    power    sum of r**2 over the neuron's synapses
    error    derivative of the squared error of this step: output less target

Cost: two variables per presynaptic neuron, one per postsynaptic one; two operations per synapse and step.
FORCE keeps errors small by fast changes of the weights, so that the network gets back nearly what is wanted.
The paper's changes are those of recursive least squares, which decorrelate r by a matrix of all pairs of presynaptic
neurons; these are their local approximation, which asks of the others the sum of their squares alone. The network:
hidden neurons such as `lif_biased` with fixed weights, and a projection back from the readout. Hidden weights are to
be held (`train.fixed`), or else they follow the errors of outputs through random feedback weights.

Nicola and Clopath (2017), doi:10.1038/s41467-017-01827-3.
"""

from collections.abc import Iterator

from workbench import Claims, LearningSignal, Parameter, Rule, Updates, WrittenFor, hookimpl

FORCE_LMS = Rule(
    name="force_lms",
    title="FORCE (LMS)",
    doi="10.1038/s41467-017-01827-3",
    written_for=WrittenFor(readout="leaky_integrator"),
    trains_readout=True,
    pre="""dq/dt = -q / tau_syn_post      : 1
           dr/dt = (q - r) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    sums=(("power_post", "r_pre**2"),),
    synapse="dg/dt = event * error_post * r_pre / (least + power_post) / dt : second",
    signal=LearningSignal(name="error", feedback="random_direct"),
    updates=Updates(every="step", per="second"),
    claims=Claims(estimates="nothing", by_steps="each step corrects a share of the error, however short it is"),
    parameters=(
        Parameter(name="least", default=0.1, doc="Below which `power` counts little."),
        Parameter(name="event", default="1 second", doc="Unit of g."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield FORCE by normalized least mean squares."""
    yield FORCE_LMS
