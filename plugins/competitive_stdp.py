"""Competitive STDP: at each postsynaptic spike, weights of recent inputs grow and all others shrink.

g = - eta (x - x_tar) (w_max - w)^mu at postsynaptic spikes:

    x, x_tar    a trace that a presynaptic spike sets to 1, and where above it a weight grows

After each trial the weights onto a neuron are scaled to a sum. What lets neurons compete is not the rule's:
interneurons, and thresholds that rise over many trials (`studies/unsupervised_digits`).
Cost: one variable per presynaptic neuron; one operation per synapse of a neuron that spikes.

Diehl and Cook (2015), doi:10.3389/fncom.2015.00099, section "Learning"; at a learning rate of 1 theirs is `eta`.
"""

from collections.abc import Iterator

from workbench import Claims, Constraint, Parameter, Rule, Updates, hookimpl

BOUNDS = Constraint(
    name="zero_to_w_max",
    doc="From 0 to the largest weight.",
    project="w = clip(w, 0.0, w_max)",
    parameters=(("w_max", "w_max"),),
)

RESCALED = Constraint(
    name="rescaled",
    doc="After each trial, the weights onto a neuron add up to a number.",
    project="w = w * (sum_to / (total + int(total == 0)))",
    total="w",
    at="trial",
    parameters=(("sum_to", "sum_to"),),
)

COMPETITIVE_STDP = Rule(
    name="competitive_stdp",
    title="Competitive STDP",
    doi="10.3389/fncom.2015.00099",
    pre="dx/dt = -x / tau_x : 1",
    pre_on_spike="x = 1",
    synapse="dg/dt = -event * eta * spiked_post * (x_pre - x_tar) * clip(w_max - w, 0, w_max)**mu / dt : second",
    persistent=("x",),
    updates=Updates(every="step", per="second", constraints=(BOUNDS, RESCALED)),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau_x", default="20 ms", doc="Decay of the presynaptic trace."),
        Parameter(name="x_tar", default=0.4, doc="The trace above which a weight grows."),
        Parameter(name="eta", default=0.05, doc="Learning rate."),
        Parameter(name="mu", default=0.2, doc="How a change depends on the weight."),
        Parameter(name="w_max", default=1.0, doc="The largest weight."),
        Parameter(name="sum_to", default=2.5, doc="What the weights onto a neuron add up to."),
        Parameter(name="event", default="1 second", doc="Unit of g."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield competitive STDP."""
    yield COMPETITIVE_STDP
