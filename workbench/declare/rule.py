"""What a learning rule is: frozen data, written by a plugin and read by everything else.

A rule never writes a weight. It accumulates, in each plastic synapse, the variable `g`: an estimate of the
gradient of the loss by the weight, as an integral over time [second]. The host divides by the duration of the loss
window and by the number of trials, and applies one of its optimizers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from workbench.common.errors import RuleError, nearest
from workbench.declare.feedback import FEEDBACK
from workbench.declare.field_types import declared
from workbench.declare.options import Targets
from workbench.declare.references import BESIDE_RULES
from workbench.text.equation_text import in_their_lines, read_equations
from workbench.text.quantities import units_of, values_of
from workbench.text.time_constants import refuse_times

_NAME = re.compile(r"[a-z][a-z0-9_]*$")


@declared(RuleError, "Parameter")
@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A number or word of a rule or task that a study may set.

    Attributes
    ----------
    name : str
        As in study files and, a rule's number, in its equations.
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


@declared(RuleError, "LearningSignal")
@dataclass(frozen=True, kw_only=True)
class LearningSignal:
    """The third factor of a rule.

    Attributes
    ----------
    name : str
        The postsynaptic variable that carries it; read in `synapse` as ``<name>_post``.
    feedback : str
        The pathway by default, one of `workbench.declare.feedback.FEEDBACK`; a study may choose another.
    source : str
        What the outputs hand down: ``error``, the derivative of the loss, or a variable of the rule's `output_step`. By
        local readouts their own error comes, and by one scalar for all the loss, whatever the source.
    relay : str
        What a hidden neuron hands down to the layer below where feedback is layer by layer: an expression of its
        own variables; the signal times `psi` by default.
    """

    name: str = "error"
    feedback: str = "symmetric"
    source: str = "error"
    relay: str = ""

    def __post_init__(self) -> None:
        if not self.relay:
            object.__setattr__(self, "relay", f"{self.name} * psi")


@declared(RuleError, "OnStep")
@dataclass(frozen=True, kw_only=True)
class OnStep:
    """What neurons do in each step while they learn, besides their equations: units of their own, as statements.

    Attributes
    ----------
    code : str
        Statements, run when the learning signal has come. They read the variables and parameters of their neuron and of
        the rule, ``spiked``, ``psi``, the signal, ``dt``, ``elapsed`` (the share of the trial that is over in the
        middle of this step), ``ends`` (1 in its last step) and, of an output, ``target`` and ``error``, the derivative
        of the loss. An output may set its ``error``, from which its weights learn, to something else.
    state : tuple of str
        Variables of theirs, without unit and 0 at the start of a trial, which other equations of the rule may read.
    writes : tuple of str
        Variables of the neuron model that they set. A rule that has any changes what the network does.
    """

    code: str
    state: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()


@declared(RuleError, "Regularizer")
@dataclass(frozen=True, kw_only=True)
class Regularizer:
    """A term of `g` besides the loss's, which costs nothing where its strength is 0.

    Attributes
    ----------
    strength : str
        The parameter of the rule that multiplies it.
    post : str
        Differential equations that each postsynaptic neuron keeps for it.
    synapse : str
        The term itself, an expression as of ``dg/dt``.
    """

    strength: str
    post: str = ""
    synapse: str


@declared(RuleError, "ExactFor")
@dataclass(frozen=True, kw_only=True)
class ExactFor:
    """A case in which the rule's `g` is the gradient itself, in layers that do not reach themselves.

    The checks of the rule build it and compare.

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
    neurons, readouts : tuple of str
        The neuron models of hidden layers and readouts for which it holds; of any, where there are none.
    delays : {"none", "inputs", "any"}
        Which spikes may be delayed: none, those of inputs, or any.
    """

    loss: Literal["network", "local_readout"]
    depth: int | None
    feedback: str
    reset: Literal["constant", "differentiated"] = "constant"
    neurons: tuple[str, ...] = ()
    readouts: tuple[str, ...] = ()
    delays: Literal["none", "inputs", "any"] = "none"

    def covers(self, neuron: str, readout: str) -> bool:
        """Return whether it holds in networks of a neuron model and a readout."""
        return all(name in names for name, names in ((neuron, self.neurons), (readout, self.readouts)) if names)


@declared(RuleError, "Rule")
@dataclass(frozen=True, kw_only=True)
class Rule:
    """A learning rule for the hidden layers of a network.

    Equations are Brian2 text. In `synapse`, names that end in ``_pre`` and ``_post`` belong to the neurons at either
    end (``spiked`` is 1 in the step of a spike, else 0; of neurons without spikes, what they send in the step;
    ``drive_post`` is how far a hidden neuron is above its threshold),
    ``tau_..._post`` to the neuron model of the target layer and ``tau_..._readout`` to the readout's; the rule's own
    numbers are read by their names. `post` and `synapse` run in the learning slot, when the step's spikes have arrived
    and no neuron is reset yet: of ``dx/dt = (constant coefficients times variables beside it) + f``, the linear part is
    integrated exactly over the step, then ``f*dt`` is added; so a sum over spikes, which are one per step, is written
    ``f/dt``. `g` adds up last, and nothing else reads it.

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
        Differential equations that each postsynaptic neuron keeps for the rule.
    on_step, output_step : OnStep or None
        What the hidden neurons, and the outputs, do in each step besides.
    synapse : str
        Differential equations of each synapse; one of them defines `g` [second].
    signal : LearningSignal or None
        The learning signal; None where the rule takes none.
    regularizer : Regularizer or None
        What is added to `g` besides.
    neuron : str
        The neuron model of the hidden layers that it is written for, whose parameters it may read; empty where that of
        any will do.
    readout : str
        The same of the readout.
    targets : {"", "trial", "step", "spikes"}
        The kind of targets that it is written for, as a task has them; empty where any will do.
    trains_readout : bool
        Whether the weights of the readout learn by this rule too, instead of the exact delta rule; what `synapse` reads
        of its target is then a variable of `output_step` as well.
    engine : {"brian2", "reference", "none"}
        Who computes `g`: the equations here, the exact reference, or nobody (hidden layers never learn).
    direction : {"reverse", "forward"}
        For the engine "reference": the gradient by going back through the trial, or by carrying along the derivative of
        every neuron by every weight.
    by_steps : str
        Why its estimate does not converge as time steps get shorter; empty where it does.
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
    on_step: OnStep | None = None
    output_step: OnStep | None = None
    synapse: str = ""
    signal: LearningSignal | None = None
    regularizer: Regularizer | None = None
    neuron: str = ""
    readout: str = ""
    targets: Targets | Literal[""] = ""
    trains_readout: bool = False
    engine: Literal["brian2", "reference", "none"] = "brian2"
    direction: Literal["reverse", "forward"] = "reverse"
    by_steps: str = ""
    estimates: Literal["gradient", "objective", "nothing"] = "gradient"
    exact_for: tuple[ExactFor, ...] = ()
    parameters: tuple[Parameter, ...] = field(default=())

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise RuleError(
                f"Rule '{self.name}': a name has lower-case letters, digits and underscores and starts with a letter."
            )
        if self.name in BESIDE_RULES:
            raise RuleError(f"Rule '{self.name}': the name is taken by a row of every comparison. Choose another.")
        if self.engine == "brian2" and not re.search(r"\bdg\s*/\s*dt\s*=", self.synapse):
            raise RuleError(
                f"Rule '{self.name}': `synapse` must define 'g', the gradient estimate, as 'dg/dt = ... : second'."
            )
        equations = (self.pre, self.post, self.synapse, self.on_step, self.output_step)
        if self.engine != "brian2" and any(equations):
            raise RuleError(
                f"Rule '{self.name}' has equations, but engine '{self.engine}' would never run them. "
                "Use engine 'brian2', or drop the equations."
            )
        if self.regularizer is not None and self.regularizer.strength not in {item.name for item in self.parameters}:
            raise RuleError(
                f"Rule '{self.name}': the regularizer's '{self.regularizer.strength}' is no parameter of it."
            )
        if self.trains_readout and (self.signal is None or self.signal.name != "error"):
            raise RuleError(
                f"Rule '{self.name}' trains the readout, so that its signal must be called 'error', as there."
            )
        if self.signal is not None and self.signal.feedback not in self.feedback_choices():
            raise RuleError(
                f"Rule '{self.name}': a learning signal cannot come by feedback '{self.signal.feedback}'. "
                f"{nearest(self.signal.feedback, self.feedback_choices())}"
            )
        steps = [step.code for step in (self.on_step, self.output_step) if step is not None]
        texts = [self.pre, self.pre_on_spike, self.post, self.synapse, *steps]
        if self.regularizer is not None:
            texts += [self.regularizer.post, self.regularizer.synapse]
        refuse_times(self.values(), self.units(), texts, f"Rule '{self.name}'", RuleError)

    @property
    def numbers(self) -> tuple[tuple[str, str | float], ...]:
        """The parameters that are numbers, which equations read: names and values."""
        if self.engine != "brian2":
            return ()
        return tuple((item.name, item.default) for item in self.parameters if not item.choices)

    def values(self) -> dict[str, float]:
        """Return the numbers in SI base units."""
        return values_of(self.numbers, self.name)

    def units(self) -> dict[str, str]:
        """Return the numbers' units."""
        return units_of(self.numbers, self.name)

    def with_parameters(self, values: Mapping[str, str | float]) -> "Rule":
        """Return the same rule with other defaults for some of its parameters."""
        parameters = [replace(item, default=values.get(item.name, item.default)) for item in self.parameters]
        return replace(self, parameters=tuple(parameters))

    def written_out(self, whole: bool = False) -> "Rule":
        """Return the same rule with its regularizer among its equations, where that has a strength.

        Parameters
        ----------
        whole : bool
            Whether it is written out even where its strength is 0.
        """
        added = self.regularizer
        if added is None:
            return self
        if not whole and self.values()[added.strength] == 0:
            return replace(self, regularizer=None)
        where = f"Rule '{self.name}', `synapse`"
        equations = [
            replace(item, expression=f"({item.expression}) + {added.strength} * ({added.synapse})")
            if item.name == "g"
            else item
            for item in read_equations(self.synapse, where, RuleError)
        ]
        post = f"{self.post}\n{added.post}".strip()
        return replace(self, post=post, synapse=in_their_lines(equations), regularizer=None)

    @property
    def intervenes(self) -> bool:
        """Whether it changes what the network does while it learns."""
        return any(step is not None and step.writes for step in (self.on_step, self.output_step))

    @property
    def default_feedback(self) -> str:
        """The pathway of the learning signal where a study names none."""
        return "none" if self.signal is None else self.signal.feedback

    def targets_with(self, spiking: bool) -> Targets:
        """Return the targets that it is shown where a task does not say, of a readout that spikes or does not."""
        return self.targets or ("spikes" if spiking and self.output_step is None else "trial")

    def refuses(self, neuron: str, readout: str, targets: Targets | Literal[""] = "") -> str:
        """Return why the rule cannot run with some neuron model, readout and targets; empty where it can."""
        if targets and self.targets not in {"", targets}:
            return f"It is written for targets of kind '{self.targets}', and the task has '{targets}'."
        for what, needed, given in (("neuron", self.neuron, neuron), ("readout", self.readout, readout)):
            if needed not in {"", given}:
                has = f"and the network has '{given}'. Set network.{what} = \"{needed}\"."
                return f"It is written for {what} '{needed}', {has}"
        return ""

    def feedback_choices(self) -> tuple[str, ...]:
        """Return the pathways that this rule can run with."""
        if self.signal is None:
            return ("none",)
        return tuple(name for name in FEEDBACK if name != "none")
