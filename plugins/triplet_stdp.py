"""Triplet STDP: a second, slower trace at either end lets the effect of a pair depend on the spike before it.

g = - [r1 (A2+ + A3+ o2) at postsynaptic spikes - o1 (A2- + A3- r2) at presynaptic ones]:

    r1, r2    fast and slow trace of presynaptic spikes, as they were before the present one where they multiply
    o1, o2    fast and slow trace of postsynaptic spikes

Weights change at each spike and stay from 0 to w_max; traces go on from trial to trial, as the slow ones need. A
learning rate of 1 is that of the paper.
Cost: two variables per neuron at either end; one operation per synapse of a neuron that spikes.

Pfister and Gerstner (2006), doi:10.1523/JNEUROSCI.1425-06.2006, equations 2 to 4; constants of the full model for
visual cortex, all to all (table 3).
"""

from collections.abc import Iterator

from workbench import Claims, Constraint, Parameter, Rule, Updates, hookimpl

BOUNDS = Constraint(
    name="zero_to_w_max",
    doc="From 0 to the largest weight.",
    project="w = clip(w, 0.0, w_max)",
    parameters=(("w_max", "w_max"),),
)

TRIPLET_STDP = Rule(
    name="triplet_stdp",
    title="Triplet STDP",
    doi="10.1523/JNEUROSCI.1425-06.2006",
    pre="""dr1/dt = -r1 / tau_plus : 1
           dr2/dt = -r2 / tau_x : 1""",
    pre_on_spike="r1 += 1\nr2 += 1",
    post="""do1/dt = -o1 / tau_minus + spiked / dt : 1
            do2/dt = -o2 / tau_y + spiked / dt : 1""",
    synapse="""dg/dt = event * (spiked_pre * (o1_post - spiked_post) * (a2_minus + a3_minus * (r2_pre - spiked_pre))
                         - spiked_post * r1_pre * (a2_plus + a3_plus * (o2_post - spiked_post))) / dt : second""",
    persistent=("r1", "r2", "o1", "o2"),
    updates=Updates(every="step", per="second", constraints=(BOUNDS,)),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau_plus", default="16.8 ms", doc="Decay of r1."),
        Parameter(name="tau_x", default="101 ms", doc="Decay of r2."),
        Parameter(name="tau_minus", default="33.7 ms", doc="Decay of o1."),
        Parameter(name="tau_y", default="125 ms", doc="Decay of o2."),
        Parameter(name="a2_plus", default=5e-10, doc="Potentiation by pairs."),
        Parameter(name="a3_plus", default=6.2e-3, doc="Potentiation by triplets."),
        Parameter(name="a2_minus", default=7e-3, doc="Depression by pairs."),
        Parameter(name="a3_minus", default=2.3e-4, doc="Depression by triplets."),
        Parameter(name="w_max", default=1.0, doc="The largest weight."),
        Parameter(name="event", default="1 second", doc="Unit of g."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield triplet STDP."""
    yield TRIPLET_STDP
