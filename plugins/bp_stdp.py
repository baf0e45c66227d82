"""BP-STDP: backpropagation in which spikes within a short window stand for rates and for errors.

g = - integral of error_post * active_post * (whether the presynaptic neuron spiked within the window):

    r        of the presynaptic neuron: falls from 1 at its spike to 0 at the end of the window
    left     the same of the postsynaptic neuron; an output compares it with its target
    active   whether a hidden neuron spiked within the window: the derivative of a rectifier; 1 for outputs
    error    of an output: -1 where it is wanted and has not spiked within the window, 1 where it has and is not wanted

Cost: one variable per presynaptic neuron and two per postsynaptic one; one operation per synapse and step.
The readout learns by the same rule. A window is taken to hold one spike at most, as at the paper's highest rate.

Tavanaei and Maida (2019), doi:10.1016/j.neucom.2018.11.014.
"""

from collections.abc import Iterator

from workbench import Claims, LearningSignal, OnStep, Parameter, Rule, WrittenFor, hookimpl

BP_STDP = Rule(
    name="bp_stdp",
    title="BP-STDP",
    doi="10.1016/j.neucom.2018.11.014",
    written_for=WrittenFor(neuron="if", readout="if_train"),
    trains_readout=True,
    pre="dr/dt = -1 / window : 1",
    pre_on_spike="r = 1",
    on_step=OnStep(
        state=("left", "active"),
        code="""left = spiked + (1 - spiked) * clip(left - dt / window, 0, 1)
                active = int(left > 0.5 * dt / window)""",
    ),
    output_step=OnStep(
        state=("left", "active"),
        code="""left = spiked + (1 - spiked) * clip(left - dt / window, 0, 1)
                error = int(left > 0.5 * dt / window) - target
                active = 1""",
    ),
    synapse="dg/dt = error_post * active_post * int(r_pre > 0.5 * dt / window) : second",
    signal=LearningSignal(name="error", feedback="symmetric", relay="error * active"),
    claims=Claims(by_steps="errors begin and end with a window, which holds a number of steps"),
    parameters=(Parameter(name="window", default="4 ms", doc="Within which a neuron spikes once at most."),),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield BP-STDP."""
    yield BP_STDP
