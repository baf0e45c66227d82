"""Attention-gated reinforcement: e-prop from the error of one output alone, that which the network chose.

g = integral of error_post * k, as of `eprop`, with another error than the derivative of the loss:

    v        an output: what the network expects its answer to bring
    brought  what the answer brought, in the last step of the loss's window
    error    v - brought of the output that was chosen, in that step; 0 of all others, and at all other times
    q ... k  eligibility, as of `eprop`

Cost: as of `eprop`. The readout learns from the same error, so that nobody is told which answer would have been right.
The feedback comes from the chosen output alone, which is what the paper calls attention. It is the gradient of the
squared error of that prediction, 1/2 (v - brought)^2 over the steps of the window, where `eprop` is one. In the paper
there are no spikes, actions are drawn now and then at random, and a trial may have several; here the noise of neurons
explores.

Rombouts, Bohte and Roelfsema (2015), doi:10.1371/journal.pcbi.1004060, for the last action of a trial.
"""

from collections.abc import Iterator

from workbench import Claims, LearningSignal, OnStep, Rule, WrittenFor, hookimpl

ATTENTION_GATED = Rule(
    name="attention_gated",
    title="Attention-gated",
    doi="10.1371/journal.pcbi.1004060",
    pre="""dq/dt = -q / tau_syn_post      : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    output_step=OnStep(code="error = answered * v - brought"),
    synapse="""dh/dt = -h / tau_syn_readout + psi_post * p_pre / dt : 1
               dk/dt = (h - k) / tau_mem_readout : 1
               dg/dt = error_post * k : second""",
    signal=LearningSignal(name="error", feedback="symmetric", relay="error * psi"),
    written_for=WrittenFor(readout="leaky_integrator"),
    claims=Claims(estimates="objective", by_steps="the answer is judged in a single step"),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield attention-gated reinforcement."""
    yield ATTENTION_GATED
