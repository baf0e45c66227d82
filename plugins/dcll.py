"""DCLL: deep continuous local learning.

g = integral of error_post * psi_post * p_pre:

    q        spikes of the presynaptic neuron, filtered by its synapse
    p        q filtered by the membrane: derivative of v_post by the weight, the reset held constant
    psi      surrogate derivative of the postsynaptic spike by its membrane potential
    error    learning signal: derivative of the layer's own loss, that of a fixed random readout of this layer alone

Cost: two variables per presynaptic neuron, none per synapse; one operation per synapse and step as written.
It is the exact gradient of the layer's own loss, at any depth, the reset held constant. What each layer's readout gets
right is in a study's curves as `local_accuracy`.

Kaiser, Mostafa and Neftci (2020), doi:10.3389/fnins.2020.00424.
"""

from collections.abc import Iterator

from workbench import ExactFor, LearningSignal, Rule, hookimpl

DCLL = Rule(
    name="dcll",
    title="DCLL",
    doi="10.3389/fnins.2020.00424",
    pre="""dq/dt = -q / tau_syn_post      : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    synapse="dg/dt = error_post * psi_post * p_pre : second",
    signal=LearningSignal(name="error", feedback="local_readout"),
    exact_for=(ExactFor(loss="local_readout", depth=None, feedback="local_readout"),),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield DCLL."""
    yield DCLL
