"""Six complaints against backpropagation, each answered from what an estimate depends on."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.audit.locality.dependency_graph import Provenance
from workbench.declare.feedback import Pathway

#: The five complaints of Shrestha et al. (2019, doi:10.1145/3354265.3354275) against backpropagation, and that of
#: Neftci, Mostafa and Zenke (2019, doi:10.1109/MSP.2019.2931595) about time.
COMPLAINTS = {
    "phases": "separate phases",
    "derivatives": "differentiable neurons",
    "precision": "high-precision errors",
    "weight_copy": "copy of forward weights",
    "update": "non-local update",
    "time": "non-local in time",
}


@dataclass(frozen=True)
class Score:
    """Whether a complaint holds.

    Attributes
    ----------
    value : float
        0 where it does not, 1 where it does, 0.5 where in part.
    reason : str
        What was seen.
    """

    value: float
    reason: str


def scored(graph: Provenance, pathway: Pathway) -> dict[str, Score]:
    """Return whether each complaint holds of an estimate.

    Parameters
    ----------
    graph : Provenance
        All that it depends on.
    pathway : Pathway
        Which alone knows whether fixed weights are all the same.
    """
    return {
        "phases": _phases(graph, pathway),
        "derivatives": _derivatives(graph),
        "precision": _precision(graph),
        "weight_copy": _weight_copy(graph),
        "update": _update(graph, pathway),
        "time": Score(0.0, "What it adds in a step depends on what has been until then."),
    }


def _phases(graph: Provenance, pathway: Pathway) -> Score:
    if pathway.rule is not None:
        return Score(1.0, "Feedback weights learn in a phase of their own, without a task.")
    told = {node.variable for node in graph.nodes if node.place == "trial"}
    if not told:
        return Score(0.0, "Nothing asks how much of a trial is over.")
    if told <= {"ends", "trial_end"}:
        return Score(0.5, "It acts when a trial ends.")
    return Score(1.0, "Neurons do other things in other parts of a trial.")


def _derivatives(graph: Provenance) -> Score:
    places = dict.fromkeys(node.place for node in graph.nodes if node.variable == "psi")
    if places:
        return Score(1.0, f"It reads the surrogate derivative of {listed(tuple(places))}.")
    # One of the author's own, under whatever name.
    own = graph.derivatives()
    if own:
        curve = own[0]
        read = f"'{curve.read.variable}' of {curve.read.place}"
        return Score(1.0, f"'{curve.reader.variable}' reads {read} by a curve, as a surrogate derivative does.")
    return Score(0.0, "No derivative of a spike is read.")


def _precision(graph: Provenance) -> Score:
    crossings = graph.crossings()
    if not crossings:
        return Score(0.0, "Nothing comes from other neurons.")
    analog = [edge for edge in crossings if edge.levels is None]
    if analog:
        return Score(1.0, f"'{analog[0].read.variable}' of {analog[0].read.place} is a number of high precision.")
    most = max(len(edge.levels or ()) for edge in crossings)
    return Score(0.0, f"What is sent takes {most} values.")


#: What weighs a signal where weights of other synapses have a part in it.
_COPIES = frozenset({"transpose", "copied", "returned", "signs", "learned", "begun"})


def _weight_copy(graph: Provenance) -> Score:
    kinds = {edge.kind: edge for edge in graph.edges if edge.kind in _COPIES}
    if "transpose" in kinds:
        return Score(
            1.0, f"The weights of {kinds['transpose'].weights.removeprefix('w_')} are read the other way about."
        )
    if "copied" in kinds:
        return Score(1.0, f"Feedback weights learn by reading the weights onto {kinds['copied'].read.place}.")
    if "returned" in kinds:
        return Score(1.0, "Feedback weights are read the other way about, by what they learn from.")
    if "signs" in kinds:
        return Score(0.5, "Signs of the forward weights are read.")
    if "learned" in kinds:
        return Score(0.5, "Steps of the forward weights are read, not the weights.")
    if "begun" in kinds:
        return Score(0.5, "Weights begin as a copy of forward weights, and stay.")
    return Score(0.0, "No weights of other synapses are read.")


def _update(graph: Provenance, pathway: Pathway) -> Score:
    crossings = graph.crossings()
    direct = graph.read_directly()
    reaching = [edge for edge in crossings if edge.read in direct]
    if not crossings:
        return Score(0.0, "It reads its two neurons alone.")
    if not reaching:
        return Score(0.0, "It reads its two neurons alone; errors act on what these do.")
    layer, pairs = graph.projection.target, graph.projection.pairs
    paired = [edge.read for edge in reaching if edge.read.owner == pairs]
    if paired:
        return Score(1.0, f"It reads '{paired[0].variable}' of all {paired[0].place}.")
    if all(edge.read.place == f"{layer}_readout" for edge in reaching):
        return Score(0.5, "A third factor comes from a readout of the same layer.")
    if pathway.weights == "constant":
        return Score(0.5, "A third factor is the same for all neurons.")
    places = tuple(dict.fromkeys(edge.read.place for edge in reaching))
    return Score(1.0, f"A third factor comes from {listed(places)}, for each neuron another.")


def listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence."""
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]])) if words else ""
