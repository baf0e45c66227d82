"""ReSuMe: the remote supervised method, STDP with the wanted spikes and anti-STDP with the neuron's own.

g = - integral of (wanted - spiked) * (a_d + amplitude * x_pre), in units of `event`:

    wanted, spiked    1 in the step in which the output is to spike, and in which it does
    x                 presynaptic spikes, forgotten within `tau_d`: the learning window
    a_d               what any spike adds, whether there was a presynaptic one before it or not

Cost: one variable per presynaptic neuron, none per synapse; one operation per synapse and step as written.
For neurons that are told when to spike, the outputs. A hidden layer, which the paper does not have, is told the error
wanted - spiked of the outputs through random feedback weights.

Ponulak and Kasinski (2010), doi:10.1162/neco.2009.11-08-901.
"""

from collections.abc import Iterator

from workbench import Claims, LearningSignal, OnStep, Parameter, Rule, Updates, WrittenFor, hookimpl

RESUME = Rule(
    name="resume",
    title="ReSuMe",
    doi="10.1162/neco.2009.11-08-901",
    written_for=WrittenFor(readout="lif_train", targets="spikes"),
    trains_readout=True,
    pre="dx/dt = -x / tau_d : 1",
    pre_on_spike="x += 1",
    output_step=OnStep(code="error = spiked - target"),
    synapse="dg/dt = event * error_post * (a_d + amplitude * x_pre) / dt : second",
    signal=LearningSignal(name="error", feedback="random_direct"),
    updates=Updates(per="second"),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="a_d", default=0.05, doc="What any spike adds, beside `amplitude`."),
        Parameter(name="amplitude", default=1.0, doc="Of the learning window."),
        Parameter(name="tau_d", default="5 ms", doc="Of the learning window."),
        Parameter(name="event", default="1 second", doc="Unit of g: what spikes add is in weights per second of it."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield ReSuMe."""
    yield RESUME
