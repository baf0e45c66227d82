"""What a learning rule is: frozen data, written by a plugin and read by everything else.

A rule never writes a weight. It accumulates, in each plastic synapse, the variable `g`: an estimate of the
gradient of the loss by the weight, as an integral over time [second]. The host divides by the duration of the loss
window and by the number of trials, and applies one of its optimizers.
"""

import re
from dataclasses import dataclass, field
from typing import Literal

from workbench.errors import RuleError

#: How the learning signal may reach a hidden neuron.
FEEDBACK = {
    "symmetric": "through the transpose of the forward weights, layer by layer",
    "random_chained": "through fixed random weights, layer by layer (feedback alignment)",
    "random_direct": "through fixed random weights straight from the output (direct feedback alignment)",
    "local_readout": "from a fixed random readout of the layer itself and that readout's own loss",
    "none": "not at all",
}

_NAME = re.compile(r"[a-z][a-z0-9_]*$")


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A number or word of a rule that a study may set.

    Attributes
    ----------
    name : str
        As in the equations and in `study.toml`.
    default : str or float
        A quantity such as ``"20 ms"``, a number, or a word.
    choices : tuple of str
        The words allowed; empty for a number.
    doc : str
        One line: what it is, with its unit.
    """

    name: str
    default: str | float
    choices: tuple[str, ...] = ()
    doc: str


@dataclass(frozen=True, kw_only=True)
class LearningSignal:
    """The third factor of a rule.

    Attributes
    ----------
    name : str
        The postsynaptic variable that carries it; read in `synapse` as ``<name>_post``.
    feedback : str
        The pathway by default, one of `FEEDBACK`; a study may choose another.
    relay : str
        What a hidden neuron hands down to the layer below where feedback is layer by layer: an expression of its
        own variables.
    """

    name: str = "error"
    feedback: str = "symmetric"
    relay: str = "error * psi"


@dataclass(frozen=True, kw_only=True)
class ExactFor:
    """A case in which the rule's `g` is the gradient itself; the tests build it and compare.

    Attributes
    ----------
    loss : {"network", "local_readout"}
        Of which loss: that of the network's readout, or each layer's own.
    depth : int or None
        The number of hidden layers for which it holds; None for any.
    feedback : str
        The pathway for which it holds.
    reset : {"constant", "differentiated"}
        The reference's treatment of the reset.
    """

    loss: Literal["network", "local_readout"]
    depth: int | None
    feedback: str
    reset: Literal["constant", "differentiated"] = "constant"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A learning rule for the hidden layers of a network.

    Equations are Brian2 text. In `synapse`, names that end in ``_pre`` and ``_post`` belong to the neurons at either
    end, ``tau_..._post`` to the neuron model of the target layer and ``tau_..._readout`` to the readout's.
    ``dx/dt = (constant coefficients times synaptic variables) + f`` is integrated exactly over the step, then ``f*dt``
    is added in the learning slot; so a sum over spikes, which are one per step, is written ``f/dt``.

    Attributes
    ----------
    name : str
        Lower case with underscores; what study files call it.
    title : str
        As in figures and tables.
    doi : str
        Of the paper that defines it; empty for a reference point that needs none.
    pre : str
        Differential equations of traces that each presynaptic neuron keeps.
    pre_on_spike : str
        Statements on those traces when the presynaptic neuron spikes.
    post : str
        Differential equations that each postsynaptic neuron adds to its own.
    synapse : str
        Differential equations of each synapse; one of them defines `g` [second].
    signal : LearningSignal or None
        The learning signal; None where the rule takes none.
    engine : {"brian2", "reference", "none"}
        Who computes `g`: the equations here, the exact reference, or nobody (hidden layers never learn).
    estimates : {"gradient", "objective", "nothing"}
        What `g` stands for: the gradient of a loss, that of the rule's own objective, or nothing.
    exact_for : tuple of ExactFor
        The cases in which `g` is exact.
    parameters : tuple of Parameter
        What a study may set.
    """

    name: str
    title: str
    doi: str = ""
    pre: str = ""
    pre_on_spike: str = ""
    post: str = ""
    synapse: str = ""
    signal: LearningSignal | None = None
    engine: Literal["brian2", "reference", "none"] = "brian2"
    estimates: Literal["gradient", "objective", "nothing"] = "gradient"
    exact_for: tuple[ExactFor, ...] = ()
    parameters: tuple[Parameter, ...] = field(default=())

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise RuleError(
                f"Rule '{self.name}': a name has lower-case letters, digits and underscores and starts with a letter."
            )
        if self.engine == "brian2" and not re.search(r"\bdg\s*/\s*dt\s*=", self.synapse):
            raise RuleError(
                f"Rule '{self.name}': `synapse` must define 'g', the gradient estimate, as 'dg/dt = ... : second'."
            )
        if self.engine != "brian2" and (self.pre or self.post or self.synapse):
            raise RuleError(
                f"Rule '{self.name}' has equations, but engine '{self.engine}' would never run them. "
                "Use engine 'brian2', or drop the equations."
            )
        if self.signal is not None and self.signal.feedback not in FEEDBACK:
            raise RuleError(
                f"Rule '{self.name}': feedback '{self.signal.feedback}' is not one of {', '.join(FEEDBACK)}."
            )

    @property
    def default_feedback(self) -> str:
        """The pathway of the learning signal where a study names none."""
        return "none" if self.signal is None else self.signal.feedback

    def feedback_choices(self) -> tuple[str, ...]:
        """Return the pathways that this rule can run with."""
        return ("none",) if self.signal is None else tuple(name for name in FEEDBACK if name != "none")
