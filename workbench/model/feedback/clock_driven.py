"""Pathways whose synapses are visited in each step."""

import numpy as np
from brian2 import Group, Synapses

from workbench.declare.projection import Projection
from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.noise import add_noise
from workbench.model.noise_keys import noise_of_feedback
from workbench.model.synapses import all_to_all, pin_summed

#: Declared where a synapse reads the weight of the other direction: its place among those.
MIRROR = "mirror : integer"


def way_up(parts: Parts, layer: str) -> Projection:
    """Return the weights by which a hidden layer acts on what hands its signal down."""
    found = parts.setup.network.way_up(layer)
    # Where there are none, the setup was refused before anything was built.
    assert found is not None
    return found


def add_fixed(parts: Parts, layer: str, source: str, distance: int, variable: str) -> None:
    """Add fixed weights ``b_<layer>`` that carry a signal to a hidden layer in the learning slot.

    Parameters
    ----------
    parts : Parts
        Gets the synapses.
    layer, source : str
        Target and origin.
    distance : int
        How far the layer is from the readout.
    variable : str
        What the origin hands over: ``error`` or ``relay``.
    """
    add_carrier(parts, layer, source, distance, f"b * {variable}_pre", "b : 1")


def add_signed(parts: Parts, layer: str, source: str, distance: int, variable: str) -> None:
    """Add fixed magnitudes ``b_<layer>``, which take their signs from the forward weights; else as `add_fixed`."""
    carrier = add_carrier(parts, layer, source, distance, f"b * sign(forward_w) * {variable}_pre", f"b : 1\n{MIRROR}")
    mirror(parts, carrier, layer)


def add_mirrored(parts: Parts, layer: str, source: str, distance: int, variable: str) -> None:
    """Add what carries a signal by the weights of the other direction, from where these cannot; as `add_fixed`."""
    carrier = add_carrier(parts, layer, source, distance, f"forward_w * {variable}_pre", MIRROR, way_up(parts, layer))
    mirror(parts, carrier, layer)


def add_learned(parts: Parts, layer: str, source: str, distance: int, variable: str) -> None:
    """Add weights ``b_<layer>`` that change as the forward weights do; else as `add_fixed`."""
    declared = "\n".join(["b : 1", MIRROR, *noise_declared(parts)])
    add_carrier(parts, layer, source, distance, f"b * {variable}_pre", declared)
    follow(parts, layer)


def noise_declared(parts: Parts) -> list[str]:
    """Return what feedback weights that change declare for the noise of their updates; nothing where there is none."""
    return [f"{name} : 1" for name, _ in noise_of_feedback(parts.setup)]


def noise_added(parts: Parts, layer: str, gate: str) -> str:
    """Let feedback weights draw noise when they change, and return what is added to their step for it."""
    name, noise = f"b_{layer}", noise_of_feedback(parts.setup)
    if not noise:
        return ""
    size = len(parts.groups[layer]) * len(parts.groups[way_up(parts, layer).target])
    add_noise(parts, name, size, noise, "learning", gate)
    parts.refer(name, "feedback_noise", "clock")
    return "".join(f" + feedback_noise * {drawn}" for drawn, _ in noise)


def follow(parts: Parts, layer: str) -> None:
    """Let feedback weights take the steps of the weights of the other direction, and decay as these do."""
    name = f"b_{layer}"
    mirror(parts, parts.groups[name], layer, "step")
    for scalar in ("learning_rate", "feedback_decay"):
        parts.refer(name, scalar, "clock")
    code = "b = (1 - feedback_decay) * b - learning_rate * forward_step" + noise_added(parts, layer, "update")
    parts.run_code(name, "follow", code, schedule.FOLLOW, "learning", gate="update")


def mirror(parts: Parts, carrier: Group, layer: str, variable: str = "w") -> None:
    """Let synapses from a layer to the one below read a variable of those of the other direction, as `forward_...`."""
    way = way_up(parts, layer)
    # The place of the weight of the other direction among those into the source.
    places = np.arange(way.n_synapses)
    carrier.mirror = places.reshape(way.ends).T.ravel() if way.dense else places
    carrier.variables.add_reference(f"forward_{variable}", parts.groups[f"w_{way.name}"], variable, index="mirror")


def add_carrier(
    parts: Parts, layer: str, source: str, distance: int, carried: str, further: str, along: Projection | None = None
) -> Synapses:
    """Add the synapses ``b_<layer>``, which sum up an expression to a layer's learning signal.

    Parameters
    ----------
    parts, layer, source, distance
        As of `add_fixed`.
    carried : str
        The expression of each synapse.
    further : str
        What synapses declare besides.
    along : Projection, optional
        Of the other direction, whose synapses these go along; all neurons are connected where it is None.
    """
    signal = parts.rule.signal
    ends = parts.groups[source], parts.groups[layer]
    declared = f"{signal}_post = {carried} : 1 (summed)\n{further}"
    synapses = Synapses(*ends, declared, name=f"b_{layer}*", namespace={})
    if along is None or along.dense:
        all_to_all(synapses, ends[0].N, ends[1].N)
    else:
        synapses.connect(i=along.indices.post, j=along.indices.pre, namespace={})
    parts.add(f"b_{layer}", synapses, "learning")
    updater = pin_summed(synapses, f"{signal}_post", schedule.feedback(distance))
    parts.tag(updater, "learning", "learning")
    return synapses


def add_local_readout(parts: Parts, layer: str, source: str, distance: int, variable: str) -> None:
    """Add the fixed weights ``b_<layer>`` of a local readout; their transpose brings its error back.

    The readout adds up the layer's spikes of the present step only, between threshold and synapses.
    """
    signal = parts.rule.signal
    below, readout = parts.groups[layer], parts.groups[source]
    parts.run_code(source, "empty", "y = 0", schedule.CLEAR_LOCAL_READOUT, "forward")
    synapses = Synapses(
        below,
        readout,
        f"b : 1\n{signal}_pre = b * {variable}_post : 1 (summed)",
        on_pre="y_post += b",
        name=f"b_{layer}*",
        namespace={},
    )
    all_to_all(synapses, below.N, readout.N)
    synapses.pre.when, synapses.pre.order = schedule.LOCAL_READOUT
    parts.add(f"b_{layer}", synapses, "forward")
    updater = pin_summed(synapses, f"{signal}_pre", schedule.feedback(distance))
    parts.tag(updater, "learning", "learning")


def declared_in_forward(parts: Parts, projection: Projection) -> str:
    """Return what forward synapses must declare so that `carry_back` finds it; nothing where they carry nothing."""
    network = parts.setup.network
    way = network.way_up(projection.source) if projection.source in network.learning_layers else None
    # Synapses that begin at terminals do not end at the neurons that learn.
    if way is None or way.name != projection.name or projection.delay:
        return ""
    relay = parts.rule.handed_down if projection.target == "readout" else "relay"
    return f"{parts.rule.signal}_pre = w * {relay}_post : 1 (summed)"


def carry_back(parts: Parts, layer: str, source: str, distance: int, variable: str) -> None:
    """Let the forward weights themselves carry a signal, or where they cannot, what reads them; as `add_fixed`."""
    way = way_up(parts, layer)
    if way.delay:
        add_mirrored(parts, layer, source, distance, variable)
        return
    updater = pin_summed(parts.groups[f"w_{way.name}"], f"{parts.rule.signal}_pre", schedule.feedback(distance))
    parts.tag(updater, "learning", "learning")
