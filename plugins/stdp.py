"""STDP: pair-based spike-timing-dependent plasticity, without any error.

g = - integral of the changes of weight by all pairs of a presynaptic and a postsynaptic spike:

    x        trace of presynaptic spikes: what a postsynaptic spike now adds to the weight
    y        trace of postsynaptic spikes: what a presynaptic spike now takes from it
    spiked   1 in the step of a spike; spikes of one step count as pre before post

Cost: one variable per neuron, none per synapse; one addition per spike and synapse.
It follows the gradient of no loss, and so is the baseline for rules that claim to. A test holds it to that integral.

Song, Miller and Abbott (2000), doi:10.1038/78829; constants and the order of spikes in one step as in Brian2's example
of that paper. Weights have no bounds here.
"""

from collections.abc import Iterator

from workbench import Claims, Parameter, Rule, hookimpl

STDP = Rule(
    name="stdp",
    title="STDP",
    doi="10.1038/78829",
    pre="dx/dt = -x / tau_plus : 1",
    pre_on_spike="x += 1",
    post="dy/dt = -y / tau_minus + spiked / dt : 1",
    synapse="""dg/dt = (depression * (y_post - spiked_post) * spiked_pre
                        - potentiation * x_pre * spiked_post) / dt : second""",
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau_plus", default="20 ms", doc="Decay of the window where pre comes before post."),
        Parameter(name="tau_minus", default="20 ms", doc="Decay of the window where post comes before pre."),
        Parameter(name="potentiation", default="1 ms", doc="What a pair at lag 0 takes from g, pre before post."),
        Parameter(name="depression", default="1.05 ms", doc="What a pair at lag 0 adds to g, post before pre."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield STDP."""
    yield STDP
