"""Where the numbers of a setup go in the model of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.text.linear import LinearSystem

#: The spikes that a group is given: their steps and neurons, for as many as there is room for. Fewer may come, of which
#: the last ends those that are read, so that a few trials cost no more than they have spikes.
GIVEN = ("_timebins", "neuron_index")


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


def read_propagator(entry: Mapping[str, Any]) -> Propagator:
    """Return what was written as JSON."""
    system = entry["system"]
    return Propagator(
        entry["owner"],
        LinearSystem(tuple(system["states"]), tuple(tuple(row) for row in system["matrix"]), system["rest"]),
        entry["constants"],
        tuple((name, row, column) for name, row, column in entry["homogeneous"]),
        tuple((name, row, column) for name, row, column in entry["driven"]),
        entry["order"],
        entry["inverse"],
    )
