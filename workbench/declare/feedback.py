"""The pathways by which a learning signal may reach a hidden neuron, as data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from workbench.common.errors import ModelError, nearest
from workbench.declare.feedback_rule import FeedbackRule
from workbench.declare.field_types import declared
from workbench.declare.learning_signal import LearningSignal
from workbench.declare.loss import Loss
from workbench.declare.neuron import NeuronModel
from workbench.declare.options import Targets
from workbench.declare.parameter import Parameter

Origin = Literal["above", "output", "layer", "nowhere"]
Weighing = Literal["forward", "sign", "random", "learned", "by_rule", "constant", "none"]

#: What may weigh a signal, by where it begins: what `workbench.model.feedback` can make, and a test holds it to this.
WEIGHINGS: dict[Origin, tuple[Weighing, ...]] = {
    "above": ("forward", "sign", "random", "learned", "by_rule", "constant"),
    "output": ("random", "constant"),
    "layer": ("random", "constant"),
    "nowhere": ("none",),
}


@declared(ModelError, "Feedback")
@dataclass(frozen=True, kw_only=True)
class Pathway:
    """A way of a learning signal: where it begins, and what weighs it.

    Attributes
    ----------
    name : str
        What study files call it.
    origin : {"above", "output", "layer", "nowhere"}
        The layer above, which relays what it gets itself; the output; a readout of the layer's own.
    weights : {"forward", "sign", "random", "learned", "by_rule", "constant", "none"}
        The transposed forward weights; fixed random magnitudes with the signs of these; fixed random weights; random
        weights that change as the forward weights do, or by a rule of their own; one fixed weight for all.
    doc : str
        One line about it.
    density : float
        Share of random weights that are not 0, on average, above 0 and up to 1; those are larger, so that sums are not.
    carries : {"error", "excess"}
        The errors of the outputs, or by how much the loss of each is above that of an output of 0; of a task with
        rewards what the answer is worth, negative, at the end of the loss's window.
    known_as : tuple of str
        Other names that study files may use.
    rule : FeedbackRule or None
        By which its weights learn, if they do so by one.
    doi : str
        Of the paper that proposes it; empty of what is common property, or where that is in `rule`.
    """

    name: str
    origin: Origin
    weights: Weighing
    doc: str
    density: float = 1.0
    carries: Literal["error", "excess"] = "error"
    known_as: tuple[str, ...] = ()
    rule: FeedbackRule | None = None
    doi: str = ""

    def suits(self, signal: LearningSignal | None) -> bool:
        """Return whether a rule can run with it.

        Parameters
        ----------
        signal : LearningSignal or None
            Of the rule.

        Returns
        -------
        bool
            Whether it brings a signal where the rule takes one, and none where it takes none.
        """
        return (signal is None) == (self.origin == "nowhere")

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The numbers by which its weights learn, if they have a rule."""
        return () if self.rule is None else self.rule.parameters

    def with_parameters(self, values: Mapping[str, str | float]) -> "Pathway":
        """Return the same pathway with other defaults for those of its parameters that are named.

        Parameters
        ----------
        values : mapping of str to (str or float)
            By name of the parameter; others are left aside.

        Returns
        -------
        Pathway
            Whose other parameters keep their defaults.
        """
        return self if self.rule is None else replace(self, rule=self.rule.with_parameters(values))

    @property
    def names(self) -> tuple[str, ...]:
        """All names that study files may use, its own first."""
        return (self.name, *self.known_as)

    def __post_init__(self) -> None:
        if self.weights not in WEIGHINGS[self.origin]:
            raise ModelError(
                f"Feedback '{self.name}' begins at '{self.origin}', from where nothing is weighed by '{self.weights}'. "
                f"{nearest(self.weights, WEIGHINGS[self.origin])}"
            )
        if not (0 < self.density <= 1 and (self.density == 1 or self.weights in {"random", "sign"})):
            raise ModelError(
                f"Feedback '{self.name}': `density` must be above 0 and up to 1, and 1 where weights are not fixed "
                f"random ones, not {self.density} where they are '{self.weights}'."
            )
        if (self.rule is None) == (self.weights == "by_rule"):
            raise ModelError(
                f"Feedback '{self.name}': `rule` is needed where `weights` is 'by_rule', and nowhere else."
            )
        by_one = (self.origin, self.weights) == ("output", "constant")
        if self.carries == "excess" and not by_one:
            raise ModelError(
                f"Feedback '{self.name}' cannot carry '{self.carries}' by weights '{self.weights}' from "
                f"'{self.origin}'. Errors come by all weights, the excess of the loss by constant ones from the output."
            )


#: The pathways that are built in, by name.
FEEDBACK = {
    pathway.name: pathway
    for pathway in (
        Pathway(
            name="symmetric",
            origin="above",
            weights="forward",
            doc="through the transpose of the forward weights, layer by layer",
        ),
        Pathway(
            name="sign_symmetric",
            origin="above",
            weights="sign",
            doc="through fixed random magnitudes with the signs of the forward weights, layer by layer",
            doi="10.48550/arXiv.1510.05067",
        ),
        Pathway(
            name="random_chained",
            origin="above",
            weights="random",
            doc="through fixed random weights, layer by layer",
            known_as=("feedback_alignment",),
            doi="10.1038/ncomms13276",
        ),
        Pathway(
            name="learned",
            origin="above",
            weights="learned",
            doc="through weights that begin at random and change as the forward weights do, both with a decay",
            known_as=("kolen_pollack",),
            doi="10.1109/ICNN.1994.374486",
        ),
        Pathway(
            name="random_direct",
            origin="output",
            weights="random",
            doc="through fixed random weights straight from the output",
            known_as=("direct_feedback_alignment",),
            doi="10.48550/arXiv.1609.01596",
        ),
        Pathway(
            name="uniform",
            origin="output",
            weights="constant",
            doc="the sum of all output errors, the same for every neuron",
        ),
        Pathway(
            name="global_scalar",
            origin="output",
            weights="constant",
            carries="excess",
            doc="one number for all: the loss of this step, less that of outputs of 0; or what the answer is worth",
        ),
        Pathway(
            name="local_readout",
            origin="layer",
            weights="random",
            doc="from a fixed random readout of the layer itself and that readout's own loss",
            doi="10.3389/fnins.2018.00608",
        ),
        Pathway(name="none", origin="nowhere", weights="none", doc="not at all"),
    )
}

#: Every name of a pathway -> the one under which it is kept.
NAMES = {name: pathway.name for pathway in FEEDBACK.values() for name in (pathway.name, *pathway.known_as)}


def names_among(choices: Iterable[str]) -> list[str]:
    """Return all names of some pathways."""
    return [name for name, kept in NAMES.items() if kept in set(choices)]


def refusal(
    pathway: Pathway, neuron: NeuronModel, loss: Loss, targets: Targets = "trial", signal: LearningSignal | None = None
) -> str:
    """Return why no learning signal would arrive by a pathway; empty where one would.

    Parameters
    ----------
    pathway : Pathway
        Of the learning signal.
    neuron : NeuronModel
        Of the hidden layers.
    loss : Loss
        Of the readout.
    targets : {"trial", "step", "spikes"}
        What the task wants of the readout.
    signal : LearningSignal or None
        Of the rule; where outputs hand down something else than errors, these need not add up to anything.
    """
    if pathway.origin == "layer" and not neuron.spiking:
        return f"Feedback '{pathway.name}' reads spikes, and neuron '{neuron.name}' has none."
    if pathway.origin == "layer" and targets == "spikes":
        return f"Feedback '{pathway.name}' is from a readout without a filter, and the task wants spike trains."
    errors = pathway.carries == "error" and (signal is None or signal.source == "error")
    if pathway.weights == "constant" and errors and loss.cancels:
        return f"Feedback '{pathway.name}' brings the sum of all errors, which is always 0 for loss '{loss.name}'."
    return ""
