"""What happens in each step of a network, as data: operations on variables of its groups."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["assign", "threshold", "given", "delay", "transmit", "sum", "greatest", "reset", "draw"]


#: How a variable is reached from the place that reads it.
Side = Literal["own", "pre", "post", "scalar", "temporary"]


@dataclass(frozen=True)
class Name:
    """What an identifier stands for: a variable of a group, seen from another.

    Attributes
    ----------
    owner, variable : str
        The group and its variable.
    side : str
        Whether it is the reader's own, of a synapse's source or target, a scalar, or a temporary of the operation.
    """

    owner: str
    variable: str
    side: Side


@dataclass(frozen=True)
class Operation:
    """One thing that happens in each step.

    Attributes
    ----------
    kind : str
        ``assign`` runs statements, ``threshold`` decides on spikes, ``given`` takes them from outside, ``delay``
        repeats those of a source, ``transmit`` runs statements of the synapses whose source spiked, ``sum`` adds up
        over synapses, ``greatest`` takes the largest of all neurons, ``reset`` runs statements of the neurons that
        spiked, ``draw`` draws noise.
    owner : str
        The group.
    source : str
        Of a transmission or delay: whose spikes.
    statements : tuple of (str, str)
        Target and expression; of a threshold one pair ("", condition).
    names : dict of str to Name
        What the identifiers stand for.
    delay : int
        Steps by which spikes are repeated later.
    role : str
        What it is part of: the dynamics ("forward", "given"), the loss, what the rule does ("learning"), or what the
        host does with its estimate ("host").
    """

    kind: Kind
    owner: str
    statements: tuple[tuple[str, str], ...]
    names: dict[str, Name]
    source: str = ""
    delay: int = 0
    role: str = "forward"
