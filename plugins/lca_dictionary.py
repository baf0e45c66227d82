"""Dictionary learning by the spiking LCA: weights from error neurons to the code, and back from it.

    lca_forward     g = - integral of y_post * (gain * told_pre - decay * w)
    lca_feedback    g = - integral of y_pre * (gain * told_post - decay * w)

    told    spikes of the error neuron in units of the error, less the baseline, which is the same for all
    y       spikes of the code's neuron, filtered; in spikes per tau_rate

Nothing is copied, transposed or normalized: weights one way follow those the other, since both get the same and forget
alike (Kolen and Pollack), and stop to grow where decay * w takes what errors give, as in Oja's rule.
Cost: one variable per neuron of the code, none per synapse; one operation per synapse and step.

Neurons and network: `spiking_lca`. That errors of prediction let a local Hebbian rule learn the dictionary is from
Watkins, Kim, Sornborger and Kenyon (2020), CVPR Workshops, pages 1482-1487; baseline and decay are this file's own.
"""

from collections.abc import Iterator
from dataclasses import replace

from workbench import Claims, Parameter, Rule, hookimpl

FORWARD = Rule(
    name="lca_forward",
    title="Spiking LCA",
    doi="10.48550/arXiv.1705.05475",
    post="dy/dt = -y / tau_trace + spiked * tau_rate / tau_trace / dt : 1",
    synapse="""told = error_quantum * tau_rate * spiked_pre / dt - error_baseline : 1
               dg/dt = -y_post * (gain * told - decay * w) : second""",
    claims=Claims(estimates="objective"),
    parameters=(
        Parameter(
            name="gain", default=0.125, doc="Of errors: half a quantum forward; -1 back, as predictions take away."
        ),
        Parameter(name="decay", default=0.05, doc="Of a weight, times what its neuron of the code spikes."),
        Parameter(name="error_baseline", default=1.0, doc="Of the error neurons, in units of the error."),
        Parameter(name="error_quantum", default=0.25, doc="Of the error, for which a spike stands."),
        Parameter(name="tau_rate", default="10 ms", doc="Unit of time of rates."),
        Parameter(name="tau_trace", default="30 ms", doc="Of the filter of the code's spikes."),
    ),
)

FEEDBACK = replace(
    FORWARD.with_parameters({"gain": -1.0}),
    name="lca_feedback",
    title="Spiking LCA, feedback",
    pre="dy/dt = -y / tau_trace : 1",
    pre_on_spike="y += tau_rate / tau_trace",
    post="",
    synapse="""told = error_quantum * tau_rate * spiked_post / dt - error_baseline : 1
               dg/dt = -y_pre * (gain * told - decay * w) : second""",
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield the rules of the weights onto the code, and of those back from it."""
    yield from (FORWARD, FEEDBACK)
