"""Rules of continuous time as their authors' scripts have them: weights change while time runs, and traces go on.

A learning rate of D, the duration of the loss's window in seconds, adds to a weight in each step what the brackets of
`g` say.
"""

from workbench import Claims, Constraint, Parameter, Rule, Updates
from workbench.declare.constraint import HARD_BOUNDS

EVENT = Parameter(name="event", default="1 second", doc="Unit of g.")

ONLINE = Updates(every="step")

#: The change of a weight from one bound to the other, in the order of Brian2's example: first pre, then post.
_DOWN = "clip(w - a_minus * (1 - soft + soft * w / w_max) * (y_post - spiked_post) * spiked_pre, 0, w_max)"
_UP = f"clip({_DOWN} + a_plus * (1 - soft + soft * (1 - {_DOWN} / w_max)) * x_pre * spiked_post, 0, w_max)"

PAIR = Rule(
    name="bounded_stdp",
    title="Bounded STDP",
    doi="10.1038/78829",
    pre="dx/dt = -x / tau_plus : 1",
    pre_on_spike="x += 1",
    post="dy/dt = -y / tau_minus + spiked / dt : 1",
    synapse=f"""dg/dt = -event * (spiked_pre + spiked_post - spiked_pre * spiked_post) * ({_UP} - w) / dt : second""",
    persistent=("x", "y"),
    updates=Updates(every="step", constraints=(HARD_BOUNDS.with_parameters({"high": "w_max"}),)),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau_plus", default="20 ms", doc="Of the trace of presynaptic spikes."),
        Parameter(name="tau_minus", default="20 ms", doc="Of the trace of postsynaptic spikes."),
        Parameter(name="a_plus", default=0.1, doc="Potentiation."),
        Parameter(name="a_minus", default=0.105, doc="Depression."),
        Parameter(name="w_max", default=1.0, doc="The upper bound."),
        Parameter(name="soft", default=0.0, doc="0 for hard bounds, 1 for soft ones."),
        EVENT,
    ),
)

TRIPLET = Rule(
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
    updates=Updates(every="step", constraints=(HARD_BOUNDS.with_parameters({"high": "w_max"}),)),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau_plus", default="16.8 ms", doc="Of r1."),
        Parameter(name="tau_x", default="101 ms", doc="Of r2."),
        Parameter(name="tau_minus", default="33.7 ms", doc="Of o1."),
        Parameter(name="tau_y", default="125 ms", doc="Of o2."),
        Parameter(name="a2_plus", default=5e-3, doc="Potentiation by pairs."),
        Parameter(name="a3_plus", default=6.2e-3, doc="Potentiation by triplets."),
        Parameter(name="a2_minus", default=7e-3, doc="Depression by pairs."),
        Parameter(name="a3_minus", default=2.3e-3, doc="Depression by triplets."),
        Parameter(name="w_max", default=1.0, doc="The upper bound."),
        EVENT,
    ),
)

INHIBITORY = Rule(
    name="inhibitory_stdp",
    title="Inhibitory STDP",
    doi="10.1126/science.1211095",
    pre="dx/dt = -x / tau_stdp : 1",
    pre_on_spike="x += 1",
    post="dy/dt = -y / tau_stdp + spiked / dt : 1",
    synapse="""dg/dt = event * eta * (spiked_pre * (y_post - spiked_post - 2 * target_rate * tau_stdp)
                               + spiked_post * x_pre) / dt : second""",
    persistent=("x", "y"),
    # The weights of an inhibitory neuron, which add to its targets' input: minus the conductance.
    updates=Updates(every="step", constraints=(HARD_BOUNDS.with_parameters({"low": "strongest", "high": "weakest"}),)),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau_stdp", default="20 ms", doc="Of both traces."),
        Parameter(name="target_rate", default="80 Hz", doc="The rate at which excitation is balanced."),
        Parameter(name="eta", default=0.05, doc="Learning rate."),
        Parameter(name="strongest", default=-1.0, doc="The lower bound."),
        Parameter(name="weakest", default=0.0, doc="The upper bound."),
        EVENT,
    ),
)

BCM = Rule(
    name="bcm",
    title="BCM",
    doi="10.1523/JNEUROSCI.02-01-00032.1982",
    pre="da/dt = -a / tau_a : 1",
    pre_on_spike="a += 1",
    post="""dr/dt = (spiked / dt - r) / tau_r : hertz
            dtheta/dt = (r - theta) / tau_theta : hertz""",
    synapse="dg/dt = -a_pre * r_post * (r_post - theta_post) / unit**2 : second",
    persistent=("a", "r", "theta"),
    updates=ONLINE,
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau_a", default="5 ms", doc="Of the presynaptic rate."),
        Parameter(name="tau_r", default="5 ms", doc="Of the postsynaptic rate."),
        Parameter(name="tau_theta", default="1 second", doc="Of the threshold."),
        Parameter(name="unit", default="100 Hz", doc="Unit of rates."),
    ),
)

CALCIUM = Rule(
    name="calcium",
    title="Calcium-based",
    doi="10.1073/pnas.1109359109",
    synapse="""dc/dt = -c / tau_ca + (jump1 * spiked_pre + jump2 * spiked_post) / dt : 1
               dg/dt = -event * (-w * (1 - w) * (rho_star - w) + gamma_p * (1 - w) * int(c > theta_p)
                        - gamma_d * w * int(c > theta_d)) / tau : second""",
    persistent=("c",),
    updates=ONLINE,
    claims=Claims(estimates="nothing", by_steps="a threshold of calcium is crossed in one step or the next"),
    parameters=(
        Parameter(name="tau_ca", default="20 ms", doc="Of calcium."),
        Parameter(name="jump1", default=1.0, doc="Of calcium at a presynaptic spike."),
        Parameter(name="jump2", default=2.0, doc="Of calcium at a postsynaptic spike."),
        Parameter(name="theta_d", default=1.0, doc="Calcium for depression."),
        Parameter(name="theta_p", default=1.3, doc="Calcium for potentiation."),
        Parameter(name="gamma_d", default=200.0, doc="Of depression."),
        Parameter(name="gamma_p", default=321.808, doc="Of potentiation."),
        Parameter(name="rho_star", default=0.5, doc="The unstable efficacy."),
        Parameter(name="tau", default="15 second", doc="Of the efficacy."),
        EVENT,
    ),
)

#: Diehl and Cook's: at each postsynaptic spike toward the bound, weights onto a neuron rescaled after each trial.
COMPETITIVE = Rule(
    name="competitive_stdp",
    title="Competitive STDP",
    doi="10.3389/fncom.2015.00099",
    pre="dx/dt = -x / tau_x : 1",
    pre_on_spike="x = 1",
    synapse="dg/dt = -event * eta * spiked_post * (x_pre - x_tar) * clip(w_max - w, 0, w_max)**mu / dt : second",
    persistent=("x",),
    updates=Updates(
        every="step",
        constraints=(
            HARD_BOUNDS.with_parameters({"high": "w_max"}),
            Constraint(
                name="rescaled",
                project="w = w * (sum_to / total)",
                total="w",
                at="trial",
                parameters=(("sum_to", "sum_to"),),
            ),
        ),
    ),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau_x", default="20 ms", doc="Of the presynaptic trace."),
        Parameter(name="x_tar", default=0.4, doc="The trace above which a weight grows."),
        Parameter(name="eta", default=0.05, doc="Learning rate."),
        Parameter(name="mu", default=0.2, doc="Dependence on the weight."),
        Parameter(name="w_max", default=1.0, doc="The upper bound."),
        Parameter(name="sum_to", default=2.5, doc="What the weights onto a neuron add up to."),
        EVENT,
    ),
)
