"""eRBP: event-driven random backpropagation, one addition and two comparisons for each presynaptic spike.

g = sum over presynaptic spikes of u_post, where the current of the postsynaptic neuron lies within a gate:

    over     error neuron of an output that is too large: integrates the error, spikes at 1, starts again
    under    the same of one that is too small
    sent     what the outputs hand down: a spike of `over` less one of `under`, as large as the error it stands for
    u        dendrite of a hidden neuron: error spikes through fixed random weights, filtered
    gate     boxcar in place of a surrogate derivative: the synaptic current lies between two bounds

Cost: one variable per neuron and two per output, none per synapse; one addition per presynaptic spike and synapse.
It learns all the time, in one phase; it leaves the temporal dynamics of neurons and synapses out of the gradient. Here
the error neurons integrate the derivative of the loss; in the paper, spikes of the outputs and of a label.

Neftci, Augustine, Paul and Detorakis (2017), doi:10.3389/fnins.2017.00324.
"""

from collections.abc import Iterator

from workbench import Claims, LearningSignal, OnStep, Parameter, Phase, Rule, hookimpl

ERBP = Rule(
    name="erbp",
    title="eRBP",
    doi="10.3389/fnins.2017.00324",
    phases=(Phase(name="counted", begins="quiet"),),
    post="du/dt = (error - u) / tau_dendrite : 1",
    output_step=OnStep(
        state=("over", "under", "sent"),
        code="""over = clip(over + error * rate * dt * counted, 0, 1000)
                under = clip(under - error * rate * dt * counted, 0, 1000)
                sent = (int(over >= 1) - int(under >= 1)) / (rate * dt)
                over -= int(over >= 1)
                under -= int(under >= 1)""",
    ),
    synapse="dg/dt = event * u_post * int(I_post > gate_low and I_post < gate_high) * spiked_pre / dt : second",
    signal=LearningSignal(name="error", feedback="random_direct", source="sent"),
    claims=Claims(by_steps="a spike of an error neuron falls into one step or the next"),
    parameters=(
        Parameter(name="tau_dendrite", default="5 ms", doc="Of the dendrite's filter."),
        Parameter(name="quiet", default=0.2, doc="Share of a trial, from its start, in which errors do not count."),
        Parameter(name="rate", default="500 Hz", doc="Of an error neuron, at an error of 1."),
        Parameter(name="gate_low", default=-1.0, doc="Lower bound of the current, in units of the weights."),
        Parameter(name="gate_high", default=6.0, doc="Upper bound of the current."),
        Parameter(name="event", default="1 ms", doc="What a spike adds to g at a dendrite of 1."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield eRBP."""
    yield ERBP
