"""What a network is made of while it is being built, and what remains known of it afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from brian2.groups.group import CodeRunner

from workbench.equations import LinearSystem
from workbench.model.lowering import EventForm
from workbench.model.schedule import Slot
from workbench.network import Network
from workbench.optimizers import SGD, Optimizer
from workbench.rule import Rule
from workbench.target import Form, Precision

#: Bytes that one variable's history of a trial may take.
HISTORY_LIMIT = 1 << 28


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A network with the rule that trains it.

    What decides about the generated code (texts, sizes, capacities) is its structure; numbers are passed in later.

    Attributes
    ----------
    network : Network
        Layers and time.
    rule : Rule
        Of the hidden layers; the readout learns by the delta rule.
    feedback : str
        How the learning signal reaches the hidden layers.
    optimizer : Optimizer
        Of all plastic weights.
    trial_capacity : int
        Trials that one run can present at most.
    event_capacity : int
        Input spikes that one run can present at most.
    forced_capacity : int
        Spikes per hidden layer that one run can be given in place of its own; 0 where neurons decide themselves.
    form : {"events", "replay", "causal", "clock"}
        Whether synapses cost their events only, where the rule allows it, or are visited in each step ("clock"). What
        spikes teach comes at the end of the trial, from its history ("replay"), or at once ("causal"); "events" is the
        former where the history is not too large.
    precision : {"float64", "float32"}
        Of all variables.
    """

    network: Network
    rule: Rule
    feedback: str
    optimizer: Optimizer = SGD
    trial_capacity: int = 256
    event_capacity: int = 1 << 15
    forced_capacity: int = 0
    form: Form = "events"
    precision: Precision = "float64"

    @property
    def resolved_form(self) -> Form:
        """The form with "events" replaced by what it stands for."""
        history = self.network.n_steps * (sum(self.network.hidden) + self.network.n_outputs) * 8
        return self.form if self.form != "events" else "replay" if history <= HISTORY_LIMIT else "causal"


@dataclass(frozen=True)
class Binding:
    """A variable that holds a number of the setup: ``hidden1.tau_mem`` <- ``neuron.tau_mem``."""

    variable: str
    source: str


@dataclass(frozen=True)
class Propagator:
    """The solution of a linear system over one step, whose entries are numbers of the setup.

    Attributes
    ----------
    owner : str
        Group that holds the entries as variables.
    system : LinearSystem
        What is solved.
    constants : dict of str to str
        Name in the matrix -> number of the setup.
    homogeneous, driven : tuple of (str, int, int)
        Variable, row and column of exp(A dt), and of its integral over the step (which multiplies the rest).
    order : int
        Terms of the series of exp(A dt) that are taken; all where it is 0.
    inverse : bool
        Whether the entries are those of the inverse, a step back in time.
    """

    owner: str
    system: LinearSystem
    constants: dict[str, str]
    homogeneous: tuple[tuple[str, int, int], ...]
    driven: tuple[tuple[str, int, int], ...]
    order: int = 0
    inverse: bool = False


@dataclass(frozen=True)
class Weighed:
    """A learning signal as it is before it is weighed.

    Attributes
    ----------
    matrix : ArrayVariable of shape (n_rows, n_neurons)
        What weighs it.
    by : ArrayVariable of shape (n_rows,)
        What is weighed.
    n_rows : int
        Its size.
    """

    matrix: Any
    by: Any
    n_rows: int


@dataclass
class Parts:
    """The Brian2 objects of a network, by their names in the workbench.

    Attributes
    ----------
    groups : dict of str to Group
        Neuron groups, synapses and monitors.
    gates : dict of str to str
        Object -> condition in the `clock` group that must hold for it to run in a step.
    roles : dict of str to str
        Object -> {"clock", "forward", "loss", "learning", "record"}.
    bindings, propagators : list
        Where numbers go.
    forms : dict of str to EventForm or None
        The layers whose incoming weights cost their events only, with what they learn from them, if anything.
    unweighed : dict of str to Weighed
        Learning signals that are weighed at the end of a trial, by hidden layer.
    """

    setup: Setup
    groups: dict[str, Any] = field(default_factory=dict)
    objects: list[Any] = field(default_factory=list)
    gates: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    bindings: list[Binding] = field(default_factory=list)
    propagators: list[Propagator] = field(default_factory=list)
    forms: dict[str, EventForm | None] = field(default_factory=dict)
    unweighed: dict[str, Weighed] = field(default_factory=dict)

    def add(self, name: str, group: Any, role: str) -> Any:
        """Register a group; its own code (integration, threshold, ...) has the given role."""
        self.groups[name] = group
        self.objects.append(group)
        for item in (group, *group.contained_objects):
            self.roles[item.name] = role
        return group

    def run_code(
        self,
        owner: str,
        purpose: str,
        code: str,
        slot: Slot,
        role: str,
        gate: str = "",
        events: str = "",
    ) -> None:
        """Run statements of a group in each step, or for the neurons in the group's event space `events`."""
        if not events:
            self.run_template(owner, purpose, "stateupdate", slot, role, gate, code)
            return
        told = {"eventspace_variable": self.groups[owner].variables[events]}
        self.run_template(owner, purpose, "reset", slot, role, gate, code, (events,), **told)

    def run_template(
        self,
        owner: str,
        purpose: str,
        template: str,
        slot: Slot,
        role: str,
        gate: str = "",
        code: str = "",
        needed: Sequence[str] = (),
        **told: Any,
    ) -> None:
        """Run what a template makes of statements of a group, if any, and of what else it is told."""
        group = self.groups[owner]
        runner = CodeRunner(
            group,
            template,
            code=code,
            user_code=code,
            when=slot.when,
            order=slot.order,
            name=f"{group.name}_{purpose}*",
            check_units=False,
            needed_variables=list(needed),
            template_kwds=told,
        )
        group.contained_objects.append(runner)
        self.tag(runner, role, gate)

    def tag(self, item: Any, role: str, gate: str = "") -> None:
        """Note an object's role and gate."""
        self.roles[item.name] = role
        if gate:
            self.gates[item.name] = gate

    def refer(self, owner: str, name: str, source: str) -> None:
        """Let the code of a group read a scalar of another group."""
        self.groups[owner].variables.add_reference(name, self.groups[source], name, index="0")
