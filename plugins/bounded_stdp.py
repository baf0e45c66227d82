"""Bounded STDP: pairs of spikes, online, with hard or soft bounds.

g = - [a_plus s_up x at postsynaptic spikes - a_minus s_down y at presynaptic ones], within 0 and w_max after each:

    x, y            traces of presynaptic and postsynaptic spikes
    s_up, s_down    1 for hard bounds; for soft ones 1 - w / w_max and w / w_max

Weights change at each spike, with the traces of all spikes before, in whatever trial; a learning rate of 1 is that of
the script. Where both neurons spike in a step, the presynaptic spike counts first.
Cost: one variable per neuron at either end; one operation per synapse of a neuron that spikes.

Song, Miller and Abbott (2000), doi:10.1038/78829, in the order of Brian2's example of it; soft bounds as of Gütig et
al. (2003), doi:10.1523/JNEUROSCI.23-09-03697.2003, with an exponent of 1.
"""

from collections.abc import Iterator

from workbench import Claims, Constraint, Parameter, Rule, Updates, hookimpl

#: A weight after the presynaptic spike, and after the postsynaptic one that may follow in the same step.
DOWN = "clip(w - a_minus * (1 - soft + soft * w / w_max) * (y_post - spiked_post) * spiked_pre, 0, w_max)"
UP = f"clip({DOWN} + a_plus * (1 - soft + soft * (1 - {DOWN} / w_max)) * x_pre * spiked_post, 0, w_max)"

BOUNDS = Constraint(
    name="zero_to_w_max",
    doc="From 0 to the largest weight.",
    project="w = clip(w, 0.0, w_max)",
    parameters=(("w_max", "w_max"),),
)

BOUNDED_STDP = Rule(
    name="bounded_stdp",
    title="Bounded STDP",
    doi="10.1038/78829",
    pre="dx/dt = -x / tau_plus : 1",
    pre_on_spike="x += 1",
    post="dy/dt = -y / tau_minus + spiked / dt : 1",
    synapse=f"dg/dt = -event * (spiked_pre + spiked_post - spiked_pre * spiked_post) * ({UP} - w) / dt : second",
    persistent=("x", "y"),
    updates=Updates(every="step", per="second", constraints=(BOUNDS,)),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau_plus", default="20 ms", doc="Decay of the trace of presynaptic spikes."),
        Parameter(name="tau_minus", default="20 ms", doc="Decay of the trace of postsynaptic spikes."),
        Parameter(name="a_plus", default=0.01, doc="Potentiation."),
        Parameter(name="a_minus", default=0.0105, doc="Depression."),
        Parameter(name="w_max", default=1.0, doc="The largest weight."),
        Parameter(name="soft", default=0.0, doc="0 for hard bounds, 1 for soft ones."),
        Parameter(name="event", default="1 second", doc="Unit of g."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield STDP with bounds."""
    yield BOUNDED_STDP
