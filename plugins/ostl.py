"""OSTL: online spatio-temporal learning, which takes apart what goes through time and what goes through layers.

g is computed by the reference, on the spikes that Brian2 recorded: for each layer the sum over steps of L * e, with

    e        eligibility: derivative of the layer's spikes now by the weights onto it, through all that the layer did
             before: leak, synapse, reset, and its weights onto itself
    L        learning signal: derivative of the loss by the layer's spikes now, through the spikes that those above make
             in the same step, and through the readout's filters

What spikes do to the layers above by way of the past of these is left out. So it is the exact gradient, the reset
differentiated, of one hidden layer, also where that reaches itself; of more it is the exact gradient in the last alone.

Cost: online as in the paper a number for each neuron of a layer and each weight onto it, O(N^3) for a layer that
reaches itself, and one for each weight where none does, which is `snap`. Here the same numbers are found by going back
within each layer, at the cost of BPTT.

Bohnstingl, Wozniak, Pantazi and Eleftheriou (2023), doi:10.1109/TNNLS.2022.3153985.
"""

from collections.abc import Iterator

from workbench import Claims, ExactFor, Rule, hookimpl

OSTL = Rule(
    name="ostl",
    title="OSTL",
    doi="10.1109/TNNLS.2022.3153985",
    engine="ostl",
    claims=Claims(
        exact_for=(
            ExactFor(
                loss="network",
                depth=1,
                feedback="none",
                reset="differentiated",
                neurons=("lif", "alif", "lif_refractory", "lif_refractory_trace"),
                readouts=("leaky_integrator",),
                delays="inputs",
                recurrent=True,
            ),
        )
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield OSTL."""
    yield OSTL
