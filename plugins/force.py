"""FORCE: a readout that is fed back follows its target while its weights learn by recursive least squares.

g = integral of error_post * k_pre / (1 + power_pre), in units of `event`, followed in each step:

    q, r    presynaptic spikes, filtered as the readout does: derivative of the output by the weight
    P       of each pair of presynaptic neurons: inverse of the correlations of r, summed over all steps until now
    k       P r
    power   r' P r; P changes by -k k' / (1 + power), and outlives trials
    error   derivative of the squared error of this step: output less target

With a learning rate of 1 these are the least squares of all steps so far. An output follows its weights as fast as it
filters: it is to be fast, and `initial` times r' r not far above 1, or else errors are corrected before they are seen
to be gone. Cost: for n presynaptic neurons and each set
of weights, n**2 numbers, and three operations on each in a step; two variables per presynaptic neuron. It is not local:
k of a neuron takes r of all others. The network: hidden neurons such as `lif_biased` with fixed weights, and a
projection back from the readout. Hidden weights are to be held (`train.fixed`), or else they follow the errors of
outputs through random feedback weights, by a P of their own. `force_lms` is its local approximation.

Sussillo and Abbott (2009), doi:10.1016/j.neuron.2009.07.018; of spikes, Nicola and Clopath (2017).
"""

from collections.abc import Iterator

from workbench import Claims, LearningSignal, Pairs, Parameter, Rule, Updates, WrittenFor, hookimpl

FORCE = Rule(
    name="force",
    title="FORCE",
    doi="10.1016/j.neuron.2009.07.018",
    written_for=WrittenFor(readout="leaky_integrator"),
    trains_readout=True,
    pre="""dq/dt = -q / tau_syn_post      : 1
           dr/dt = (q - r) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    pairs=Pairs(
        equations="dP/dt = -k_pre * k_post / (1 + power_post) / dt : 1",
        sums=(("k_post", "P * r_pre"), ("power_post", "r_pre * k_pre")),
        diagonal=(("P", "initial"),),
    ),
    synapse="dg/dt = event * error_post * k_pre / (1 + power_pre) / dt : second",
    persistent=("P",),
    signal=LearningSignal(name="error", feedback="random_direct"),
    updates=Updates(every="step", per="second"),
    claims=Claims(estimates="nothing", by_steps="each step corrects a share of the error, however short it is"),
    parameters=(
        Parameter(name="initial", default=1.0, doc="P before the first trial, on its diagonal: 1 / alpha."),
        Parameter(name="event", default="1 second", doc="Unit of g."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield FORCE."""
    yield FORCE
