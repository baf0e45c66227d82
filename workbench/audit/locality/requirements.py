"""What a synapse needs to know for what a rule estimates: inferred, not declared."""

from dataclasses import dataclass
from math import isnan, log2, nan
from typing import Literal

from workbench.audit.locality.complaints import Score, listed, scored
from workbench.audit.locality.dependency_graph import Edge, Kind, Provenance
from workbench.audit.locality.provenance import provenance
from workbench.common.errors import StudyError, nearest
from workbench.declare.configuration import configuration_label
from workbench.declare.feedback import FEEDBACK, Pathway
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.neuron import NeuronModel
from workbench.declare.references import SEPARATED
from workbench.declare.rule import Rule
from workbench.model.renaming import ARRIVING, summed_as
from workbench.model.setup import Setup

_CARRIED: dict[Kind, str] = {
    "transpose": "the transpose of the forward weights of {layer}",
    "signs": "fixed weights with the signs of the forward weights of {layer}",
    "learned": "weights that take the steps of the forward weights of {layer}",
    "copied": "weights that learn by reading the forward weights of {layer}",
    "returned": "weights that learn by what they would carry the other way about",
    "by_rule": "weights that learn by a rule of their own",
    "begun": "fixed weights that begin as a copy of forward weights",
    "fixed": "fixed weights",
    "none": "one connection each",
}


@dataclass(frozen=True)
class Signal:
    """What the neurons of a layer get for the sake of learning.

    Attributes
    ----------
    origin : str
        The layer that sends it.
    variable : str
        What is sent.
    carried : str
        What weighs it on the way.
    bits : float
        Of what one neuron sends in a step; NaN where that is a number of high precision.
    end : {"presynaptic", "postsynaptic"}
        Which neuron of the synapse gets it.
    """

    origin: str
    variable: str
    carried: str
    bits: float
    end: Literal["presynaptic", "postsynaptic"] = "postsynaptic"


@dataclass(frozen=True)
class Locality:
    """What the estimate of one layer's weights depends on.

    Attributes
    ----------
    rule, title, feedback : str
        Whose estimate it is.
    layer : str
        The weights.
    pre, post, synapse : tuple of str
        Variables that it reads of the presynaptic and postsynaptic neuron, and keeps in the synapse.
    signals : tuple of Signal
        What comes from other neurons.
    scores : dict of str to Score
        By complaint, of `COMPLAINTS`; empty for a rule that makes no estimate.
    graph : Provenance or None
        All that it depends on; None for a rule that the reference computes.
    """

    rule: str
    title: str
    feedback: str
    layer: str
    pre: tuple[str, ...]
    post: tuple[str, ...]
    synapse: tuple[str, ...]
    signals: tuple[Signal, ...]
    scores: dict[str, Score]
    graph: Provenance | None

    @property
    def label(self) -> str:
        """Rule and pathway, as people read them."""
        return configuration_label(self.title, self.feedback)

    @property
    def total(self) -> float:
        """How many complaints hold; NaN where there is no estimate."""
        return sum(score.value for score in self.scores.values()) if self.scores else float("nan")

    def sentence(self) -> str:
        """Return what a synapse needs to know, in plain words."""
        if not self.scores:
            return "Hidden layers never learn."
        if self.graph is None:
            return self.scores["update"].reason
        parts = [f"its presynaptic neuron's {listed(self.pre)}"] if self.pre else []
        parts += [f"its postsynaptic neuron's {listed(self.post)}"] if self.post else []
        kept = f", and keeps {listed(self.synapse)} of its own" if self.synapse else ""
        told = f"A synapse of {self.layer} reads {' and '.join(parts)}{kept}."
        if not self.signals:
            return f"{told} Nothing comes from other neurons."
        for signal in self.signals:
            what = "analog numbers" if isnan(signal.bits) else f"spikes of {signal.bits:.2g} bits a step"
            told += (
                f" Its {signal.end} neuron gets '{signal.variable}' of {signal.origin}, {what}, by {signal.carried}."
            )
        return told


def locality(
    rule: Rule, feedback: str | Pathway, neuron: NeuronModel, readout: NeuronModel, depth: int = 2
) -> Locality:
    """Return what the estimate of the lowest hidden layer's weights depends on.

    Parameters
    ----------
    rule : Rule
        Of the hidden layers.
    feedback : str or Pathway
        The pathway, or the name of one that is built in; empty for the rule's own.
    neuron, readout : NeuronModel
        Of the hidden layers and of the readout.
    depth : int
        The number of hidden layers, at least 1.

    Raises
    ------
    StudyError
        Where the rule does not take the pathway.
    WorkbenchError
        Where its equations do not hold together.
    """
    named = feedback or rule.default_feedback
    pathway = named if isinstance(named, Pathway) else FEEDBACK.get(named)
    if pathway is None or not pathway.suits(rule.signal):
        told = pathway.name if pathway is not None else str(named)
        hint = nearest(told, rule.feedback_choices())
        raise StudyError(f"Rule '{rule.name}' does not take feedback '{told}'. {hint}")
    if not rule.has_equations:
        return _without_equations(rule, pathway.name)
    graph = provenance(_smallest(rule, pathway, neuron.alike(), readout.alike(), depth), "hidden1")
    return Locality(
        rule=rule.name,
        title=rule.title,
        feedback=pathway.name,
        layer="hidden1",
        pre=_read_at(graph, "pre"),
        post=_read_at(graph, "post"),
        synapse=_read_at(graph, "synapse"),
        signals=_signals(graph),
        scores=scored(graph, pathway),
        graph=graph,
    )


def _read_at(graph: Provenance, place: str) -> tuple[str, ...]:
    read = (node.variable for node in graph.nodes[1:] if node.place == place)
    return tuple(dict.fromkeys(summed_as(variable) for variable in read if not variable.startswith(ARRIVING)))


def _signals(graph: Provenance) -> tuple[Signal, ...]:
    found = []
    crossings = graph.crossings()
    forward = {(edge.reader, edge.read) for edge in crossings if edge.kind == "signs"}
    for edge in crossings:
        # Magnitudes go with the signs that they are given.
        if edge.kind == "fixed" and (edge.reader, edge.read) in forward:
            continue
        carried = _CARRIED[edge.kind].format(layer=edge.weights.removeprefix("w_") or "")
        if edge.kind in {"learned", "copied"}:
            carried = _CARRIED[edge.kind].format(layer=edge.read.place)
        end: Literal["presynaptic", "postsynaptic"] = "presynaptic" if edge.reader.place == "pre" else "postsynaptic"
        found.append(Signal(edge.read.place, summed_as(edge.read.variable), carried, _bits(edge), end))
    return tuple(dict.fromkeys(found))


def _bits(edge: Edge) -> float:
    return log2(len(edge.levels)) if edge.levels else nan


def _smallest(rule: Rule, pathway: Pathway, neuron: NeuronModel, readout: NeuronModel, depth: int) -> Setup:
    """Return a network to be read; of another size each, so that no two layers are taken for one another."""
    network = Network(
        n_inputs=5, hidden=tuple(range(6, 6 + depth)), n_outputs=3, neuron=neuron, readout=readout, loss=SQUARED_ERROR,
    )  # fmt: skip
    targets = rule.targets_with(readout.spiking)
    return Setup(network=network, rule=rule, feedback=pathway, trial_capacity=2, event_capacity=2, targets=targets)


def _without_equations(rule: Rule, feedback: str) -> Locality:
    """Return what is known of a rule without equations: what the reference computes it by, if anybody does."""
    scores = {}
    if rule.follows_reference:
        back = rule.direction == "reverse"
        reads = (
            "It reads the states of all neurons at all steps, and all weights."
            if back
            else "It carries along the derivative of neurons by each weight, and reads all weights."
        )
        scores = {
            "phases": Score(float(back), "A pass back over the trial." if back else "Nothing but a pass forward."),
            "derivatives": Score(1.0, "It reads the surrogate derivatives of all neurons.")
            if rule.is_exact_gradient or rule.gradient == SEPARATED
            else Score(0.0, "No derivative of a spike is read, but how fast the drive rises, or what spikes find."),
            "precision": Score(1.0, "All of it are numbers of high precision."),
            "weight_copy": Score(1.0, "All weights are read, far from their synapses."),
            "update": Score(1.0, reads),
            "time": Score(float(back), "It begins at the end of the trial." if back else "It goes with time."),
        }
    return Locality(rule.name, rule.title, feedback, "hidden1", (), (), (), (), scores, None)
