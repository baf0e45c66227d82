"""Inhibitory STDP: inhibition grows where a neuron fires above a rate, and shrinks where it fires below.

g = - eta * [(y - 2 rho0 tau) at presynaptic spikes + x at postsynaptic ones]:

    x, y     traces of presynaptic and postsynaptic spikes, of one time constant
    rho0     the rate at which both sides are in balance

A weight is a conductance, 0 at least, and arrives in a receptor that inhibits. It changes at each spike, with the
traces of all spikes before, in whatever trial; a learning rate of 1 is that of the paper.
In a step spikes are sent with the weights before it; then what both ends add is added up, and bounded once.
Cost: one variable per neuron at either end; one operation per synapse of a neuron that spikes.

Vogels et al. (2011), doi:10.1126/science.1211095, supporting online text; constants as in Brian2's example of it.
"""

from collections.abc import Iterator

from workbench import Claims, Constraint, Parameter, Rule, Updates, hookimpl

BOUNDS = Constraint(
    name="conductance",
    doc="From 0 to the largest conductance.",
    project="w = clip(w, 0.0, w_max)",
    parameters=(("w_max", "w_max"),),
)

INHIBITORY_STDP = Rule(
    name="inhibitory_stdp",
    title="Inhibitory STDP",
    doi="10.1126/science.1211095",
    pre="dx/dt = -x / tau_stdp : 1",
    pre_on_spike="x += 1",
    post="dy/dt = -y / tau_stdp + spiked / dt : 1",
    synapse="""dg/dt = -eta * event * (spiked_pre * (y_post - spiked_post - 2 * target_rate * tau_stdp)
                                       + spiked_post * x_pre) / dt : second""",
    persistent=("x", "y"),
    updates=Updates(every="step", per="second", constraints=(BOUNDS,)),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau_stdp", default="20 ms", doc="Decay of both traces."),
        Parameter(name="target_rate", default="3 Hz", doc="The rate that the neurons come to."),
        Parameter(name="eta", default=0.01, doc="How much a pair of spikes adds."),
        Parameter(name="w_max", default=100.0, doc="The largest conductance."),
        Parameter(name="event", default="1 second", doc="Unit of g."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield inhibitory STDP."""
    yield INHIBITORY_STDP
