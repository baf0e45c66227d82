"""What an estimate depends on, as a graph: variables, where they are, and how one reads another."""

from dataclasses import dataclass
from typing import Literal

from workbench.audit.locality.precision import Levels
from workbench.declare.projection import Projection

#: What weighs a signal: forward weights the other way about, only their signs, weights that learn to be like them by
#: reading them, weights that follow their steps, weights that learn by a rule of their own, which may read what they
#: would carry the other way about, fixed weights that begin as a copy of forward weights, other fixed weights, or none.
Kind = Literal["transpose", "signs", "copied", "learned", "returned", "by_rule", "begun", "fixed", "none"]

#: The places of the synapse itself and of the two neurons that it joins.
OWN = frozenset({"synapse", "pre", "post"})


@dataclass(frozen=True)
class Node:
    """A variable, and where it is from the synapse's point of view.

    Attributes
    ----------
    place : str
        ``synapse``, ``pre``, ``post``, ``trial`` (time within it), the layer of other neurons, or the pairs of these.
    owner, variable : str
        The group that has it, and its name there.
    """

    place: str
    owner: str
    variable: str


@dataclass(frozen=True)
class Edge:
    """One variable reads another.

    Attributes
    ----------
    reader, read : Node
        The two.
    kind : str
        What weighs it on the way, of `Kind`.
    weights : str
        The group of these weights; empty where there are none.
    acted_on : bool
        Whether the reader is the neuron's own dynamics, which the rule acts on.
    levels : frozenset of float or None
        The values that are read, None where these are many.
    bent : bool
        Whether the reader depends on it by a curve, as a surrogate derivative does on the membrane potential.
    """

    reader: Node
    read: Node
    kind: Kind = "none"
    weights: str = ""
    acted_on: bool = False
    levels: Levels = None
    bent: bool = False


@dataclass(frozen=True)
class Provenance:
    """The variables that the estimate of one projection's weights depends on.

    Attributes
    ----------
    projection : Projection
        Whose `g` it is.
    edges : tuple of Edge
        From `g` on; what a neuron's own dynamics depend on is not followed, but for what the rule does to them, or
        brings along.
    dynamics : frozenset of (str, str)
        Group and name of the variables by which neurons come to spike, such as membrane potentials.
    """

    projection: Projection
    edges: tuple[Edge, ...]
    dynamics: frozenset[tuple[str, str]] = frozenset()

    @property
    def start(self) -> Node:
        """The estimate itself."""
        return Node("synapse", f"w_{self.projection.name}", "g")

    @property
    def nodes(self) -> tuple[Node, ...]:
        """All variables, `g` first."""
        return tuple(dict.fromkeys([self.start, *(edge.read for edge in self.edges)]))

    def crossings(self) -> tuple[Edge, ...]:
        """Return the edges by which something of other neurons gets to the synapse or its two neurons."""
        return tuple(edge for edge in self.edges if edge.reader.place in OWN and edge.read.place not in OWN | {"trial"})

    def derivatives(self) -> tuple[Edge, ...]:
        """Return the edges by which a curve over what makes a neuron spike is read, be it by way of a copy."""
        reads = [edge for edge in self.edges if edge.levels is None and not edge.acted_on]
        copies = {node for node in self.nodes if (node.owner, node.variable) in self.dynamics}
        while more := {edge.reader for edge in reads if edge.read in copies and not edge.bent} - copies:
            copies |= more
        return tuple(edge for edge in reads if edge.bent and edge.read in copies)

    def read_directly(self) -> frozenset[Node]:
        """Return the variables that `g` depends on otherwise than by way of what its own neurons do."""
        found, waiting = {self.start}, [self.start]
        while waiting:
            reader = waiting.pop()
            for edge in self.edges:
                if edge.reader == reader and not edge.acted_on and edge.read not in found:
                    found.add(edge.read)
                    waiting.append(edge.read)
        return frozenset(found)
