"""The kinds of pathways, by where the signal begins and what weighs it: what makes each of them."""

from collections.abc import Callable
from dataclasses import dataclass

from brian2 import TimedArray

from workbench.declare.learning_signal import LearningSignal
from workbench.declare.projection import Projection
from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.feedback import by_rule, clock_driven, event_driven, local_readout
from workbench.model.feedback.clock_driven import way_up

#: Adds what carries a signal to one hidden layer: of the parts, the layer, the group where the signal begins, how far
#: the layer is from the readout, and the variable that this group hands over.
Builder = Callable[[Parts, str, str, int, str], None]


@dataclass(frozen=True)
class Kind:
    """What makes a pathway.

    Attributes
    ----------
    clock_driven, event_driven : callable
        Add it for one hidden layer, in either form; see `Builder`.
    neurons : callable, optional
        Adds neurons of its own for a hidden layer, given the parts, the layer and the table of targets.
    declared_in_forward : callable, optional
        Returns what clock-driven forward synapses declare for it, given the parts and the projection.
    """

    clock_driven: Builder
    event_driven: Builder
    neurons: Callable[[Parts, str, TimedArray], None] | None = None
    declared_in_forward: Callable[[Parts, Projection], str] | None = None


_FIXED = Kind(clock_driven.add_fixed, event_driven.add_fixed)
_LOCAL = Kind(clock_driven.add_local_readout, event_driven.add_local_readout, neurons=local_readout.add_neurons)

#: Where the signal begins and what weighs it -> what makes the pathway. `weights` draws what weighs it.
KINDS: dict[tuple[str, str], Kind] = {
    ("above", "forward"): Kind(
        clock_driven.carry_back, event_driven.carry_back, declared_in_forward=clock_driven.declared_in_forward
    ),
    ("above", "sign"): Kind(clock_driven.add_signed, event_driven.add_signed),
    ("above", "learned"): Kind(clock_driven.add_learned, event_driven.add_learned),
    ("above", "by_rule"): Kind(by_rule.add_by_rule, by_rule.add_by_rule),
    ("above", "random"): _FIXED,
    ("above", "constant"): _FIXED,
    ("output", "random"): _FIXED,
    ("output", "constant"): _FIXED,
    ("layer", "random"): _LOCAL,
    ("layer", "constant"): _LOCAL,
}


def kind_of(parts: Parts) -> Kind:
    """Return what makes the pathway of a setup."""
    pathway = parts.setup.pathway
    return KINDS[pathway.origin, pathway.weights]


def add_neurons(parts: Parts, targets: TimedArray) -> None:
    """Add the neurons that the pathway has of its own, if any."""
    add = kind_of(parts).neurons
    if add is not None:
        for layer in parts.setup.network.learning_layers:
            add(parts, layer, targets)


def declared_in_forward(parts: Parts, projection: Projection) -> str:
    """Return what clock-driven forward synapses declare for the pathway; empty for most."""
    declare = kind_of(parts).declared_in_forward
    return declare(parts, projection) if declare is not None else ""


def add_pathway(parts: Parts, signal: LearningSignal) -> None:
    """Add what carries a rule's learning signal to all hidden layers, and what these hand down.

    Parameters
    ----------
    parts : Parts
        Has all layers and forward weights.
    signal : LearningSignal
        Of the rule.
    """
    setup = parts.setup
    kind = kind_of(parts)
    build = kind.clock_driven if setup.is_clock_driven else kind.event_driven
    for layer in setup.network.learning_layers:
        distance = setup.network.layers[::-1].index(layer)
        source, variable = _begins_at(parts, layer, signal)
        build(parts, layer, source, distance, variable)
        if layer in setup.network.stack[1:] and setup.pathway.origin == "above":
            parts.run_code(
                layer, "relay", f"relay = {parts.rule.relay}", schedule.relay(distance), "learning", gate="learning"
            )


def _begins_at(parts: Parts, layer: str, signal: LearningSignal) -> tuple[str, str]:
    """Return the group where the signal of a hidden layer begins, and the variable that this group hands over."""
    pathway = parts.setup.pathway
    if pathway.origin == "layer":
        return f"{layer}_readout", "error"
    if pathway.origin == "output":
        return "readout", signal.source if pathway.carries == "error" else pathway.carries
    above = way_up(parts, layer).target
    return above, signal.source if above == "readout" else "relay"
