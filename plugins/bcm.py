"""BCM: a synapse grows where its neuron fires above a threshold that slides with its own rate, and shrinks below.

g = - integral of a_pre r (r - theta):

    a        presynaptic rate, spikes through a filter
    r        postsynaptic rate, the same
    theta    threshold, a slow filter of r

Weights change in each step; rates and threshold go on from trial to trial. A learning rate of 1 changes a weight by 1
in a second of rates at their unit.
Cost: one variable per presynaptic and two per postsynaptic neuron; one operation per synapse and step.

Bienenstock, Cooper and Munro (1982), doi:10.1523/JNEUROSCI.02-01-00032.1982, with a threshold that is a mean over time,
as nengo's BCM has it (there without the square); constants as there.
"""

from collections.abc import Iterator

from workbench import Claims, Parameter, Rule, Updates, hookimpl

BCM = Rule(
    name="bcm",
    title="BCM",
    doi="10.1523/JNEUROSCI.02-01-00032.1982",
    pre="da/dt = -a / tau_a : 1",
    pre_on_spike="a += 1",
    post="""dr/dt = (spiked / dt - r) / tau_r : hertz
            dtheta/dt = (r - theta) / tau_theta : hertz""",
    synapse="dg/dt = -a_pre * r_post * (r_post - theta_post) / rate_unit**2 : second",
    persistent=("a", "r", "theta"),
    updates=Updates(every="step", per="second"),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau_a", default="5 ms", doc="Decay of the presynaptic rate."),
        Parameter(name="tau_r", default="5 ms", doc="Decay of the postsynaptic rate."),
        Parameter(name="tau_theta", default="1 second", doc="Decay of the threshold."),
        Parameter(name="rate_unit", default="100 Hz", doc="Unit of rates."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield BCM."""
    yield BCM
