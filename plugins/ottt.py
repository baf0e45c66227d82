"""Online training through time (OTTT): a trace of presynaptic spikes, and the error of now sent down through space.

g = integral of error_post * psi_post * a_pre:

    a        presynaptic spikes, filtered by the membrane of the neuron that they reach
    error    learning signal: derivative of the loss of this step, by the weights above

Cost: one variable per presynaptic neuron, none per synapse; one operation per synapse and step as written.
What a potential does by way of later steps, other than through the membrane, is left out: so are the reset and a
synapse's own filter, which the paper's neurons do not have (`if`, or `lif` with a short `tau_syn`).
Summed over a trial it is OTTT_A; with `every = "step"` in `[train]` weights change while time runs, as of OTTT_O.

Xiao, Meng, Zhang, He and Lin (2022), doi:10.48550/arXiv.2210.04195, equations 4 to 6.
"""

from collections.abc import Iterator

from workbench import LearningSignal, Rule, hookimpl

OTTT = Rule(
    name="ottt",
    title="OTTT",
    doi="10.48550/arXiv.2210.04195",
    pre="da/dt = -a / tau_mem_post : 1",
    pre_on_spike="a += 1",
    synapse="dg/dt = error_post * psi_post * a_pre : second",
    signal=LearningSignal(name="error", feedback="symmetric", relay="error * psi"),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield OTTT."""
    yield OTTT
