"""What a layer does in a step, one line after the other, each of which sets a name that no other sets.

Lines are read off a network's operations. What reaches a layer comes by ports: what other neurons add to a variable, in
each step; and what it sends leaves by its spikes, or by one of its names where it has none.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Assign:
    """A name that is set to an expression.

    Attributes
    ----------
    to : str
        The name.
    text : str
        What it is set to, in names of lines, inputs and constants.
    shared : bool
        Whether it is one number for the whole layer.
    """

    to: str
    text: str
    shared: bool = False


@dataclass(frozen=True)
class Arrive:
    """A name to which what reaches the layer is added.

    Attributes
    ----------
    to, before : str
        The name, and the one of the same variable before; empty where what arrives is all that it is.
    port : str
        The projection by which it comes.
    """

    to: str
    before: str
    port: str


@dataclass(frozen=True)
class Decide:
    """Spikes, which are given.

    Attributes
    ----------
    to : str
        The name of what is 1 where there is one.
    drive, condition, slope : str
        How far a neuron is above threshold, whether it spikes by itself, and the surrogate's derivative.
    """

    to: str
    drive: str
    condition: str
    slope: str


@dataclass(frozen=True)
class Gather:
    """A number of the layer that is made of all its neurons.

    Attributes
    ----------
    to : str
        The number.
    of : str
        What each neuron has.
    how : {"sum", "largest"}
        What is made of them; gradients do not go through the largest.
    """

    to: str
    of: str
    how: Literal["sum", "largest"]


@dataclass(frozen=True)
class Displace:
    """A name that is one thing where there is a spike, and another elsewhere.

    Attributes
    ----------
    to, before, displaced : str
        The name, what it is without a spike, and what it is with one.
    spikes : str
        The name of the spikes.
    adapts : bool
        Whether gradients go through the displacement whatever is said of the reset.
    """

    to: str
    before: str
    displaced: str
    spikes: str
    adapts: bool


@dataclass(frozen=True)
class Flow:
    """How far a variable goes in a step by itself, just before or just after the reset of a spike.

    Attributes
    ----------
    to : str
        The name of the variable there.
    text : str
        How far; less than nothing before the reset, since what is moved ends then.
    """

    to: str
    text: str


Line = Assign | Arrive | Decide | Gather | Displace


@dataclass(frozen=True)
class Layer:
    """A layer's step as lines.

    Attributes
    ----------
    name : str
        Of the layer.
    lines : tuple of Line
        In their order.
    carried : dict of str to (str, str)
        Variable -> its names at the beginning and at the end of a step.
    constants : dict of str to (str, str)
        Name -> the group and variable whose number it is.
    given : dict of str to (str, str)
        Name -> the group and variable that it is given in each step or trial: noise, targets, the loss's window.
    sent : str
        The name of what the layer sends where it has no spikes.
    first : dict of str to (str, dict of str to (str, str))
        Variable -> what it is at the start of a trial, where it is not 0: an expression, and what its names stand for.
    decided : dict of str to str
        Variable -> its name where it is decided whether there is a spike.
    """

    name: str
    lines: tuple[Line, ...]
    carried: dict[str, tuple[str, str]]
    constants: dict[str, tuple[str, str]]
    given: dict[str, tuple[str, str]]
    sent: str
    first: dict[str, tuple[str, dict[str, tuple[str, str]]]]
    decided: dict[str, str]

    @property
    def gathers(self) -> bool:
        """Whether a neuron reads what others of the layer do in the same step."""
        return any(isinstance(line, Gather) or (isinstance(line, Assign) and line.shared) for line in self.lines)

    @property
    def decision(self) -> Decide | None:
        """The line of its spikes; None where it has none."""
        return next((line for line in self.lines if isinstance(line, Decide)), None)

    @property
    def spikes(self) -> str:
        """The name of its spikes; empty where it has none."""
        return self.decision.to if self.decision else ""

    @property
    def ports(self) -> tuple[str, ...]:
        """The projections by which something reaches it, in their order."""
        return tuple(line.port for line in self.lines if isinstance(line, Arrive))
