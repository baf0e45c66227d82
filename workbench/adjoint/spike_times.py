"""What the time of a spike does: how fast a layer's variables change around it, and how fast its drive rises.

Where the drive crosses its threshold a little later, all that the spike does comes later: its own neuron goes on for as
long without being reset, and what arrives at others does so when these are elsewhere. What the loss makes of that,
divided by the speed at which the drive rises, is its slope by the drive. Wunderlich and Pehle (2021),
doi:10.1038/s41598-021-91786-z, have it in continuous time; here things go on for a whole step, so that the error is of
the order of a step.
"""

from workbench.adjoint.lines import Arrive, Assign, Decide, Displace, Flow, Gather, Layer, Line
from workbench.adjoint.reading import NotLoweredError
from workbench.declare.neuron import NeuronModel
from workbench.text.syntax import identifiers, substituted


def with_flows(layer: Layer) -> tuple[Line | Flow, ...]:
    """Return a layer's lines, and between them how far its variables go by themselves around a reset."""
    if layer.decision is None:
        return layer.lines
    resets = [item for item in layer.lines if isinstance(item, Displace)]
    if not resets:
        return layer.lines
    begin = next(
        number
        for number, item in enumerate(layer.lines)
        if item.to in {name for each in resets for name in (each.displaced, each.to)}
    )
    after = dict(layer.decided)
    for variable, (_, end) in layer.carried.items():
        if any(item.to == end for item in resets):
            after[variable] = end
    before = _flows(layer, layer.decided, "-")
    return (*layer.lines[:begin], *before, *layer.lines[begin:], *_flows(layer, after, ""))


def crossing(layer: Layer) -> str:
    """Return by what the slope of a spike's time is multiplied to make that of the drive: 1 by how far it rises.

    Only where the drive was below its threshold a step ago does its crossing decide on the time.
    """
    decision = layer.decision
    assert decision is not None
    drive = next(item.text for item in layer.lines if isinstance(item, Assign) and item.to == decision.drive)
    begin = {known: layer.carried[name][0] for name, known in layer.decided.items() if name in layer.carried}
    sooner = f"({substituted(drive, begin)})"
    crosses = f"{decision.to} * int({sooner} < 0)"
    return f"{crosses} / (1 + {crosses} * ({decision.drive} - {sooner} - 1))"


def refuse_spike_times(layer: Layer, model: NeuronModel) -> None:
    """Refuse a layer whose spikes have no times that could be moved.

    Raises
    ------
    NotLoweredError
        Where it is not the crossing of a threshold by what is continuous in time that decides on a spike, or a spike
        does something else than to reset its neuron and to arrive elsewhere.
    """
    decision = layer.decision
    if decision is None:
        return
    if model.besides_threshold:
        raise NotLoweredError(f"{model.besides_threshold} has a part in the spikes of '{layer.name}'")
    places = [number for number, item in enumerate(layer.lines) if isinstance(item, Decide)]
    if any(isinstance(item, Gather | Arrive) for item in layer.lines[: places[0]]):
        raise NotLoweredError(f"'{layer.name}' decides on a spike by what arrives in the same step")
    arrives = {item.before for item in layer.lines if isinstance(item, Arrive)}
    drive = next((item.text for item in layer.lines if isinstance(item, Assign) and item.to == decision.drive), "")
    if not drive or arrives & identifiers(drive):
        raise NotLoweredError(f"what arrives at '{layer.name}' moves its drive at once")


def _flows(layer: Layer, names: dict[str, str], sign: str) -> list[Flow]:
    """Return how far each variable would go in a step, from where it is under some names."""
    at = {layer.carried[name][0]: known for name, known in names.items() if name in layer.carried}
    made: dict[str, str] = {}
    for item in layer.lines:
        if isinstance(item, Decide):
            break
        if isinstance(item, Assign):
            made[item.to] = f"({substituted(item.text, made)})"
    found = []
    for variable, known in names.items():
        decided = layer.decided[variable]
        if variable in layer.carried and decided in made:
            found.append(Flow(known, f"{sign}({substituted(made[decided], at)} - {known})"))
    return found
