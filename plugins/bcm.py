"""BCM: a synapse grows where its neuron fires above a threshold that slides with its own rate, and shrinks below.

g = - integral of a r (r - theta), rates in their unit:

    a, r     presynaptic and postsynaptic rate, spikes through a filter
    theta    threshold, a slow filter of r to a power, which is 2 or more where weights are to settle

Weights change in each step; rates and threshold go on from trial to trial. At a learning rate of 1, presynaptic spikes
at the unit of rates change a weight by r (r - theta) in a second.
Cost: one variable per presynaptic and two per postsynaptic neuron; one operation per synapse and step.

Bienenstock, Cooper and Munro (1982), doi:10.1523/JNEUROSCI.02-01-00032.1982, with a threshold that is a running mean;
nengo's BCM, whose time constants these are, has a power of 1, by which any constant rate is its own threshold.
"""

from collections.abc import Iterator

from workbench import Claims, Parameter, Rule, Updates, hookimpl

BCM = Rule(
    name="bcm",
    title="BCM",
    doi="10.1523/JNEUROSCI.02-01-00032.1982",
    pre="da/dt = -a / tau_a : 1",
    pre_on_spike="a += 1 / (tau_a * rate_unit)",
    post="""dr/dt = (spiked / dt - r) / tau_r : hertz
            dtheta/dt = (rate_unit * (r / rate_unit)**power - theta) / tau_theta : hertz""",
    synapse="dg/dt = -a_pre * r_post * (r_post - theta_post) / rate_unit**2 : second",
    persistent=("a", "r", "theta"),
    updates=Updates(every="step", per="second"),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau_a", default="5 ms", doc="Decay of the presynaptic rate."),
        Parameter(name="tau_r", default="5 ms", doc="Decay of the postsynaptic rate."),
        Parameter(name="tau_theta", default="1 second", doc="Decay of the threshold."),
        Parameter(name="power", default=2.0, doc="Of the rate that the threshold follows."),
        Parameter(name="rate_unit", default="100 Hz", doc="Unit of rates."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield BCM."""
    yield BCM
