"""A network to be built and run: data, without a simulator."""

from dataclasses import dataclass

from workbench.common.errors import ModelError, nearest
from workbench.common.plain_numbers import finite_number, whole_number
from workbench.declare.completed import completed
from workbench.declare.constraint import Constraint
from workbench.declare.feedback import FEEDBACK, Pathway
from workbench.declare.field_types import declared
from workbench.declare.network import Network
from workbench.declare.optimizer import SGD, Optimizer
from workbench.declare.options import Form, Precision, Targets
from workbench.declare.projection import Projection
from workbench.declare.rule import Rule
from workbench.declare.trial_format import TrialFormat
from workbench.declare.updates import refuse_interval, steps_between

#: Before the names of the values that a neuron's variables have at the start of a trial.
FIRST = "first__"


#: Bytes that one variable's history of a trial may take.
HISTORY_LIMIT = 1 << 28


@declared(ModelError, "Setup")
@dataclass(frozen=True, kw_only=True)
class Setup:
    """A network with the rule that trains it.

    What decides about the generated code (texts, sizes, capacities) is its structure; numbers are passed in later.

    Attributes
    ----------
    network : Network
        Layers and time; whatever is given, with what the rule brings along.
    rule : Rule
        Of the hidden layers, but for weights that have a rule of their own; the readout learns by the delta rule.
    feedback : str or Pathway
        How the learning signal reaches the hidden layers; a text names a pathway that is built in.
    feedback_decay : float
        Share by which feedback weights that learn, and the forward weights that they follow, decay at each update:
        that of the difference between the two, too (Kolen and Pollack 1994, doi:10.1109/ICNN.1994.374486).
    feedback_noise : float
        Standard deviation of the noise that feedback weights get at each update, where they change.
    optimizer : Optimizer
        Of all plastic weights.
    every : str
        From one update to the next, as of `Updates`; empty where it is the rule's own.
    constraints : tuple of (str, tuple of Constraint)
        What holds of the weights of a name; of others, what the rule says of those that it trains.
    trial_capacity : int
        Trials that one run can present at most.
    event_capacity : int
        Input spikes that one run can present at most.
    forced_capacity : int
        Spikes per layer that one run can be given in place of its own; 0 where neurons decide themselves.
    targets : {"trial", "step", "spikes"}
        What the loss compares the outputs with: a value for each trial or each step, or spikes, which are filtered as
        the readout filters its own.
    rewarded : bool
        Whether trials say what answers are worth: a rule that hears of the loss as one number hears of that instead.
    form : {"events", "replay", "causal", "online", "clock"}
        Whether synapses cost their events only, where the rule allows it, or are visited in each step ("clock"). What
        spikes teach comes at the end of the trial, from its history ("replay"), or at once ("causal"); "events" is the
        former where the history is not too large, and "online" where weights change while time runs.
    precision : {"float64", "float32"}
        Of all variables.
    """

    network: Network
    rule: Rule
    feedback: str | Pathway
    feedback_decay: float = 0.001
    feedback_noise: float = 0.0
    optimizer: Optimizer = SGD
    every: str = ""
    constraints: tuple[tuple[str, tuple[Constraint, ...]], ...] = ()
    trial_capacity: int = 256
    event_capacity: int = 1 << 15
    forced_capacity: int = 0
    targets: Targets = "trial"
    rewarded: bool = False
    form: Form = "events"
    precision: Precision = "float64"

    def __post_init__(self) -> None:
        object.__setattr__(self, "network", completed(self.network, self.rule))
        for name, least in (("trial_capacity", 1), ("event_capacity", 1), ("forced_capacity", 0)):
            whole_number(getattr(self, name), f"Setup: `{name}`", least, ModelError)
        if not 0 <= finite_number(self.feedback_decay, "Setup: `feedback_decay`", ModelError) < 1:
            raise ModelError(f"Setup: `feedback_decay` must be from 0 to below 1, not {self.feedback_decay:g}.")
        if finite_number(self.feedback_noise, "Setup: `feedback_noise`", ModelError) < 0:
            raise ModelError(f"Setup: `feedback_noise` must be 0 or more, not {self.feedback_noise:g}.")
        if self.every:
            refuse_interval(self.every, "Setup: `every`", ModelError)
        for mark in self.rules:
            # Whatever says so, it must be whole steps.
            self.steps_between_updates_of(mark)
        for name, chosen in self.constraints:
            if name not in self.network.weight_shapes():
                raise ModelError(
                    f"Setup: there are no weights '{name}' to constrain. {nearest(name, self.network.weight_shapes())}"
                )
            for one in chosen:
                if any(isinstance(value, str) for _, value in one.parameters):
                    raise ModelError(f"Setup: constraint '{one.name}' on '{name}' must have numbers for parameters.")

    @property
    def pathway(self) -> Pathway:
        """The pathway of the learning signal."""
        return FEEDBACK[self.feedback] if isinstance(self.feedback, str) else self.feedback

    @property
    def rules(self) -> dict[str, Rule]:
        """The rules by their marks, which follow the names of what each declares.

        That of the network has none; then come those that some weights have of their own.
        """
        beside = {f"__rule{number + 1}": rule for number, rule in enumerate(self.network.rules_beside)}
        return {"": self.rule} | beside

    @property
    def marks_beside(self) -> tuple[str, ...]:
        """The marks of the rules that some weights have of their own."""
        return tuple(self.rules)[1:]

    def mark_of(self, projection: Projection) -> str:
        """Return the mark of the rule by which some weights learn, if any."""
        if projection.rule is None:
            return ""
        return f"__rule{self.network.rules_beside.index(projection.rule) + 1}"

    def rule_of(self, projection: Projection) -> Rule:
        """Return the rule by which some weights learn, if they do: their own, or the network's."""
        return self.rule if projection.rule is None else projection.rule

    def interval(self, mark: str = "") -> str:
        """Return the interval from one update by a rule to the next, as of `Updates`."""
        rule = self.rules[mark]
        own = rule.updates.every if rule.has_equations else "batch"
        return (self.every or own) if not mark else own

    def steps_between_updates_of(self, mark: str) -> int:
        """Return the steps from one update by a rule to the next while time runs; 0 where it is between trials."""
        return steps_between(self.interval(mark), self.network.dt, self.network.n_steps)

    @property
    def steps_between_updates(self) -> int:
        """Steps from one update to the next while time runs; 0 where weights change between trials only."""
        return self.steps_between_updates_of("")

    @property
    def changes_in_time(self) -> bool:
        """Whether any weights change while time runs."""
        return any(self.steps_between_updates_of(mark) for mark in self.rules)

    @property
    def is_clock_driven(self) -> bool:
        """Whether synapses are Brian2's own, with variables of theirs, as a network is when it is built."""
        return self.form in ("clock", "online")

    @property
    def between_trials(self) -> bool:
        """Whether any weights change between trials only."""
        return not all(self.steps_between_updates_of(mark) for mark in self.rules)

    def constraints_on(self, name: str) -> tuple[Constraint, ...]:
        """Return what holds of the weights of a name, with its numbers; nothing where any weight will do."""
        projection = self.network.projection(name)
        rule = self.rule_of(projection)
        trained = rule.engine != "none" and projection.plastic and self._is_the_rules(projection)
        found = dict(self.constraints).get(name, rule.updates.constraints if trained else ())
        return tuple(one.with_numbers_of(rule.values()) for one in found if not one.allows_all)

    def _is_the_rules(self, projection: Projection) -> bool:
        return projection.target != "readout" or self.rule.trains_readout

    def learns_by_rule(self, projection: Projection) -> bool:
        """Return whether equations of a rule train some weights in the network."""
        return projection.plastic and self.rule_of(projection).has_equations and self._is_the_rules(projection)

    def is_per_second(self, projection: Projection) -> bool:
        """Return whether the estimate of some weights is what a second adds to it, and not a mean over the window."""
        return self.learns_by_rule(projection) and self.rule_of(projection).updates.per == "second"

    def learns(self, projection: Projection) -> bool:
        """Return whether the network itself changes some weights, by a rule or by the delta rule of the readout."""
        by_delta = projection.target == "readout" and self.teaches_readout
        return projection.plastic and (by_delta or self.rule_of(projection).has_equations)

    @property
    def teaches_readout(self) -> bool:
        """Whether the delta rule teaches weights onto the readout; a rule that follows the reference can do without."""
        return self.network.readout.spikes_add or not self.rule.follows_reference

    def traces_after(self, projection: Projection) -> str:
        """Return what follows the names of presynaptic traces, which a source has for each model that it teaches."""
        owners = dict.fromkeys(
            self.network.owner_of(item.target)
            for item in self.network.all_projections
            if item.terminals == projection.terminals and item.rule == projection.rule and self.learns_by_rule(item)
        )
        owner = self.network.owner_of(projection.target)
        return "" if owner not in owners or owner == next(iter(owners)) else f"__{owner}"

    def memory_of_optimizer(self, projection: str) -> tuple[str, ...]:
        """Return what the optimizer keeps of some weights: nothing of those that have a rule of their own."""
        return () if self.network.projection(projection).rule is not None else self.optimizer.state

    @property
    def followed(self) -> dict[str, str]:
        """The forward weights that feedback weights follow, with the hidden layer that these reach."""
        if not self.rule.has_equations or self.rule.signal is None or self.pathway.weights != "learned":
            return {}
        ways = {layer: self.network.way_up(layer) for layer in self.network.learning_layers}
        return {way.name: layer for layer, way in ways.items() if way is not None}

    @property
    def mirrors(self) -> bool:
        """Whether feedback weights learn by a rule of their own, in a phase without a task."""
        return self.rule.has_equations and self.rule.signal is not None and self.pathway.rule is not None

    @property
    def learned_feedback(self) -> tuple[str, ...]:
        """The hidden layers whose feedback weights change: those that follow others, and those that have a rule."""
        return self.network.learning_layers if self.mirrors else tuple(self.followed.values())

    @property
    def format(self) -> TrialFormat:
        """What the trials that it can run are made for."""
        return self.network.format(self.targets, self.rewarded)

    @property
    def target_capacity(self) -> int:
        """How many targets there is room for: of all trials, or of their steps; trials of similar length are alike."""
        steps = 1 if self.targets == "trial" else max(64, 1 << (self.network.n_steps - 1).bit_length())
        return self.trial_capacity * steps

    @property
    def resolved_form(self) -> Form:
        """The form with "events" replaced by what it stands for; weights that change while time runs have one alone."""
        if self.changes_in_time:
            return "clock" if self.form == "clock" else "online"
        history = self.network.n_steps * (self.network.n_hidden + self.network.n_outputs) * 8
        return self.form if self.form != "events" else "replay" if history <= HISTORY_LIMIT else "causal"
