"""What became of an estimate when a variable was changed, and what was said of it before."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Moved:
    """What became of `g` when a variable was changed.

    Attributes
    ----------
    owner, variable : str
        The group and its variable.
    expected, moved : bool
        Whether the analysis says that `g` depends on it, and whether it does.
    beyond : bool
        Whether other synapses moved than those of the neuron in which it was changed.
    """

    owner: str
    variable: str
    expected: bool
    moved: bool
    beyond: bool = False

    @property
    def agrees(self) -> bool:
        """Whether analysis and experiment agree."""
        return self.expected == self.moved and not self.beyond
