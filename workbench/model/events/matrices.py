"""Connections whose cost is their events: a matrix, of which a spike reads one row and learns one row.

The statements are those of the clock-driven form, and what Brian2 has no word for (rows, sums over rows, a sweep back
in time) are templates of C++ beside this file. Other code than C++ runs the clock-driven form.
"""

from brian2 import NeuronGroup

from workbench.declare.projection import Projection
from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.events.causal import add_causal
from workbench.model.events.lowering import EventForm, NotLoweredError, event_form
from workbench.model.events.places import add_places
from workbench.model.events.replay import add_sweep
from workbench.model.renaming import IN_SYNAPSE, TARGET, held_of, held_of_readout
from workbench.model.transmission import sent_by
from workbench.model.updates import add_update, declared_by_host, kept_by_host


def event_forms(parts: Parts) -> dict[str, EventForm | None]:
    """Return the projections whose weights cost their events only, each with what they learn from them, if anything."""
    setup = parts.setup
    network = setup.network
    forms: dict[str, EventForm | None] = {}
    for projection in network.all_projections:
        if setup.is_clock_driven or not network.spikes(projection.source):
            continue
        rule, (target, _) = parts.rule_of(projection), parts.model_of(projection.target)
        try:
            form = event_form(rule, target, network.readout) if rule.synapse else None
            if form is not None and form.mixing and setup.form == "causal":
                raise NotLoweredError("the decay of its filters changes with the target, so that it cannot go back")
            if form is not None and target.differing and setup.form == "causal":
                raise NotLoweredError("the decay of its filters differs between neurons, so that spikes share no trace")
            if form is not None and form.pulse >= 0 and setup.form == "causal":
                raise NotLoweredError("it reads the spike itself, which cannot go back")
            forms[projection.name] = form
        except NotLoweredError:
            continue
    return forms


def add_matrix(parts: Parts, projection: Projection) -> None:
    """Add the weights ``w_<projection>``; see `workbench.model.synapses.add_synapses`.

    Parameters
    ----------
    parts : Parts
        Gets the weights.
    projection : Projection
        The weights.
    """
    setup = parts.setup
    name = f"w_{projection.name}"
    learns = parts.forms[projection.name] is not None
    declared = ["w : 1"]
    if learns:
        declared += [f"{variable} : 1" for variable in ("g", *kept_by_host(setup, projection.name))]
        declared += declared_by_host(setup, projection.name)
    group = NeuronGroup(projection.n_synapses, "\n".join(declared), name=f"{name}*", namespace={})
    parts.add(name, group, "forward")
    terminals = parts.groups[projection.terminals]
    parts.run_template(
        name,
        "propagate",
        "propagate",
        schedule.PROPAGATE,
        "forward",
        matrix=group.variables["w"],
        spikes=terminals.variables["_spikespace"],
        to=parts.groups[projection.target].variables[projection.receptor],
        n_pre=projection.ends[0],
        n_post=projection.ends[1],
        sent=None if projection.transmits is None else terminals.variables[sent_by(projection)],
        **add_places(group, projection),
    )


def add_learning(parts: Parts, layer: str) -> None:
    """Let the weights into a layer learn from the spikes of their sources; comes when all feedback is there.

    Parameters
    ----------
    parts : Parts
        Has the layers, the weights and their forms.
    layer : str
        Which the weights reach.
    """
    incoming: dict[str, list[Projection]] = {}
    for projection in parts.setup.network.all_projections:
        if projection.target == layer and parts.forms.get(projection.name) is not None:
            incoming.setdefault(parts.setup.mark_of(projection), []).append(projection)
    for projections in incoming.values():
        _add_learning_by(parts, layer, projections)


def _add_learning_by(parts: Parts, layer: str, incoming: list[Projection]) -> None:
    """Let weights into a layer learn that have one rule, so that their forms are equal but for the names of traces."""
    network, form = parts.setup.network, parts.forms[incoming[0].name]
    if form is None:
        return
    rule, readout = parts.rule_of(incoming[0]), network.readout
    model, source = parts.model_of(layer)
    held = held_of(model, source, TARGET) | held_of(model, source, f"{IN_SYNAPSE}{TARGET}")
    held |= held_of_readout(readout)
    held = held | rule.held() | rule.held(IN_SYNAPSE)
    add = add_causal if parts.setup.form == "causal" else add_sweep
    add(parts, layer, incoming, form, held)
    for projection in incoming:
        add_update(parts, f"w_{projection.name}")
