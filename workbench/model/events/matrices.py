"""Connections whose cost is their events: a matrix, of which a spike reads one row and learns one row.

The statements are those of the clock-driven form, and what Brian2 has no word for (rows, sums over rows, a sweep back
in time) are templates of C++ beside this file. Other code than C++ runs the clock-driven form.
"""

from typing import Any

from brian2 import NeuronGroup

from workbench.declare.feedback import FEEDBACK
from workbench.declare.network import Projection
from workbench.declare.rule import Rule
from workbench.model import schedule
from workbench.model.assembly import Parts, Weighed
from workbench.model.events.causal import add_causal
from workbench.model.events.lowering import EventForm, NotLoweredError, event_form
from workbench.model.events.replay import add_sweep
from workbench.model.readout import learnt_by as readout_rule
from workbench.model.renaming import IN_SYNAPSE, TARGET, constants_of, numbers_of, step_reads, units_of_numbers
from workbench.model.setup import Setup
from workbench.model.synapses import MIRROR, add_update, follow, kept_by_host, signal_of, source_of
from workbench.text.equations import parse_differential
from workbench.text.syntax import identifiers


def event_forms(setup: Setup, rule: Rule) -> dict[str, EventForm | None]:
    """Return the projections whose weights cost their events only, each with what they learn from them, if anything."""
    network = setup.network
    forms: dict[str, EventForm | None] = {}
    for projection in network.projections:
        if setup.form == "clock" or (projection.source != "inputs" and not network.neuron.spiking):
            continue
        last = projection.target == "readout"
        learnt_by, target = (readout_rule(setup, rule), network.readout) if last else (rule, network.neuron)
        try:
            form = event_form(learnt_by, target, network.readout) if learnt_by.synapse else None
            if form is not None and form.mixing and setup.form == "causal":
                raise NotLoweredError("the decay of its filters changes with the target, so that it cannot go back")
            if form is not None and form.pulse >= 0 and setup.form == "causal":
                raise NotLoweredError("it reads the spike itself, which cannot go back")
            forms[projection.name] = form
        except NotLoweredError:
            continue
    return forms


def add_matrix(parts: Parts, projection: Projection, carries_back: bool) -> None:
    """Add the weights ``w_<projection>``; see `workbench.model.synapses.add_synapses`.

    Parameters
    ----------
    parts : Parts
        Gets the weights.
    projection : Projection
        The weights.
    carries_back : bool
        Whether the weights themselves carry the learning signal to the layer below.
    """
    setup = parts.setup
    name = f"w_{projection.name}"
    layer, source = projection.target, projection.source
    learns = parts.forms[projection.name] is not None
    kept = ("g", *kept_by_host(setup, projection.name))
    states = "".join(f"\n{variable} : 1" for variable in kept) if learns else ""
    _add_rows(parts, name, (source, layer), f"w : 1{states}")
    spikes = parts.groups[projection.terminals].variables["_spikespace"]
    held = parts.groups[name].variables
    arrives = parts.groups[layer].variables["I"]
    parts.run_template(
        name,
        "propagate",
        "propagate",
        schedule.PROPAGATE,
        "forward",
        matrix=held["w"],
        spikes=spikes,
        to=arrives,
        n_pre=len(parts.groups[source]),
        n_post=len(parts.groups[layer]),
    )
    if carries_back:
        relay = source_of(setup.rule) if layer == "readout" else "relay"
        _carry_back(parts, name, "w", (source, layer), relay, setup.network.layers[::-1].index(layer) + 1)


def add_learning(parts: Parts, layer: str, rule: Rule) -> None:
    """Let the weights into a layer learn from the spikes of their sources; comes when all feedback is there.

    Parameters
    ----------
    parts : Parts
        Has the layers, the weights and their forms.
    layer : str
        Which the weights reach.
    rule : Rule
        Of the hidden layers.
    """
    network = parts.setup.network
    incoming: list[Projection] = []
    form = None
    for projection in network.projections:
        if projection.target == layer and parts.forms.get(projection.name) is not None:
            # Weights into one layer learn by one rule, so that their forms are equal.
            form = parts.forms[projection.name]
            incoming.append(projection)
    if form is None:
        return
    model, numbers = (network.readout, "readout") if layer == "readout" else (network.neuron, "neuron")
    prefix = f"{IN_SYNAPSE}{TARGET}"
    constants = constants_of(model, numbers, TARGET) | constants_of(model, numbers, prefix)
    constants |= constants_of(network.readout, "readout", suffix="_readout")
    units = {f"{start}{key}": unit for start in (TARGET, prefix) for key, unit in model.units().items()}
    units |= {f"{key}_readout": unit for key, unit in network.readout.units().items()}
    if layer != "readout" or rule.trains_readout:
        constants |= numbers_of(rule) | numbers_of(rule, IN_SYNAPSE)
        units |= units_of_numbers(rule) | units_of_numbers(rule, IN_SYNAPSE)
    add = add_causal if parts.setup.form == "causal" else add_sweep
    add(parts, layer, incoming, form, constants, units)
    for projection in incoming:
        add_update(parts, f"w_{projection.name}")


def _add_rows(parts: Parts, name: str, ends: tuple[str, str], declared: str) -> None:
    n_pre, n_post = (len(parts.groups[end]) for end in ends)
    group = NeuronGroup(n_pre * n_post, declared, name=f"{name}*", namespace={})
    parts.add(name, group, "forward")


def _carry_back(parts: Parts, name: str, matrix: str, ends: tuple[str, str], relay: str, distance: int) -> None:
    """Let a matrix carry a variable of its target back to the learning signal of its source."""
    n_pre, n_post = (len(parts.groups[end]) for end in ends)
    group = parts.groups[name]
    group.variables.add_array("transposed", size=n_pre * n_post, dtype=group.variables[matrix].dtype)
    _transpose(parts, name, (group.variables[matrix], group.variables["transposed"], None), (n_pre, n_post))
    _weigh(parts, name, "transposed", (ends[1], relay), (ends[0], signal_of(parts.setup.rule)), distance)


def _transpose(parts: Parts, name: str, arrays: tuple[Any, Any, Any], shape: tuple[int, int]) -> None:
    """Let a matrix follow the transpose of another; where there is a third, only its signs, with these magnitudes."""
    matrix, transposed, magnitude = arrays
    parts.run_template(
        name,
        "transpose",
        "transpose",
        schedule.TRANSPOSE,
        "learning",
        "refresh",
        matrix=matrix,
        transposed=transposed,
        magnitude=magnitude,
        n_pre=shape[0],
        n_post=shape[1],
    )


def _weigh(
    parts: Parts, name: str, matrix: str, origin: tuple[str, str], target: tuple[str, str], distance: int
) -> None:
    """Let the rows of a matrix, weighted by a variable of one group, add up to that of another."""
    held = parts.groups[name].variables[matrix]
    by = parts.groups[origin[0]].variables[origin[1]]
    if _waits(parts, target[0]):
        parts.unweighed[target[0]] = Weighed(held, by, len(parts.groups[origin[0]]))
        return
    parts.run_template(
        name,
        "weigh",
        "weigh",
        schedule.feedback(distance),
        "learning",
        "learning",
        matrix=held,
        by=by,
        to=parts.groups[target[0]].variables[target[1]],
        n_rows=len(parts.groups[origin[0]]),
        n_columns=len(parts.groups[target[0]]),
    )


def _waits(parts: Parts, layer: str) -> bool:
    """Return whether nothing but the sweep reads a layer's learning signal."""
    setup = parts.setup
    if setup.form == "causal":
        return False
    relays = layer != "hidden1" and FEEDBACK[setup.feedback].origin == "above"
    equations = parse_differential(setup.rule.post, "")
    read = any(signal_of(setup.rule) in identifiers(item.expression) for item in equations)
    incoming = [item.name for item in setup.network.projections if item.target == layer]
    read = read or step_reads(setup.rule.on_step, signal_of(setup.rule))
    return not relays and not read and all(parts.forms.get(name) is not None for name in incoming)


def add_feedback(parts: Parts, layer: str, source: str, distance: int, variable: str) -> None:
    """Add fixed weights of the learning signal; see `workbench.model.synapses.add_feedback`."""
    name = f"b_{layer}"
    _add_rows(parts, name, (source, layer), "b : 1")
    _weigh(parts, name, "b", (source, variable), (layer, signal_of(parts.setup.rule)), distance)


def add_learned_feedback(parts: Parts, layer: str, source: str, distance: int, variable: str) -> None:
    """Add weights that change as the forward weights do; see `workbench.model.synapses.add_learned_feedback`."""
    name = f"b_{layer}"
    _add_rows(parts, name, (source, layer), f"b : 1\n{MIRROR}")
    _weigh(parts, name, "b", (source, variable), (layer, signal_of(parts.setup.rule)), distance)
    follow(parts, layer, source)


def add_sign_feedback(parts: Parts, layer: str, source: str, distance: int, variable: str) -> None:
    """Add fixed magnitudes of the learning signal; see `workbench.model.synapses.add_sign_feedback`."""
    name = f"b_{layer}"
    _add_rows(parts, name, (source, layer), "b : 1\nsigned : 1")
    held = parts.groups[name].variables
    shape = (len(parts.groups[layer]), len(parts.groups[source]))
    _transpose(parts, name, (parts.groups[f"w_{source}"].variables["w"], held["signed"], held["b"]), shape)
    _weigh(parts, name, "signed", (source, variable), (layer, signal_of(parts.setup.rule)), distance)


def add_local_readout(parts: Parts, layer: str, readout: str, distance: int) -> None:
    """Add the fixed weights of a local readout; see `workbench.model.synapses.add_local_readout`."""
    name = f"b_{layer}"
    parts.run_code(readout, "empty", "y = 0", schedule.CLEAR_LOCAL_READOUT, "forward")
    _add_rows(parts, name, (layer, readout), "b : 1")
    parts.run_template(
        name,
        "propagate",
        "propagate",
        schedule.LOCAL_READOUT,
        "forward",
        matrix=parts.groups[name].variables["b"],
        spikes=parts.groups[layer].variables["_spikespace"],
        to=parts.groups[readout].variables["y"],
        n_pre=len(parts.groups[layer]),
        n_post=len(parts.groups[readout]),
    )
    _carry_back(parts, name, "b", (layer, readout), "error", distance)
