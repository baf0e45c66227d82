"""Node perturbation: a neuron's own noise, weighted by how much worse the trial was than those before.

g at the end of a trial = (L - baseline) * sum of eta_post * q_pre / s, on average the gradient of E[L] but for what a
weight's current loses within a step (some percent at dt = 1 ms):

    eta         noise of the postsynaptic neuron (`lif_noisy`), which is a current of the standard deviation s
    q           presynaptic spikes, filtered by the synapse: what a weight adds to the current
    L           learning signal, summed: by how much the loss of the trial is above that of a silent readout
    baseline    running mean of L over trials, which takes from the estimate's variance and not from its mean

Cost: one variable per presynaptic neuron, one per synapse; one operation per synapse and step as written.
Nothing but one scalar per trial comes from outside, and the variance grows with the number of neurons.

Fiete and Seung (2006), doi:10.1103/PhysRevLett.97.048104, equation 3.
"""

from collections.abc import Iterator

from workbench import Claims, LearningSignal, OnStep, Parameter, Rule, WrittenFor, hookimpl

NODE_PERTURBATION = Rule(
    name="node_perturbation",
    title="Node perturbation",
    doi="10.1103/PhysRevLett.97.048104",
    pre="dq/dt = -q / tau_syn_post : 1",
    pre_on_spike="q += 1",
    on_step=OnStep(
        state=("worse", "baseline", "advantage", "push"),
        code="""worse += error
                advantage = ends * (worse - baseline)
                baseline += advantage / trials
                push = eta / sqrt(2 * tau_mem / dt) / sigma""",
    ),
    synapse="""dc/dt = push_post * (q_pre - spiked_pre) / dt : 1
               dg/dt = advantage_post * c : second""",
    persistent=("baseline",),
    signal=LearningSignal(name="error", feedback="global_scalar"),
    written_for=WrittenFor(neuron="lif_noisy"),
    claims=Claims(by_steps="the noise is drawn for each step"),
    parameters=(Parameter(name="trials", default=20.0, doc="Over which the baseline is a mean."),),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield node perturbation."""
    yield NODE_PERTURBATION
