"""What a network is made of while it is being built, and what remains known of it afterwards."""

from dataclasses import dataclass, field
from typing import Any

from brian2.groups.group import CodeRunner

from workbench.equations import LinearSystem
from workbench.model.schedule import Slot
from workbench.network import Network
from workbench.optimizers import SGD, Optimizer
from workbench.rule import Rule


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
    """

    network: Network
    rule: Rule
    feedback: str
    optimizer: Optimizer = SGD
    trial_capacity: int = 256
    event_capacity: int = 1 << 15
    forced_capacity: int = 0


@dataclass(frozen=True)
class Binding:
    """A variable that holds a number of the setup: ``hidden1.tau_mem`` <- ``neuron.tau_mem``."""

    variable: str
    source: str


@dataclass(frozen=True)
class Propagator:
    """The exact solution of a linear system over one step, whose entries are numbers of the setup.

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
    """

    owner: str
    system: LinearSystem
    constants: dict[str, str]
    homogeneous: tuple[tuple[str, int, int], ...]
    driven: tuple[tuple[str, int, int], ...]


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
    """

    setup: Setup
    groups: dict[str, Any] = field(default_factory=dict)
    objects: list[Any] = field(default_factory=list)
    gates: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    bindings: list[Binding] = field(default_factory=list)
    propagators: list[Propagator] = field(default_factory=list)

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
        group = self.groups[owner]
        kwds: dict[str, Any] = {}
        if events:
            kwds = {"needed_variables": [events], "template_kwds": {"eventspace_variable": group.variables[events]}}
        runner = CodeRunner(
            group,
            "reset" if events else "stateupdate",
            code=code,
            user_code=code,
            when=slot.when,
            order=slot.order,
            name=f"{group.name}_{purpose}*",
            check_units=False,
            **kwds,
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
