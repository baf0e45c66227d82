"""What a rule's synapses cost."""

from workbench.model.lowering import why_clock_driven
from workbench.neuron import NeuronModel
from workbench.rule import Rule


def synapses_cost(rule: Rule, neuron: NeuronModel) -> str:
    """Return ``events``, or ``every step`` and why; empty for a rule that runs no equations.

    Parameters
    ----------
    rule : Rule
        Of hidden layers.
    neuron : NeuronModel
        Of these layers.
    """
    if rule.engine != "brian2":
        return ""
    reason = why_clock_driven(rule, neuron)
    return f"every step: {reason}" if reason else "events"
