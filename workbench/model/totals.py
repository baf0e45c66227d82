"""Sums of a variable over the neurons of a group, which these may read."""

import numpy as np
from brian2 import NeuronGroup, Synapses

from workbench.model.assembly import Parts
from workbench.model.schedule import Slot
from workbench.model.synapses import pin_summed


def declared_total(parts: Parts, name: str) -> list[str]:
    """Return what a group declares for a sum over it."""
    # Clock-driven it is another group's, so that all code can be Brian2's own.
    return [] if parts.setup.is_clock_driven else [f"{name} : 1 (shared)"]


def add_total(parts: Parts, group: str, of: str, name: str, slot: Slot, role: str, owner: str = "") -> None:
    """Let a group read the sum of a variable over its neurons.

    Parameters
    ----------
    parts : Parts
        Has the group, with what `declared_total` returns.
    group : str
        Its name.
    of, name : str
        The variable, and what its sum is called.
    slot : Slot
        When it is added up.
    role : str
        As of `Parts.run_code`; what is of learning is added up in steps of learning alone.
    owner : str
        What has the sum where it is another group's; ``<group>_total`` where it is empty.
    """
    neurons, gate = parts.groups[group], "learning" if role == "learning" else ""
    if not parts.setup.is_clock_driven:
        told = {"of": neurons.variables[of], "to": neurons.variables[name], "size": len(neurons)}
        parts.run_template(group, "sum", "total", slot, role, gate, **told)
        return
    owner = owner or f"{group}_total"
    adding = f"{owner.removesuffix('_total')}_adder"
    parts.add(owner, NeuronGroup(1, f"{name} : 1", name=f"{owner}*", namespace={}), role)
    summed = f"{name}_post = {of}_pre : 1 (summed)"
    adder = Synapses(neurons, parts.groups[owner], summed, name=f"{adding}*", namespace={})
    adder.connect(i=np.arange(neurons.N), j=np.zeros(neurons.N, dtype=int), namespace={})
    parts.add(adding, adder, role)
    parts.tag(pin_summed(adder, f"{name}_post", slot), role, gate)
    parts.refer(group, name, owner)
