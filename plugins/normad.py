"""NormAD: normalized approximate descent on potentials at the spikes that are wrong.

g = - integral of (wanted - spiked) * d_pre / norm(d), in units of `event`:

    wanted, spiked    1 in the step in which the output is to spike, and in which it does
    q, d     presynaptic spikes, filtered by the synapse and by a membrane that forgets within `tau_l`, sooner than the
             neuron's own, since a reset forgets too
    norm     root of the sum of d**2 over the neuron's synapses

Cost: two variables per presynaptic neuron, one per postsynaptic one; two operations per synapse and step.
For neurons that are told when to spike, the outputs. A hidden layer, which the paper does not have, is told the error
wanted - spiked of the outputs through random feedback weights.

Anwani and Rajendran (2015), doi:10.1109/IJCNN.2015.7280618.
"""

from collections.abc import Iterator

from workbench import Claims, LearningSignal, OnStep, Parameter, Rule, Updates, WrittenFor, hookimpl

NORMAD = Rule(
    name="normad",
    title="NormAD",
    doi="10.1109/IJCNN.2015.7280618",
    written_for=WrittenFor(readout="lif_train", targets="spikes"),
    trains_readout=True,
    pre="""dq/dt = -q / tau_syn_post : 1
           dd/dt = (q - d) / tau_l   : 1""",
    pre_on_spike="q += 1",
    output_step=OnStep(code="error = spiked - target"),
    sums=(("power_post", "d_pre**2"),),
    # Before any input both are 0.
    synapse="dg/dt = event * error_post * d_pre / sqrt(power_post + 1e-30) / dt : second",
    signal=LearningSignal(name="error", feedback="random_direct"),
    updates=Updates(per="second"),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau_l", default="1 ms", doc="Of the membrane that is taken in place of the neuron's."),
        Parameter(name="event", default="1 second", doc="Unit of g: what spikes add is in weights per second of it."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield NormAD."""
    yield NORMAD
