"""What a learning rule is: frozen data, written by a plugin and read by everything else.

A rule never writes a weight. It accumulates, in each plastic synapse, the variable `g`: an estimate of the
gradient of the loss by the weight, as an integral over time [second]. The host divides by the duration of the loss
window and by the number of trials, and applies one of its optimizers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from workbench.common.errors import RuleError
from workbench.declare.circuit import Circuit
from workbench.declare.claims import Claims
from workbench.declare.configuration import NO_FEEDBACK
from workbench.declare.feedback import FEEDBACK
from workbench.declare.field_types import declared
from workbench.declare.learning_signal import LearningSignal
from workbench.declare.noise import Noise
from workbench.declare.options import Targets
from workbench.declare.parameter import Parameter
from workbench.declare.phase import Phase, with_phases
from workbench.declare.references import EXACT_GRADIENTS, EXACT_TIMES, RECORDED_TIMES, SEPARATED, SPIKE_TRAINS
from workbench.declare.regularizer import Regularizer
from workbench.declare.rule_checks import refuse_rule
from workbench.declare.rule_parts import OnGradient, OnStep, Pairs, WrittenFor
from workbench.declare.updates import Updates
from workbench.text.quantities import units_of, values_of


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
    name, title : str
        What study files call it, lower case with underscores; as in figures and tables.
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
    on_gradient : OnGradient or None
        What training makes of a gradient that the reference computes.
    synapse : str
        Differential equations of each synapse; one of them defines `g` [second].
    sums : tuple of (str, str)
        Names ending in ``_post`` that `synapse` reads, each the sum, over the synapses of the same weights onto the
        neuron, of an expression without unit of what `synapse` may read, such as ``("power_post", "p_pre**2")``; taken
        right before synapses learn.
    pairs : Pairs or None
        What it keeps for each pair of presynaptic neurons.
    noise : tuple of (str, str)
        Names of numbers that each synapse draws in each step, which `synapse` reads, as those of a `NeuronModel`. What
        neurons draw, rules read as ``eta_post``.
    signal : LearningSignal or None
        The learning signal; None where the rule takes none.
    regularizer : Regularizer or None
        What is added to `g` besides.
    phases : tuple of Phase
        Parts of a trial that its steps and synapses tell apart by name.
    circuit : Circuit or None
        Neurons and weights that it brings along for each hidden layer, such as interneurons.
    persistent : tuple of str
        Variables of `pre`, `post`, `synapse`, `pairs` or a step that a trial's start leaves alone; all others begin
        anew.
    updates : Updates
        When its weights change, and what they may be afterwards.
    written_for : WrittenFor
        The neuron models, readouts and targets that it needs.
    trains_readout : bool
        Whether the weights of the readout learn by this rule too, instead of the exact delta rule; what `synapse` reads
        of its target is then a variable of `output_step` as well, or its `error`, which a signal must then be called.
    engine : {"equations", "bptt", "rtrl", "ostl", "eventprop", "spike_trains", "none"}
        Who computes `g`: the equations here; the exact gradient, by going back through the trial or by carrying along
        the derivative of every neuron by every weight; the same within each layer, and between layers as if no time
        passed; the gradient by the times of spikes, in continuous time unless a parameter `times` says otherwise, or by
        their numbers; or nobody (hidden layers never learn).
    claims : Claims
        What it says of its estimate.
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
    on_gradient: OnGradient | None = None
    synapse: str = ""
    sums: tuple[tuple[str, str], ...] = ()
    pairs: Pairs | None = None
    noise: Noise = ()
    signal: LearningSignal | None = None
    regularizer: Regularizer | None = None
    phases: tuple[Phase, ...] = ()
    circuit: Circuit | None = None
    persistent: tuple[str, ...] = ()
    updates: Updates = field(default_factory=Updates)
    written_for: WrittenFor = field(default_factory=WrittenFor)
    trains_readout: bool = False
    engine: Literal["equations", "bptt", "rtrl", "ostl", "eventprop", "spike_trains", "none"] = "equations"
    claims: Claims = field(default_factory=Claims)
    parameters: tuple[Parameter, ...] = ()

    def __post_init__(self) -> None:
        refuse_rule(self)

    @property
    def numbers(self) -> tuple[tuple[str, str | float], ...]:
        """The parameters that are numbers, which something computes with: names and values."""
        parameters = self.parameters if self.engine != "none" else ()
        return tuple((item.name, item.default) for item in parameters if not item.choices)

    def values(self) -> dict[str, float]:
        """Return the numbers by name, in SI base units."""
        return values_of(self.numbers, self.name)

    def units(self) -> dict[str, str]:
        """Return the numbers' units by name, as Brian2 calls them; ``1`` for none."""
        return units_of(self.numbers, self.name)

    def with_parameters(self, values: Mapping[str, str | float]) -> "Rule":
        """Return the same rule with other defaults for some of its parameters.

        Parameters
        ----------
        values : mapping of str to (str or float)
            By name of the parameter.

        Returns
        -------
        Rule
            Whose other parameters keep their defaults.
        """
        parameters = [replace(item, default=values.get(item.name, item.default)) for item in self.parameters]
        return replace(self, parameters=tuple(parameters))

    def written_out(self, whole: bool = False) -> "Rule":
        """Return the same rule with its phases and its regularizer, where that has a strength, in its texts.

        Parameters
        ----------
        whole : bool
            Whether the regularizer is written out even where its strength is 0.

        Returns
        -------
        Rule
            Without phases and without a regularizer.
        """
        rule, added = with_phases(self), self.regularizer
        if added is None:
            return rule
        if not whole and self.values()[added.strength] == 0:
            return replace(rule, regularizer=None)
        post, synapse = added.added_to(rule.post, rule.synapse, f"Rule '{self.name}', `synapse`")
        return replace(rule, post=post, synapse=synapse, on_step=added.before(rule.on_step), regularizer=None)

    @property
    def has_equations(self) -> bool:
        """Whether its equations run in the network, and make its estimate."""
        return self.engine == "equations"

    @property
    def follows_reference(self) -> bool:
        """Whether its estimate is a gradient that the reference computes."""
        return bool(self.gradient)

    @property
    def is_exact_gradient(self) -> bool:
        """Whether its estimate is one of the exact gradients by a surrogate derivative."""
        return self.gradient in EXACT_GRADIENTS

    @property
    def gradient(self) -> str:
        """The name of the gradient that it follows: BPTT's, one that leaves parts out, by times of spikes, or none."""
        chosen = {item.name: str(item.default) for item in self.parameters if item.choices}
        if self.engine == "eventprop":
            return EXACT_TIMES if chosen.get("times", "exact") == "exact" else RECORDED_TIMES
        if self.engine in {"ostl", "spike_trains"}:
            return SEPARATED if self.engine == "ostl" else SPIKE_TRAINS
        return f"bptt_{chosen.get('reset', 'differentiated')}" if self.engine in {"bptt", "rtrl"} else ""

    @property
    def least_rise(self) -> float:
        """At which speed a drive counts as rising at a spike in continuous time, where it rises slower [1/s]."""
        return self.values().get("least_rise", 0.0)

    @property
    def direction(self) -> Literal["reverse", "forward"]:
        """Which way the rule that it is goes through time, where the reference computes it."""
        return "forward" if self.engine in {"rtrl", "ostl"} else "reverse"

    @property
    def intervenes(self) -> bool:
        """Whether it changes what the network does: while it learns, or by neurons that it brings along."""
        if self.circuit is not None:
            return True
        return any(step is not None and step.writes for step in (self.on_step, self.output_step))

    @property
    def default_feedback(self) -> str:
        """The pathway of the learning signal where a study names none."""
        return NO_FEEDBACK if self.signal is None else self.signal.feedback

    def targets_with(self, spiking: bool) -> Targets:
        """Return the targets that it is shown where a task does not say.

        Parameters
        ----------
        spiking : bool
            Whether the readout spikes.

        Returns
        -------
        {"trial", "step", "spikes"}
            What it is written for, or else what suits the readout.
        """
        return self.written_for.targets or ("spikes" if spiking and self.output_step is None else "trial")

    def feedback_choices(self) -> tuple[str, ...]:
        """Return the names of the built-in pathways that this rule can run with."""
        return tuple(name for name, pathway in FEEDBACK.items() if pathway.suits(self.signal))


#: In place of a rule, where hidden layers do nothing but run.
NO_RULE = Rule(name="no_rule", title="No rule", engine="none", claims=Claims(estimates="nothing"))
