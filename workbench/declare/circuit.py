"""Neurons that a rule brings along, beside each hidden layer, as data."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from workbench.common.errors import RuleError, nearest
from workbench.declare.field_types import declared
from workbench.declare.neuron import NeuronModel

#: What projections of a circuit may reach and leave, besides its own populations.
ENDS = ("below", "layer", "above")

#: The weights from a layer to the one above.
FORWARD = "forward"

_NAME = re.compile(r"[a-z]+(_[a-z]+)*")


@declared(RuleError, "CircuitPopulation")
@dataclass(frozen=True, kw_only=True)
class CircuitPopulation:
    """Neurons beside each hidden layer.

    Attributes
    ----------
    name : str
        What projections of the circuit call it: lower-case letters. Beside ``hidden1`` the network has it as
        ``<name>1``.
    neuron : NeuronModel
        Their equations.
    size : {"layer", "above"}
        Whether there are as many as in the layer, or as in the one above.
    """

    name: str
    neuron: NeuronModel
    size: Literal["layer", "above"] = "layer"


@declared(RuleError, "CircuitProjection")
@dataclass(frozen=True, kw_only=True)
class CircuitProjection:
    """Weights beside each hidden layer, which stay as they begin, or learn by equations of their own.

    Attributes
    ----------
    name : str
        What they are called: lower-case letters and underscores. Beside ``hidden1`` the network has them as
        ``<name>1``.
    source, target : str
        ``below``, ``layer``, ``above``, or a population of the circuit.
    receptor : str
        The variable of the target to which a spike adds its weight.
    pattern : {"all", "one_to_one", "others"}
        As of `Connectivity`.
    pre, pre_on_spike, synapse : str
        By which they learn, as of `Rule`; they stay where `synapse` is empty. The rule's numbers are read by name.
    learning_rate : str or float
        By what their estimate is multiplied at each update: a number, or the name of one of the rule's.
    weight : str, float or None
        What each is at the start: a number, or the name of one of the rule's.
    std : str or float
        Deviation of weights that are drawn around 0, times the root of a neuron's sources: such a number or name.
    like : str
        The weights that they begin with, times `factor`: ``forward``, those from the layer to the one above, or an
        earlier projection of the circuit; transposed where they go the other way about. They are drawn where it is
        empty and there is no `weight`.
    factor : float
        See `like`.
    """

    name: str
    source: str
    target: str
    receptor: str = "I"
    pattern: Literal["all", "one_to_one", "others"] = "all"
    pre: str = ""
    pre_on_spike: str = ""
    synapse: str = ""
    learning_rate: str | float = 1.0
    weight: str | float | None = None
    std: str | float = 1.0
    like: str = ""
    factor: float = 1.0

    @property
    def numbers(self) -> tuple[str, ...]:
        """The names of the rule's numbers that it begins with."""
        given = (self.learning_rate, self.weight, self.std)
        return tuple(value for value in given if isinstance(value, str))


def number_of(given: str | float, numbers: Mapping[str, float]) -> float:
    """Return a number, or what the rule has under its name.

    Parameters
    ----------
    given : str or float
        Either.
    numbers : mapping of str to float
        The rule's.
    """
    return numbers[given] if isinstance(given, str) else given


@declared(RuleError, "Circuit")
@dataclass(frozen=True, kw_only=True)
class Circuit:
    """Populations and projections that a rule brings along for each hidden layer of a network.

    They are neurons and weights like others: they are there when nothing is learnt, too.

    Attributes
    ----------
    populations : tuple of CircuitPopulation
        Neurons beside a layer.
    projections : tuple of CircuitProjection
        What connects them, the layer and its neighbours.
    """

    populations: tuple[CircuitPopulation, ...] = ()
    projections: tuple[CircuitProjection, ...] = ()

    @property
    def lines(self) -> list[str]:
        """What it brings, a line each, as pages show it."""
        told = [
            f"{item.name}: {item.neuron.name}, as many as {'above' if item.size == 'above' else 'in the layer'}"
            for item in self.populations
        ]
        for item in self.projections:
            begin = f"{item.factor:g} * {item.like}" if item.like else f"std {item.std}"
            begin = begin if item.weight is None else str(item.weight)
            pattern = "" if item.pattern == "all" else f", {item.pattern}"
            told.append(f"{item.name}: {item.source} -> {item.target}.{item.receptor}{pattern}, begins at {begin}")
            told += [f"{item.name}: {line.strip()}" for line in item.synapse.splitlines() if line.strip()]
        return told

    def refuse(self, numbers: Collection[str], where: str) -> None:
        """Refuse names that are none, or that stand for nothing.

        Parameters
        ----------
        numbers : collection of str
            The rule's, without a unit.
        where : str
            The start of the message.

        Raises
        ------
        RuleError
            Which.
        """
        named = [item.name for item in self.populations] + [item.name for item in self.projections]
        for number, name in enumerate(named):
            if not _NAME.fullmatch(name) or name in (*ENDS, FORWARD, "inputs", "hidden", "readout", "clock"):
                raise RuleError(
                    f"{where}: the name of a population or projection must be lower-case letters, with underscores "
                    f"between them, and mean nothing else, unlike '{name}'. Choose another."
                )
            if name in named[:number]:
                raise RuleError(f"{where} has '{name}' twice. Rename one of the two.")
        ends = (*ENDS, *(item.name for item in self.populations))
        for number, projection in enumerate(self.projections):
            who = f"{where}, projection '{projection.name}'"
            for end in (projection.source, projection.target):
                if end not in ends:
                    raise RuleError(f"{who}: there is no '{end}'. {nearest(end, ends)}")
            if projection.target == "below":
                raise RuleError(f"{who} reaches 'below', which may be the inputs. Let it reach the layer or above.")
            before = (FORWARD, *(item.name for item in self.projections[:number]))
            if projection.like and projection.like not in before:
                raise RuleError(
                    f"{who} is to begin like '{projection.like}', which is none of the weights before it. "
                    f"{nearest(projection.like, before)}"
                )
            if projection.like and projection.weight is not None:
                raise RuleError(f"{who} has both `like` and `weight`, which give what it begins with. Drop one.")
            for name in projection.numbers:
                if name not in numbers:
                    raise RuleError(
                        f"{who} begins with '{name}', none of the rule's numbers without a unit. "
                        f"{nearest(name, numbers)}"
                    )
