"""Sums over the neurons of a layer, which a rule's statements read."""

import numpy as np
from brian2 import NeuronGroup, Synapses

from workbench.declare.rule_parts import OnStep
from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.synapses import pin_summed
from workbench.text.syntax import identifiers

#: Before the name of a sum: what each neuron adds to it.
_OF = "of__"


def declared_for_sums(parts: Parts, step: OnStep | None) -> list[str]:
    """Return what a layer declares for the sums over it."""
    names = [] if step is None else [name for name, _ in step.sums]
    own = [f"{_OF}{name} : 1" for name in names]
    # Clock-driven, a sum is a synapse's, so that all code can be Brian2's own.
    return own if parts.setup.is_clock_driven else [*own, *(f"{name} : 1 (shared)" for name in names)]


def add_sums(parts: Parts, layer: str, sums: dict[str, str], distance: int) -> None:
    """Let a layer add up expressions over its neurons, in each step in which they learn.

    Parameters
    ----------
    parts : Parts
        Has the layer, with what `declared_for_sums` returns.
    layer : str
        Its name.
    sums : dict of str to str
        Expressions by the names of their sums.
    distance : int
        How far the layer is from the readout.
    """
    group = parts.groups[layer]
    each, whole = schedule.layer_sum(distance, added=False), schedule.layer_sum(distance, added=True)
    for name, expression in sums.items():
        for scalar in identifiers(expression) & {"elapsed", "ends"}:
            parts.refer(layer, scalar, "clock")
        parts.run_code(layer, f"of_{name}", f"{_OF}{name} = {expression}", each, "learning", gate="learning")
        if not parts.setup.is_clock_driven:
            told = {"of": group.variables[f"{_OF}{name}"], "to": group.variables[name], "size": len(group)}
            parts.run_template(layer, f"sum_{name}", "total", whole, "learning", "learning", **told)
            continue
        owner = f"{layer}_sum_{name}"
        parts.add(owner, NeuronGroup(1, f"{name} : 1", name=f"{owner}*", namespace={}), "learning")
        adder = Synapses(
            group,
            parts.groups[owner],
            f"{name}_post = {_OF}{name}_pre : 1 (summed)",
            name=f"{owner}_adder*",
            namespace={},
        )
        adder.connect(i=np.arange(len(group)), j=np.zeros(len(group), dtype=int), namespace={})
        parts.add(f"{owner}_adder", adder, "learning")
        parts.tag(pin_summed(adder, f"{name}_post", whole), "learning", "learning")
        parts.refer(layer, name, owner)
