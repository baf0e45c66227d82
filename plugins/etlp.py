"""Event-based three-factor local plasticity (ETLP): labels come as events, in whose steps alone weights learn.

g = integral of label_post * gate_post * a_pre:

    a        presynaptic spikes, filtered by the membrane of the neuron that they reach
    gate     a function of how far the potential is from threshold
    label    learning signal: what a target event of a class sends to each neuron, by fixed random weights

Cost: one variable per presynaptic neuron, none per synapse; one operation per synapse and step as written.
The label is what is wanted, not what is missing: it comes whatever the network says, so that nothing ends learning.

Quintana, Perez-Pena, Galindo, Neftci, Chicca and Khacef (2024), doi:10.1088/2634-4386/ad6733, equations 8 to 11.
"""

from collections.abc import Iterator

from workbench import Claims, LearningSignal, OnStep, Parameter, Rule, hookimpl

ETLP = Rule(
    name="etlp",
    title="ETLP",
    doi="10.1088/2634-4386/ad6733",
    pre="da/dt = -a / tau_mem_post : 1",
    pre_on_spike="a += 1",
    on_step=OnStep(state=("gate",), code="gate = 1 - tanh(drive)**2"),
    output_step=OnStep(
        state=("event", "phase"),
        code="""phase += dt * label_rate
                event = target * int(phase >= 1) / (label_rate * dt)
                phase -= int(phase >= 1)""",
    ),
    synapse="dg/dt = label_post * gate_post * a_pre : second",
    signal=LearningSignal(name="label", source="event", feedback="random_direct", relay="label * gate"),
    claims=Claims(by_steps="a label event falls into one step or the next"),
    parameters=(Parameter(name="label_rate", default="100 Hz", doc="Of label events."),),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield ETLP."""
    yield ETLP
