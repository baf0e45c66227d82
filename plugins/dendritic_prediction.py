"""Dendritic prediction: a dendrite learns to predict what its soma does while a teacher nudges it.

    g = - (phi(v) - phi(v*)) * phi'(v*) / phi(v*) * p

    v     potential of the soma, which a current pull * (target - v) pulls to what is wanted
    v*    what the dendrite alone would make of it: d * g_dendrite / (g_dendrite + g_leak), with d its potential
    phi   rate of spikes at a potential, 1 / (1 + exp((centre - v) / width))
    p     spikes of the presynaptic neuron, filtered as the dendrite filters them

When the prediction is right there is nothing more to learn, whether or not somebody pulls. It is a rule for the
readout's weights; a hidden layer, which the paper does not have, is told what outputs lack through feedback weights.
Here phi(v) stands for the spikes of the soma, whose mean it is.
Cost: two variables per presynaptic neuron and two per neuron; one product per synapse and step.

Urbanczik and Senn (2014), doi:10.1016/j.neuron.2013.11.030, equations 1 to 5.
"""

from collections.abc import Iterator

from workbench import Claims, LearningSignal, OnStep, Parameter, Rule, WrittenFor, hookimpl

DENDRITIC_PREDICTION = Rule(
    name="dendritic_prediction",
    title="Dendritic prediction",
    doi="10.1016/j.neuron.2013.11.030",
    written_for=WrittenFor(readout="two_compartments", targets="step"),
    trains_readout=True,
    pre="""dq/dt = -q / tau_syn_post : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    output_step=OnStep(
        state=("predicted",),
        writes=("push",),
        code="""push = pull * (target - v)
predicted = 1 / (1 + exp((centre - dendrite * g_dendrite / (g_dendrite + g_leak)) / width))
error = (predicted - 1 / (1 + exp((centre - v) / width))) * (1 - predicted) / width""",
    ),
    synapse="dg/dt = error_post * p_pre : second",
    signal=LearningSignal(name="error", feedback="symmetric"),
    claims=Claims(estimates="objective"),
    parameters=(
        Parameter(name="pull", default=5.0, doc="Of the current towards the target, in units of the leak."),
        Parameter(name="centre", default=0.0, doc="The potential at half of the largest rate."),
        Parameter(name="width", default=0.5, doc="How soon the rate grows around it."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield the rule."""
    yield DENDRITIC_PREDICTION
