"""A rule of continuous time that does not come with the workbench, as its authors' script has it."""

from workbench import Claims, Parameter, Rule, Updates

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
