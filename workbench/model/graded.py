"""Neurons without spikes: what they send on in each step."""

from workbench.common.errors import RuleError
from workbench.model.assembly import Parts
from workbench.model.bindings import Binding
from workbench.model.rule_text import RuleText
from workbench.text.syntax import changes


def sends_on(parts: Parts, layer: str, source: str) -> bool:
    """Return whether others get what neurons without spikes have for an output: of a readout, if a projection says so.

    Parameters
    ----------
    parts : Parts
        Whose network has the projections.
    layer, source : str
        The layer, and where its model's numbers are: ``neuron`` or ``readout``.
    """
    return source != "readout" or any(item.source == layer for item in parts.setup.network.projections)


def emitting(parts: Parts, layer: str) -> list[str]:
    """Return the variables of neurons without spikes for what they send, where anybody gets it."""
    model, source = parts.model_of(layer)
    if model.spiking or not sends_on(parts, layer, source):
        return []
    parts.bindings.append(Binding(f"{layer}.per_step", "dt_in_ms"))
    return ["emitted : 1", "per_step : 1 (shared)"]


def in_proportion(rule: RuleText) -> str:
    """Return what a neuron without spikes does to its traces in each step: what a spike would do, times its output."""
    lines = []
    for target, sign, amount in changes(rule.pre_on_spike):
        if sign != "+":
            where = f"Rule '{rule.rule.name}', `pre_on_spike`: '{target} {sign}= {amount}'"
            raise RuleError(f"{where} has no meaning for neurons without spikes; only 'x += amount' has.")
        lines.append(f"{target} += ({amount}) * emitted")
    return "\n".join(lines)
