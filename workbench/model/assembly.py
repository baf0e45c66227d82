"""What a network is made of while it is being built, and what remains known of it afterwards."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from typing import Any

from brian2.groups.group import CodeRunner

from workbench.declare.neuron import NeuronModel
from workbench.declare.projection import Projection
from workbench.declare.rule import NO_RULE
from workbench.model.bindings import Binding, Propagator
from workbench.model.events.lowering import EventForm
from workbench.model.renaming import summed_over
from workbench.model.rule_text import RuleText, rule_text
from workbench.model.schedule import Slot
from workbench.model.setup import Setup
from workbench.text.syntax import changes


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
    setup : Setup
        The network, its models with subexpressions written out.
    rule, readout_rule : RuleText
        By which the weights onto hidden layers and those onto the readout learn; the former without equations where
        nothing in the network computes their estimate.
    beside : dict of str to RuleText
        The rules that some weights have of their own, by their marks.
    groups : dict of str to Group
        Neuron groups, synapses and monitors.
    gates : dict of str to str
        Object -> condition in the `clock` group that must hold for it to run in a step.
    roles : dict of str to str
        Object -> {"clock", "start", "forward", "loss", "learning", "record"}.
    bindings, propagators : list
        Where numbers go.
    forms : dict of str to EventForm or None
        The projections whose weights cost their events only, with what they learn from them, if anything.
    unweighed : dict of str to Weighed
        Learning signals that are weighed at the end of a trial, by hidden layer.
    outlasting : dict of str to tuple of str
        The variables that outlive a trial, by group.
    """

    setup: Setup
    rule: RuleText
    readout_rule: RuleText
    beside: dict[str, RuleText] = field(default_factory=dict)
    groups: dict[str, Any] = field(default_factory=dict)
    objects: list[Any] = field(default_factory=list)
    gates: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    bindings: list[Binding] = field(default_factory=list)
    propagators: list[Propagator] = field(default_factory=list)
    forms: dict[str, EventForm | None] = field(default_factory=dict)
    unweighed: dict[str, Weighed] = field(default_factory=dict)
    outlasting: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def rule_of(self, projection: Projection) -> RuleText:
        """Return the rule by which some weights learn; without equations where they do not."""
        if self.setup.learns_by_rule(projection):
            rule = self.beside.get(self.setup.mark_of(projection), self.rule)
            return rule.with_traces(self.setup.traces_after(projection))
        return self.readout_rule if self.setup.learns(projection) else rule_text(NO_RULE)

    def rules_onto(self, layer: str) -> tuple[RuleText, ...]:
        """Return the rules that teach a hidden layer: the network's, and those of some weights onto it."""
        network = self.setup.network
        own = {self.setup.mark_of(item) for item in network.all_projections if item.target == layer and item.rule}
        beside = tuple(text for mark, text in self.beside.items() if mark in own)
        return (self.rule, *beside) if layer in network.learning_layers and self.rule.synapse else beside

    def traces_in_synapses(self, projection: Projection) -> bool:
        """Return whether each synapse has traces of its own, since those of its source differ between targets."""
        model, _ = self.model_of(projection.target)
        return projection.name not in self.forms and self.rule_of(projection).traces_differ(model)

    def pair_sums(self, group: str) -> list[str]:
        """Return what a group declares for what rules sum up over pairs of its neurons."""
        leaving = [item for item in self.setup.network.all_projections if item.terminals == group]
        return [f"{summed_over(item.name, name)} : 1" for item in leaving for name, _ in self.rule_of(item).pair_sums]

    def sweep_of(self, projection: Projection) -> str:
        """Return the group by which some weights learn from their events: one for a layer and a rule."""
        return f"sweep_{projection.target}{self.setup.mark_of(projection)}"

    def model_of(self, layer: str) -> tuple[NeuronModel, str]:
        """Return the neuron model of a layer, and where its numbers are in the setup."""
        return self.setup.network.model_of(layer), self.setup.network.owner_of(layer)

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
        code = _copied(code, group.variables)
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

    def refer(self, owner: str, name: str, source: str, called: str = "") -> None:
        """Let the code of a group read a scalar of another group, which may be called otherwise there."""
        self.groups[owner].variables.add_reference(name, self.groups[source], called or name, index="0")


def _copied(code: str, own: Container[str]) -> str:
    """Return statements as Brian2 has them, one on each line, in which no name stands for what another one holds.

    In NumPy ``old = x`` would not copy x, and whatever is done to one of the two afterwards was done to both.
    """
    found = changes(code)
    lines = []
    for number, (target, sign, text) in enumerate(found):
        later = {name for name, *_ in found[number + 1 :]}
        shares = not sign and text.isidentifier() and target not in own and later & {target, text}
        lines.append(f"{target} {sign}= {f'-(-{text})' if shares else text}")
    return "\n".join(lines)
