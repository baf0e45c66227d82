"""FOLLOW: feedback that corrects the network while it learns, and weights that learn from what is fed back.

g = integral of fed_post * p_pre:

    error    learning signal: output less target, through the weights of the readout
    pull     of the feedback: each hidden neuron gets the current - pull * error, through its synapse's filter
    fed      the same current, forgotten within `tau_fed`
    p        spikes of the presynaptic neuron, filtered by its synapse

Cost: one variable per presynaptic neuron, one per postsynaptic one; one operation per synapse and step.
Without learning there is no feedback, so that a network is evaluated on its own. It stands for the paper's fixed
encoders, of which feedback goes along, by the readout's weights, which are to be held (`train.fixed`).

Gilra and Gerstner (2017), doi:10.7554/eLife.28295.
"""

from collections.abc import Iterator

from workbench import Claims, LearningSignal, OnStep, Parameter, Rule, hookimpl

FOLLOW = Rule(
    name="follow",
    title="FOLLOW",
    doi="10.7554/eLife.28295",
    pre="dp/dt = -p / tau_syn_post : 1",
    pre_on_spike="p += 1",
    on_step=OnStep(code="I = I - pull * error * dt / tau_syn", writes=("I",)),
    post="dfed/dt = (pull * error - fed) / tau_fed : 1",
    synapse="dg/dt = fed_post * p_pre : second",
    signal=LearningSignal(name="error", feedback="symmetric", relay="error"),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="pull", default=1.0, doc="Of the feedback; the paper has 10, of encoders of unit length."),
        Parameter(name="tau_fed", default="80 ms", doc="Of the filter of what is fed back."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield FOLLOW."""
    yield FOLLOW
