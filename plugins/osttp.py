"""OSTTP: online spatio-temporal learning with target projection: what is wanted is sent down, whatever comes out.

g = event * sum over steps of label_post * psi_post * p_pre:

    q, p     spikes of the presynaptic neuron, filtered by synapse and membrane: derivative of v_post by the weight
    psi      surrogate derivative of the postsynaptic spike by its membrane potential
    label    learning signal: the target, by fixed random weights, in all steps of a trial

Cost: two variables per presynaptic neuron, none per synapse; one operation per synapse and step as written.
It is the exact gradient, the reset held constant, of `event` times the sum of label * (spikes of the layer); what comes
back by way of the layer itself is left out. The paper's eligibility goes through the reset, too. No layer waits for
another one, and none for the readout. The label is what is wanted, not what is missing, so that nothing ends learning.

Ortner, Pes, Gentinetta, Frenkel and Pantazi (2023), doi:10.1109/AICAS57966.2023.10168623.
"""

from collections.abc import Iterator

from workbench import Claims, LearningSignal, OnStep, Parameter, Rule, hookimpl

OSTTP = Rule(
    name="osttp",
    title="OSTTP",
    doi="10.1109/AICAS57966.2023.10168623",
    pre="""dq/dt = -q / tau_syn_post      : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    output_step=OnStep(state=("wanted",), code="wanted = target"),
    synapse="dg/dt = event * label_post * psi_post * p_pre / dt : second",
    signal=LearningSignal(name="label", source="wanted", feedback="random_direct", relay="label * psi"),
    claims=Claims(estimates="objective"),
    parameters=(Parameter(name="event", default="1 ms", doc="What a spike counts for."),),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield OSTTP."""
    yield OSTTP
