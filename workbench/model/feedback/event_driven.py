"""Pathways whose cost is their events: matrices that weigh a signal when something reads it."""

from typing import Any

from brian2 import NeuronGroup

from workbench.declare.projection import Projection
from workbench.model import schedule
from workbench.model.assembly import Parts, Weighed
from workbench.model.events.places import add_places
from workbench.model.feedback import clock_driven
from workbench.model.feedback.clock_driven import MIRROR, follow, noise_declared, way_up


def add_fixed(parts: Parts, layer: str, source: str, distance: int, variable: str) -> None:
    """Add fixed weights of the learning signal; see `clock_driven.add_fixed`."""
    name = f"b_{layer}"
    _add_rows(parts, name, (source, layer), "b : 1")
    _weigh(parts, name, "b", (source, variable), (layer, parts.rule.signal), distance)


def add_learned(parts: Parts, layer: str, source: str, distance: int, variable: str) -> None:
    """Add weights that change as the forward weights do; see `clock_driven.add_learned`."""
    name = f"b_{layer}"
    _add_rows(parts, name, (source, layer), "\n".join(["b : 1", MIRROR, *noise_declared(parts)]))
    _weigh(parts, name, "b", (source, variable), (layer, parts.rule.signal), distance)
    follow(parts, layer)


def add_signed(parts: Parts, layer: str, source: str, distance: int, variable: str) -> None:
    """Add fixed magnitudes of the learning signal; see `clock_driven.add_signed`."""
    name = f"b_{layer}"
    _add_rows(parts, name, (source, layer), "b : 1\nsigned : 1")
    held = parts.groups[name].variables
    shape = (len(parts.groups[layer]), len(parts.groups[source]))
    forward = parts.groups[f"w_{way_up(parts, layer).name}"].variables["w"]
    _transpose(parts, name, (forward, held["signed"], held["b"]), shape)
    _weigh(parts, name, "signed", (source, variable), (layer, parts.rule.signal), distance)


def add_local_readout(parts: Parts, layer: str, source: str, distance: int, variable: str) -> None:
    """Add the fixed weights of a local readout; see `clock_driven.add_local_readout`."""
    name = f"b_{layer}"
    parts.run_code(source, "empty", "y = 0", schedule.CLEAR_LOCAL_READOUT, "forward")
    _add_rows(parts, name, (layer, source), "b : 1")
    parts.run_template(
        name,
        "propagate",
        "propagate",
        schedule.LOCAL_READOUT,
        "forward",
        matrix=parts.groups[name].variables["b"],
        spikes=parts.groups[layer].variables["_spikespace"],
        to=parts.groups[source].variables["y"],
        n_pre=len(parts.groups[layer]),
        n_post=len(parts.groups[source]),
        sent=None,
        first=None,
        column=None,
    )
    _carry_back(parts, name, "b", (layer, source), variable, distance)


def carry_back(parts: Parts, layer: str, source: str, distance: int, variable: str) -> None:
    """Let the forward weights themselves carry a signal; see `clock_driven.carry_back`."""
    # Weights that are clock-driven all the same, because their rule has no event-driven form, carry it as such.
    way = way_up(parts, layer)
    if way.name not in parts.forms:
        clock_driven.carry_back(parts, layer, source, distance, variable)
    elif way.dense:
        _carry_back(parts, f"w_{way.name}", "w", (layer, source), variable, distance)
    else:
        _carry_back_along(parts, way, variable, distance)


def _carry_back_along(parts: Parts, way: Projection, variable: str, distance: int) -> None:
    """Let the synapses that there are carry a variable of their targets back to the learning signal of their source."""
    group = parts.groups[f"w_{way.name}"]
    parts.run_template(
        f"w_{way.name}",
        "carry_back",
        "carry_back",
        schedule.feedback(distance),
        "learning",
        "learning",
        matrix=group.variables["w"],
        by=parts.groups[way.target].variables[variable],
        to=parts.groups[way.source].variables[parts.rule.signal],
        n_pre=way.ends[0],
        **add_places(group, way),
    )


def _carry_back(parts: Parts, name: str, matrix: str, ends: tuple[str, str], relay: str, distance: int) -> None:
    """Let a matrix carry a variable of its target back to the learning signal of its source."""
    n_pre, n_post = (len(parts.groups[end]) for end in ends)
    group = parts.groups[name]
    group.variables.add_array("transposed", size=n_pre * n_post, dtype=group.variables[matrix].dtype)
    _transpose(parts, name, (group.variables[matrix], group.variables["transposed"], None), (n_pre, n_post))
    _weigh(parts, name, "transposed", (ends[1], relay), (ends[0], parts.rule.signal), distance)


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
    relays = layer in setup.network.stack[1:] and setup.pathway.origin == "above"
    read = parts.rule.reads(parts.rule.signal, "post") or parts.rule.reads(parts.rule.signal, "on_step")
    incoming = [item.name for item in setup.network.all_projections if item.target == layer]
    return not relays and not read and all(parts.forms.get(name) is not None for name in incoming)


def _add_rows(parts: Parts, name: str, ends: tuple[str, str], declared: str) -> None:
    """Add a matrix from one group to another, with the variables of each entry."""
    n_pre, n_post = (len(parts.groups[end]) for end in ends)
    group = NeuronGroup(n_pre * n_post, declared, name=f"{name}*", namespace={})
    parts.add(name, group, "forward")
