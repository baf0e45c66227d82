"""Reward STDP with a baseline: what pairs of spikes left in a trial, times how much better it was than those before.

g at the end of a trial = (L - baseline) * c:

    x, y        traces of presynaptic and postsynaptic spikes, as of `stdp`
    c           eligibility: what STDP would have done in the trial
    L           learning signal, summed: by how much the loss of the trial is above that of a silent readout
    baseline    running mean of L over trials; without it the rule drifts along c, whatever the reward

Cost: four variables per neuron and one per synapse; one operation per synapse and step as written.
It needs neurons whose spikes vary from trial to trial (`lif_escape`, `lif_noisy`): then pairs and reward vary together.

Fremaux, Sprekeler and Gerstner (2010), doi:10.1523/JNEUROSCI.6249-09.2010, equations 3 to 6.
"""

from collections.abc import Iterator

from workbench import Claims, LearningSignal, OnStep, Parameter, Rule, hookimpl

REWARD_BASELINE = Rule(
    name="reward_baseline",
    title="Reward STDP, baseline",
    doi="10.1523/JNEUROSCI.6249-09.2010",
    pre="dx/dt = -x / tau_plus : 1",
    pre_on_spike="x += 1",
    post="dy/dt = -y / tau_minus + spiked / dt : 1",
    on_step=OnStep(
        state=("worse", "baseline", "advantage"),
        code="""worse += error
                advantage = ends * (worse - baseline)
                baseline += advantage / trials""",
    ),
    synapse="""dc/dt = (x_pre * spiked_post - depression * (y_post - spiked_post) * spiked_pre) / dt : 1
               dg/dt = advantage_post * c : second""",
    persistent=("baseline",),
    signal=LearningSignal(name="error", feedback="global_scalar"),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau_plus", default="20 ms", doc="Decay of the window where pre comes before post."),
        Parameter(name="tau_minus", default="20 ms", doc="Decay of the window where post comes before pre."),
        Parameter(name="depression", default=0.5, doc="Of pairs in the other order, as a share."),
        Parameter(name="trials", default=20.0, doc="Over which the baseline is a mean."),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield reward-modulated STDP with a baseline."""
    yield REWARD_BASELINE
