"""Spiking LCA: neurons whose rates solve LASSO, and a dictionary learned from what each synapse knows alone.

A neuron of the code (`lca`) integrates what arrives, less the sparsity, and subtracts 1 at a spike:

    dv/dt = I / tau_syn + (s + bias - sparsity) / tau

A spike adds its weight to v in the end, whichever of I and s it comes by; rates are in spikes per tau. They tend to the
coefficients a >= 0 of LASSO, with an error of the order of 1 / duration, in two networks:

    lateral     bias = Phi^T x, or as much by input spikes; the others' spikes come with -Phi^T Phi by s
    by errors   P (x - B a) comes by I from error neurons, and the neuron's own spikes come back with a weight of 1 by s

Error neurons (`lca_error`) integrate a baseline and their input less what the code predicts (kind `on`), or the reverse
(`off`); so two kinds of spikes, none of them negative, tell of errors of either sign, and their baselines cancel.
Weights P from them and B back to them learn by

    lca_forward     g = - integral of y_post * (gain * e_pre - decay * w)
    lca_feedback    g = - integral of y_pre * (gain * e_post - decay * w)

    e       spikes of the error neuron in units of the error, less the baseline, which is the same for all
    y       spikes of the code's neuron, filtered; in spikes per tau_rate

Nothing is copied, transposed or normalized: P follows B, since both get the same and forget alike (Kolen and Pollack);
weights stop to grow where decay * w takes what errors give, as in Oja's rule.
Cost: one variable per neuron of the code, none per synapse; one operation per synapse and step.

Tang, Lin and Davies (2017), doi:10.48550/arXiv.1705.05475, for neurons and LASSO. That errors of prediction let a local
Hebbian rule learn the dictionary is from Watkins, Kim, Sornborger and Kenyon (2020), CVPR Workshops, pages 1482-1487;
the baseline of error neurons and the decay are this file's own.
"""

from collections.abc import Iterator

from workbench import Claims, NeuronModel, Parameter, Rule, hookimpl

CODE = NeuronModel(
    name="lca",
    doc="Integrates without a leak, and subtracts 1 at a spike: rates per `tau` tend to LASSO's coefficients.",
    equations="""dv/dt = I / tau_syn + (s + bias - sparsity) / tau : 1
                 dI/dt = -I / tau_syn : 1
                 ds/dt = -s / tau : 1""",
    drive="v - 1",
    reset="v -= 1",
    parameters=(("tau", "10 ms"), ("tau_syn", "2 ms"), ("sparsity", 0.05), ("bias", 0.0)),
    doi="10.48550/arXiv.1705.05475",
)

ERROR = NeuronModel(
    name="lca_error",
    doc="Integrates a baseline and what arrives, and subtracts `quantum` at a spike, which stands for as much.",
    equations="""dv/dt = I / tau_syn + baseline / tau : 1
                 dI/dt = -I / tau_syn : 1""",
    drive="v - quantum",
    reset="v -= quantum",
    parameters=(("tau", "10 ms"), ("tau_syn", "2 ms"), ("baseline", 1.0), ("quantum", 0.25)),
)

_ERROR = "gain * (error_quantum * tau_rate * {spikes} / dt - error_baseline)"


def _parameters(gain: float, doc: str) -> tuple[Parameter, ...]:
    return (
        Parameter(name="gain", default=gain, doc=doc),
        Parameter(name="decay", default=0.05, doc="Of a weight, times what its neuron of the code spikes."),
        Parameter(name="error_baseline", default=1.0, doc="Of the error neurons, in units of the error."),
        Parameter(name="error_quantum", default=0.25, doc="Of the error, for which a spike stands."),
        Parameter(name="tau_rate", default="10 ms", doc="Unit of time of rates."),
        Parameter(name="tau_trace", default="30 ms", doc="Of the filter of the code's spikes."),
    )


FORWARD = Rule(
    name="lca_forward",
    title="Spiking LCA",
    doi="10.48550/arXiv.1705.05475",
    post="dy/dt = -y / tau_trace + spiked * tau_rate / tau_trace / dt : 1",
    synapse=f"dg/dt = -y_post * ({_ERROR.format(spikes='spiked_pre')} - decay * w) : second",
    claims=Claims(estimates="objective"),
    parameters=_parameters(
        0.125, "What a weight gets of errors: half a quantum, as each kind of neurons has its share."
    ),
)

FEEDBACK = Rule(
    name="lca_feedback",
    title="Spiking LCA, feedback",
    doi="10.48550/arXiv.1705.05475",
    pre="dy/dt = -y / tau_trace : 1",
    pre_on_spike="y += tau_rate / tau_trace",
    synapse=f"dg/dt = -y_pre * ({_ERROR.format(spikes='spiked_post')} - decay * w) : second",
    claims=Claims(estimates="objective"),
    parameters=_parameters(-1.0, "What a weight gets of errors; negative, since predictions take them away."),
)


@hookimpl
def workbench_neurons() -> Iterator[NeuronModel]:
    """Yield the neurons of code and errors."""
    yield CODE
    yield ERROR


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield the rules of the weights onto the code, and of those back from it."""
    yield FORWARD
    yield FEEDBACK
