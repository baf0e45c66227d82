"""Error-modulated STDP: backpropagation by spiking error neurons that make a second phase differ from the first.

g = - x_pre * (spikes of the second phase less those of the first) / 2, at the end of the trial:

    x          trace of presynaptic spikes
    tag        spikes of the postsynaptic neuron in both phases, as of `late` in the second alone
    positive   error neuron for what is missing: an output's counts its silence where it is wanted, a hidden neuron's
               the error spikes from above, through the feedback weights; negative: for what is too much
    sent       their spikes, which are handed down, and come back one to one to the neuron they belong to as a kick of
               its potential
    teach      late - tag / 2 in the last step, else 0: half of the difference of the phases

Cost: one variable per presynaptic neuron and six per neuron, none per synapse; one addition per synapse and trial.
Updates are local: a pre trace, a post trace and a tag. The phases, of equal length, come after a part of the trial in
which nothing is counted, since a neuron that starts from rest spikes half a spike less: counted, that residual would
drive the weights without any error.

Shrestha, Fang, Wu and Qiu (2019), doi:10.1145/3354265.3354275, as in the authors' code; thresholds of error neurons are
parameters here, the signed error unit is two neurons, as on their chip.
"""

from collections.abc import Iterator

from workbench import Claims, LearningSignal, OnStep, Parameter, Phase, Rule, WrittenFor, hookimpl

_COUNT = """late += spiked * taught
tag += spiked * counted
teach = ends * (late - 0.5 * tag)
"""

STDP_BACKPROP = Rule(
    name="stdp_backprop",
    title="STDP backprop",
    doi="10.1145/3354265.3354275",
    written_for=WrittenFor(neuron="if", readout="if_train"),
    trains_readout=True,
    phases=(Phase(name="counted", begins=0.2), Phase(name="taught", begins=0.6)),
    pre="dx/dt = -x / tau_trace : 1",
    pre_on_spike="x += 1",
    on_step=OnStep(
        state=("late", "tag", "teach", "positive", "negative", "balance", "sent"),
        writes=("v",),
        code=_COUNT
        + """balance = positive - negative - error
positive = clip(balance, 0, 1000)
negative = clip(-balance, 0, 1000)
sent = int(tag - late > 0) * (int(positive >= hidden_threshold) - int(negative >= hidden_threshold))
positive *= int(positive < hidden_threshold)
negative *= int(negative < hidden_threshold)
v += kick * v_th * sent""",
    ),
    output_step=OnStep(
        state=("late", "tag", "teach", "positive", "negative", "sent"),
        writes=("v",),
        code=_COUNT
        + """positive += taught * target * (1 - spiked)
negative += taught * (1 - target) * spiked
sent = int(positive >= output_threshold) - int(negative >= output_threshold)
positive *= int(positive < output_threshold)
negative *= int(negative < output_threshold)
error = -sent
v += kick * v_th * sent""",
    ),
    synapse="dg/dt = -event * x_pre * teach_post / dt : second",
    signal=LearningSignal(name="error", feedback="symmetric", relay="-sent"),
    claims=Claims(by_steps="it counts spikes, and a spike falls into one step or the next"),
    parameters=(
        Parameter(name="tau_trace", default="64 ms", doc="Decay of the presynaptic trace."),
        Parameter(name="output_threshold", default=2.0, doc="Of the outputs' error neurons."),
        Parameter(name="hidden_threshold", default=0.5, doc="Of hidden error neurons, in units of feedback weights."),
        Parameter(name="kick", default=1.0, doc="What an error spike does to its neuron, in thresholds."),
        Parameter(name="event", default="1 ms", doc="What a trace of 1 adds to g for one spike of difference."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield error-modulated STDP."""
    yield STDP_BACKPROP
