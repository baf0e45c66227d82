"""Spiking LCA: neurons whose rates solve LASSO, alone or with neurons that tell of errors.

A neuron of the code (`lca`) integrates what arrives, less the sparsity, and subtracts 1 at a spike:

    dv/dt = I / tau_syn + (s + bias - sparsity) / tau

A spike adds its weight to v in the end, whichever of I and s it comes by; rates are in spikes per tau. They tend to the
coefficients a >= 0 of LASSO, with an error of the order of 1 / duration, in two networks:

    lateral     bias = Phi^T x, or as much by input spikes; the others' spikes come with -Phi^T Phi by s
    by errors   P (x - B a) comes by I from error neurons, and the neuron's own spikes come back with a weight of 1 by s

Error neurons (`lca_error`) integrate a baseline and their input less what the code predicts (kind `on`), or the reverse
(`off`); so two kinds of spikes, none of them negative, tell of errors of either sign, and their baselines cancel.

Tang, Lin and Davies (2017), doi:10.48550/arXiv.1705.05475; the baseline of error neurons is this file's own.
"""

from collections.abc import Iterator

from workbench import NeuronModel, hookimpl

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


@hookimpl
def workbench_neurons() -> Iterator[NeuronModel]:
    """Yield the neurons of code and errors."""
    yield CODE
    yield ERROR
