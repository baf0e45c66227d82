"""Synaptic scaling: all weights onto a neuron grow or shrink in proportion, until it fires at the rate that it should.

g = - integral of beta * w * (target_rate - rate_post), and of gamma * w times the integral of the same:

    rate     estimate of the postsynaptic neuron's rate, over seconds
    missed   its distance from the target, summed up since the beginning, by which the target is met exactly

Weights change while time runs, and estimates go on from trial to trial. A learning rate of 1 is that of the paper,
whose time constants are hours; here they are seconds.
Cost: two variables per neuron; one operation per synapse and step.
Alone it finds a rate and no pattern: it keeps other rules within bounds, and is the homeostatic row beside them.

Van Rossum, Bi and Turrigiano (2000), doi:10.1523/JNEUROSCI.20-23-08812.2000, equation 3.
"""

from collections.abc import Iterator

from workbench import Claims, Parameter, Rule, Updates, hookimpl

SYNAPTIC_SCALING = Rule(
    name="synaptic_scaling",
    title="Synaptic scaling",
    doi="10.1523/JNEUROSCI.20-23-08812.2000",
    post="""drate/dt = (spiked / dt - rate) / tau_rate : hertz
            dmissed/dt = target_rate - rate            : 1""",
    synapse="dg/dt = -w * (beta * (target_rate - rate_post) * second + gamma * missed_post) : second",
    persistent=("rate", "missed"),
    updates=Updates(every="step", per="second"),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau_rate", default="1 second", doc="Of the estimate of a neuron's rate."),
        Parameter(name="target_rate", default="10 Hz", doc="The rate that neurons come to."),
        Parameter(name="beta", default=0.1, doc="How fast weights follow the distance from it."),
        Parameter(name="gamma", default=0.01, doc="How fast they follow its integral."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield synaptic scaling."""
    yield SYNAPTIC_SCALING
