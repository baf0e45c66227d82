"""Where a rule's estimate comes from: every variable that `g` depends on, followed to its owner.

Read off the operations that Brian2 runs, clock-driven, and not off what the rule's author says: what a projection is
called does not count, but which weights it reads.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from workbench.audit.locality.data_flow import Flow, bent, expanded, stands_for
from workbench.audit.locality.dependency_graph import OWN, Edge, Kind, Node, Provenance
from workbench.audit.locality.feedback_weights import way_of_learning
from workbench.audit.locality.precision import Precision
from workbench.declare.completed import begins_forward, brought
from workbench.model.bindings import Binding, Propagator
from workbench.model.brian2_session import numpy_code
from workbench.model.build import build_model
from workbench.model.by_structure import ByStructure
from workbench.model.neuron_text import states_of
from workbench.model.numbers import variable_values
from workbench.model.operation import Name, Operation
from workbench.model.read_program import operations_of
from workbench.model.renaming import SUM, arriving_by
from workbench.model.setup import Setup
from workbench.text.syntax import nested_in

#: Scalars of the clock that tell how much of the trial is over.
_TIME = frozenset({"elapsed", "ends", "step", "trial_start", "trial_end"})

_UNWEIGHED: tuple[Kind, str] = ("none", "")


def provenance(setup: Setup, name: str) -> Provenance:
    """Return where the estimate of some weights comes from.

    Parameters
    ----------
    setup : Setup
        Whose rule has equations.
    name : str
        Of the weights, e.g. ``hidden1``.

    Raises
    ------
    WorkbenchError
        Where the equations do not hold together, or an operation cannot be read.
    """
    (projection,) = [item for item in setup.network.all_projections if item.name == name]
    flow, bindings, propagators = _read(setup)
    numbers = variable_values(setup, bindings, propagators)
    # Targets of classes are one-hot, those of spike trains are spikes.
    binary = frozenset({"target", "due"} if setup.targets != "step" else ())
    walk = _Walk(setup, flow, Precision(flow, numbers, binary))
    spiking = [layer for layer in setup.network.layers if setup.network.model_of(layer).spiking]
    dynamics = frozenset((layer, variable) for layer in spiking for variable in walk.dynamics(layer))
    return Provenance(projection, tuple(dict.fromkeys(walk.edges(Node("synapse", f"w_{name}", "g")))), dynamics)


@ByStructure
def _read(setup: Setup) -> tuple[Flow, list[Binding], list[Propagator]]:
    """Return how values flow, and where numbers go."""
    with numpy_code():
        model = build_model(setup)
        flow = Flow(operations_of(model, {"forward", "loss", "given", "learning", "host"}))
    return flow, model.parts.bindings, model.parts.propagators


@dataclass(frozen=True)
class _Walk:
    """What is needed to follow an estimate."""

    setup: Setup
    flow: Flow
    precision: Precision

    def edges(self, start: Node) -> Iterator[Edge]:
        """Yield every edge that leads on from a variable."""
        # It is read when the step is over.
        first = (start, 0)
        seen, waiting = {first}, [first]
        while waiting:
            reader, at = waiting.pop(0)
            for number, edge in self._from(reader, at):
                if edge.read == reader:
                    continue
                yield edge
                if (edge.read, number) not in seen:
                    seen.add((edge.read, number))
                    waiting.append((edge.read, number))

    def _from(self, reader: Node, at: int) -> Iterator[tuple[int, Edge]]:
        """Yield the edges from a variable that operation `at` reads, with the operations that read on."""
        if reader.place == "trial" or reader.variable in {"target", "due"} or reader.variable == "w":
            return
        dynamics = self.dynamics(reader.owner)
        if reader.variable in dynamics | {"spikes"}:
            # Nobody asks what makes a neuron spike, but for what the rule itself does to it.
            for variable in sorted(dynamics):
                for number in self.flow.writers(reader.owner, variable, at, {"learning"}):
                    for edge in self._reads(number, variable, reader):
                        if edge.read.owner != reader.owner or edge.read.variable not in dynamics:
                            yield number, replace(edge, acted_on=True)
                yield from self._along(reader, variable, at)
            return
        for number in self.flow.writers(reader.owner, reader.variable, at, {"forward", "loss", "learning"}):
            for edge in self._reads(number, reader.variable, reader):
                yield number, edge

    def _along(self, reader: Node, variable: str, at: int) -> Iterator[tuple[int, Edge]]:
        """Yield what makes a neuron do what it does by weights that the rule brings along."""
        for number in self.flow.writers(reader.owner, variable, at, {"forward"}):
            for edge in self._reads(number, variable, reader):
                arrives = edge.read.variable in {arriving_by(name) for name in self.along}
                if arrives or edge.weights.removeprefix("w_") in self.along:
                    yield number, replace(edge, acted_on=True)

    @cached_property
    def along(self) -> frozenset[str]:
        """The weights that the rule brings along."""
        return frozenset(brought(self.setup.network, self.setup.rule))

    def dynamics(self, owner: str) -> frozenset[str]:
        """Return the names of the variables whose equations make a neuron spike; none for what is no neuron."""
        if owner not in self.setup.network.layers:
            return frozenset()
        model = self.setup.network.model_of(owner)
        return frozenset(states_of(model))

    @property
    def senders(self) -> dict[str, str]:
        """The neurons that make the pairs of each group of these."""
        return {item.pairs: item.terminals for item in self.setup.network.all_projections}

    def _reads(self, number: int, variable: str, reader: Node) -> Iterator[Edge]:
        """Yield what an operation reads in order to write a variable of the reader's owner."""
        operation = self.flow.operations[number]
        for target, expression in operation.statements:
            if not stands_for(operation.names[target], reader.owner, variable):
                continue
            side = operation.names[target].side
            names = sorted(expanded(operation, expression))
            summed = variable.startswith(SUM)
            carriers = [] if summed else list(self._carriers(operation, names, expression))
            carriers = carriers or [_UNWEIGHED]
            for name in (operation.names[word] for word in names):
                node = self._place(operation, name, reader, side)
                if node is not None:
                    levels = self.precision.levels(name.owner, name.variable, number)
                    other = node.place not in OWN and operation.owner != reader.owner
                    curve = any(bent(operation, expression, word) for word in names if operation.names[word] == name)
                    for carrier in carriers if other else [_UNWEIGHED]:
                        yield Edge(reader, node, *carrier, levels=levels, bent=curve)
            spikes = frozenset({0.0, 1.0})
            if operation.kind == "reset":
                yield Edge(reader, Node(reader.place, operation.owner, "spikes"), levels=spikes)
            elif operation.kind == "transmit":
                source = Node(operation.source, operation.source, "spikes")
                yield from (Edge(reader, source, *carrier, levels=spikes) for carrier in carriers)

    def _place(self, operation: Operation, name: Name, reader: Node, target: str) -> Node | None:
        """Return where a name leads; None for a number or for the weights of a sum."""
        if f"{name.owner}.{name.variable}" in self.precision.numbers:
            return None
        if name.side == "scalar":
            if name.owner == "clock":
                return Node("trial", "clock", name.variable) if name.variable in _TIME else None
            changes = self.flow.writers(name.owner, name.variable, 0, {"forward", "learning", "loss"})
            return Node(name.owner, name.owner, name.variable) if changes and name.owner != reader.owner else None
        senders = self.senders
        if operation.owner == reader.owner:
            # A synapse reads its two ends, a pair those of any two neurons, and a neuron what is its own.
            ends = senders.get(reader.owner, name.side)
            return Node(ends if name.side in {"pre", "post"} else reader.place, name.owner, name.variable)
        if name.side == "own":
            # A neuron's own synapses are read by what it sums up over them.
            place = f"pairs of {senders[name.owner]}" if name.owner in senders else "synapse"
            return Node(place, name.owner, name.variable) if reader.variable.startswith(SUM) else None
        return Node(reader.place if name.side == target else name.owner, name.owner, name.variable)

    def _carriers(self, operation: Operation, names: list[str], expression: str) -> Iterator[tuple[Kind, str]]:
        """Yield all that weighs a signal on its way, with the group that has the weights."""
        if operation.kind not in {"sum", "transmit"}:
            return
        forward = {f"w_{item.name}" for item in self.setup.network.all_projections}
        for word in names:
            name = operation.names[word]
            if name.side == "own" and name.owner.removeprefix("w_") in self.along:
                yield self._kept(name.owner.removeprefix("w_")), name.owner
            elif name.side == "own" and name.owner in forward:
                yield ("signs" if nested_in(expression, word, "sign") else "transpose"), name.owner
            elif name.side == "own":
                yield way_of_learning(self.flow, name.owner, name.variable, forward), name.owner

    def _kept(self, name: str) -> Kind:
        """Return what weights are that the rule brings along."""
        if self.setup.network.projection(name).plastic:
            return "by_rule"
        return "begun" if begins_forward(self.setup.network, self.setup.rule, name) else "fixed"
