"""Rules that do not come with the workbench, as their authors' scripts have them."""

from workbench import Claims, LearningSignal, OnStep, Parameter, Rule, Updates

CALCIUM = Rule(
    name="calcium",
    title="Calcium-based",
    doi="10.1073/pnas.1109359109",
    synapse="""dc/dt = -c / tau_ca + (jump1 * spiked_pre + jump2 * spiked_post) / dt : 1
               dg/dt = -event * (-w * (1 - w) * (rho_star - w) + gamma_p * (1 - w) * int(c > theta_p)
                        - gamma_d * w * int(c > theta_d)) / tau : second""",
    persistent=("c",),
    updates=Updates(every="step", per="second"),
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
        Parameter(name="event", default="1 second", doc="Unit of g."),
    ),
)

#: Hinton 2022 (doi:10.48550/arXiv.2212.13345): goodness of a layer, up for trials that are said to be positive.
FORWARD_FORWARD = Rule(
    name="forward_forward",
    title="Forward-Forward",
    pre="""dq/dt = -q / tau_syn_post      : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    on_step=OnStep(
        state=("activity", "push"),
        sums=(("goodness", "activity"),),
        code="""activity = activity * exp(-dt / tau_good) + spiked
                push = kind / (1 + exp(kind * (goodness - theta)))""",
    ),
    output_step=OnStep(state=("sign_of",), code="sign_of = 2 * target - 1"),
    synapse="dg/dt = -push_post * psi_post * p_pre : second",
    signal=LearningSignal(name="kind", source="sign_of", feedback="uniform", relay="kind"),
    claims=Claims(estimates="objective"),
    parameters=(
        Parameter(name="tau_good", default="50 ms", doc="Of the activity."),
        Parameter(name="theta", default=3.0, doc="Goodness that tells them apart."),
    ),
)
