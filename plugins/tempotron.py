"""Tempotron: a neuron that spikes for some patterns of spikes and not for others, whenever it likes.

g = integral of error_post * effect, in units of `event`, in the last step of a trial:

    error     -1 where the output is wanted to spike (target 1) and never gets to its threshold of 1, 1 where it gets
              there and is not wanted to, else 0
    q, p      presynaptic spikes, filtered by synapse and membrane: derivative of the potential by the weight
    effect    p at the highest moment of the potential since its first input, be that below 0

Cost: two variables per presynaptic neuron, three per postsynaptic one, one per synapse; two operations per
synapse and step.
The output has no spikes and is not reset: what counts is whether its potential gets to 1, as decision `peak` and
measure `threshold_errors` see it. A hidden layer, which the paper does not have, is told what was missed by fixed
random weights. The paper's momentum is left to the optimizer.

Gütig and Sompolinsky (2006), doi:10.1038/nn1643.
"""

from collections.abc import Iterator

from workbench import Claims, LearningSignal, OnStep, Parameter, Rule, Updates, WrittenFor, hookimpl

_STATE = ("responds", "highest", "higher")

_HIGHEST = """higher = int(v != 0) * (1 - responds * int(v <= highest))
highest = v * higher + highest * (1 - higher)
responds = 1 - (1 - responds) * int(v == 0)"""

_MISSED = """error = ends * ((1 - target) * int(highest >= 1) - target * int(highest < 1))"""

TEMPOTRON = Rule(
    name="tempotron",
    title="Tempotron",
    doi="10.1038/nn1643",
    written_for=WrittenFor(readout="leaky_integrator", targets="trial"),
    trains_readout=True,
    pre="""dq/dt = -q / tau_syn_post      : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    on_step=OnStep(state=_STATE, code=_HIGHEST),
    output_step=OnStep(state=_STATE, code=f"{_HIGHEST}\n{_MISSED}"),
    synapse="""deffect/dt = higher_post * (p_pre - effect) / dt : 1
               dg/dt = event * error_post * effect / dt : second""",
    signal=LearningSignal(name="error", feedback="random_direct"),
    updates=Updates(every="trial", per="second"),
    claims=Claims(estimates="nothing", by_steps="the highest moment is one step or another"),
    parameters=(Parameter(name="event", default="1 second", doc="Unit of g."),),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield the tempotron's rule."""
    yield TEMPOTRON
