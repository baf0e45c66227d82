"""What a rule's synapses cost."""

from workbench.model.lowering import why_clock_driven
from workbench.neuron import NeuronModel
from workbench.rule import Rule


def synapses_cost(rule: Rule, neuron: NeuronModel, readout: NeuronModel) -> str:
    """Return ``events``, or ``every step`` and why; empty for a rule that runs no equations.

    Parameters
    ----------
    rule : Rule
        Of hidden layers.
    neuron, readout : NeuronModel
        Of these layers, and of the readout.
    """
    if rule.engine != "brian2":
        return ""
    reason = why_clock_driven(rule, neuron, readout)
    return f"every step: {reason}" if reason else "events"
