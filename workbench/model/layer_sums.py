"""Sums that a rule reads: over the neurons of a layer, and over the synapses onto each of them."""

from collections.abc import Iterable

from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.renaming import summed_over
from workbench.model.totals import add_total, declared_total
from workbench.text.syntax import identifiers

#: Before the name of a sum: what each neuron adds to it.
_OF = "of__"


def declared_for_sums(parts: Parts, sums: Iterable[str]) -> list[str]:
    """Return what a layer declares for the sums over it, by their names."""
    return [line for name in sums for line in (f"{_OF}{name} : 1", *declared_total(parts, name))]


def declared_over_synapses(parts: Parts, layer: str) -> list[str]:
    """Return what a layer declares for what rules sum up over the synapses that reach it."""
    incoming = [item for item in parts.setup.network.all_projections if item.target == layer]
    sums = [(item.name, name) for item in incoming for name, _ in parts.rule_of(item).synapse_sums]
    return [f"{summed_over(projection, name)} : 1" for projection, name in sums]


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
    each, whole = schedule.layer_sum(distance, added=False), schedule.layer_sum(distance, added=True)
    for name, expression in sums.items():
        for scalar in identifiers(expression) & {"elapsed", "ends"}:
            parts.refer(layer, scalar, "clock")
        parts.run_code(layer, f"of_{name}", f"{_OF}{name} = {expression}", each, "learning", gate="learning")
        add_total(parts, layer, f"{_OF}{name}", name, whole, "learning", f"{layer}_sum_{name}")
