"""Reward-modulated STDP: pairs of spikes leave an eligibility, which one scalar for all synapses turns into learning.

g = integral of m_post * c:

    x, y     traces of presynaptic and postsynaptic spikes, as of `stdp`
    c        eligibility: what STDP would have done, which fades within a second
    error    learning signal: by how much the loss of this step is above that of a readout that says nothing
    m        the signal, filtered; less of it than nothing is what the paper calls dopamine

Cost: two variables per neuron and one per synapse; one operation per synapse and step as written.
The scalar tells a synapse whether the network does well, and not what its neuron had to do with it.

Izhikevich (2007), doi:10.1093/cercor/bhl152; time constants as in Brian2's example of that paper.
"""

from collections.abc import Iterator

from workbench import Claims, LearningSignal, Parameter, Rule, hookimpl

REWARD_STDP = Rule(
    name="reward_stdp",
    title="Reward STDP",
    doi="10.1093/cercor/bhl152",
    pre="dx/dt = -x / tau_plus : 1",
    pre_on_spike="x += 1",
    post="""dy/dt = -y / tau_minus + spiked / dt : 1
            dm/dt = (error - m) / tau_d : 1""",
    synapse="""dc/dt = -c / tau_c + (x_pre * spiked_post
                                     - 1.05 * (y_post - spiked_post) * spiked_pre) / dt : 1
               dg/dt = m_post * c : second""",
    signal=LearningSignal(name="error", feedback="global_scalar"),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau_plus", default="20 ms", doc="Decay of the window where pre comes before post."),
        Parameter(name="tau_minus", default="20 ms", doc="Decay of the window where post comes before pre."),
        Parameter(name="tau_c", default="1 second", doc="Decay of the eligibility."),
        Parameter(name="tau_d", default="200 ms", doc="Decay of the filtered signal."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield reward-modulated STDP."""
    yield REWARD_STDP
