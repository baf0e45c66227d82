"""What the projections of a network must be."""

import re

from workbench.common.errors import ModelError, nearest, shown
from workbench.declare.feedback import Pathway
from workbench.declare.graph import Graph
from workbench.declare.projection import Projection

#: Names by which tables know weights of a stack, and all weights.
_MEANT_OTHERWISE = re.compile(r"network|readout|hidden\d+(_recurrent)?")


def joined(network: Graph, projection: Projection) -> Projection:
    """Return a projection between populations that are there, with their sizes."""
    sizes = {"inputs": network.n_inputs} | network.layer_sizes
    for end in (projection.source, projection.target):
        if end not in sizes:
            raise ModelError(f"Projection '{projection.name}': there is no '{end}'. {nearest(end, sizes)}")
    if projection.target == "inputs":
        raise ModelError(f"Projection '{projection.name}': nothing reaches the inputs, whose spikes are the task's.")
    ends = sizes[projection.source], sizes[projection.target]
    found = projection.with_ends(*ends)
    found.connect.refuse_sizes(found.between)
    return found


def refuse_names(network: Graph) -> None:
    """Refuse projections of the stack's names between other layers."""
    own = {item.name: item for item in network.of_stack}
    for item in network.projections:
        if item.name not in own and _MEANT_OTHERWISE.fullmatch(item.name):
            raise ModelError(
                f"Projection '{item.name}': this is what weights of the stack, or of all of it, are called, and there "
                "are none. Give it another `name`."
            )
    for item in network.projections:
        usual = own.get(item.name)
        if usual is not None and (usual.source, usual.target) != (item.source, item.target):
            raise ModelError(
                f"Projection '{item.name}': this is the name of the stack's weights from {usual.source} to "
                f"{usual.target}. Give it another `name`."
            )


def refuse_delays(network: Graph) -> None:
    """Refuse delays of weights that are not there, or of what sends no spikes."""
    known = {projection.name: projection for projection in network.of_stack}
    for name, delay in network.delays:
        if name not in known:
            raise ModelError(f"Delays: there are no weights '{name}'. {nearest(name, known)}")
        if name in {item.name for item in network.projections}:
            raise ModelError(f"Delays: projection '{name}' is given, and has a `delay` of its own.")
        if isinstance(delay, bool) or not isinstance(delay, int) or not 0 <= delay < network.n_steps:
            raise ModelError(
                f"The delay to '{name}' must be whole steps, 0 or more and less than the {network.n_steps} of a "
                f"trial, not {shown(delay)}."
            )
    for item in network.all_projections:
        if item.delay >= network.n_steps:
            raise ModelError(
                f"Projection '{item.name}': `delay` must be less than the {network.n_steps} steps of a trial, not "
                f"{item.delay}."
            )
        if item.delay and not network.spikes(item.source):
            raise ModelError(
                f"The delay to '{item.name}' is one of spikes, and neuron '{network.model_of(item.source).name}' has "
                "none. Drop it."
            )


def refuse_fixed(network: Graph) -> None:
    """Refuse to fix weights that are not there, that have a rule of their own, or that learn nothing in any case."""
    known = {item.name: item for item in (*network.of_stack, *network.projections)}
    for name in network.fixed:
        if name not in known:
            raise ModelError(f"Fixed weights: there are no weights '{name}'. {nearest(name, known)}")
        if known[name].rule is not None:
            raise ModelError(f"Fixed weights: '{name}' have a rule of their own. Take it away, or do not fix them.")


def no_way_down(network: Graph, pathway: Pathway) -> str:
    """Return why a pathway leads to some hidden layer by weights that cannot carry it; empty where it leads to all.

    Parameters
    ----------
    network : Graph
        With its populations.
    pathway : Pathway
        Of a rule that takes a learning signal.
    """
    for layer in network.learning_layers if pathway.origin == "above" else ():
        way = network.way_up(layer)
        where = f"feedback '{pathway.name}' comes down by the weights"
        if way is None:
            return (
                f"{where} onto the readout, and population '{layer}' has none or several. Connect it once, or choose a "
                "pathway from the outputs."
            )
        if pathway.weights == "learned" and not way.plastic:
            return f"{where} of '{way.name}', which must learn for that. Choose another pathway."
        copies = pathway.rule is not None and pathway.rule.copies
        if not way.dense and (copies or pathway.weights in ("sign", "learned")):
            return f"{where} of '{way.name}', which must connect all neurons for that. Choose another pathway."
    return ""
