"""Names under which a network holds what equations read, so that no author's is taken for one of the workbench's."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from workbench.declare.neuron import NeuronModel
from workbench.text.equations import Differential
from workbench.text.syntax import substituted

#: Neurons hold the numbers of a rule under this prefix. Authors' names have no double underscore, names of the
#: workbench's own that are made from theirs have one, so that neither is taken for the other.
OWN = "rule__"

#: A synapse may not name a variable as its neurons do, which hold the same constants.
IN_SYNAPSE = "synapse__"

#: Brian2 keeps the suffix ``_post`` for the variables of neurons, so a target's constants are held under this prefix.
TARGET = "target__"

#: Before the names of the variables of a readout that filter wanted spikes as it filters its own.
WANTED = "wanted__"

#: 1 in the steps in which a neuron spikes, else 0; rules may read it at both ends of a synapse.
SPIKED = "spiked"

#: How far a neuron is above threshold, or the output of one without spikes; rules may read it of hidden neurons.
DRIVE = "drive"


@dataclass
class Held:
    """The constants that a group holds.

    Attributes
    ----------
    numbers : dict of str to str
        Names -> numbers of the setup.
    units : dict of str to str
        Names -> units.
    """

    numbers: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)

    def __or__(self, other: "Held") -> "Held":
        return Held(self.numbers | other.numbers, self.units | other.units)


def held_of(model: NeuronModel, source: str, prefix: str = "", suffix: str = "") -> Held:
    """Return a neuron model's parameters as a group holds them.

    Parameters
    ----------
    model : NeuronModel
        Whose parameters they are.
    source : str
        ``neuron`` or ``readout``: where its numbers are in the setup.
    prefix, suffix : str
        Before and after each name.
    """
    names = {name: f"{prefix}{name}{suffix}" for name, _ in model.parameters}
    units = {names[name]: unit for name, unit in model.units().items()}
    return Held({text: f"{source}.{name}" for name, text in names.items()}, units)


def own_names(equations: Iterable[Differential], target: NeuronModel, prefix: str) -> tuple[Differential, ...]:
    """Return equations in which ``tau_..._post`` reads ``<prefix>tau_...``."""
    held = {f"{name}_post": f"{prefix}{name}" for name, _ in target.parameters}
    return tuple(replace(item, expression=substituted(item.expression, held)) for item in equations)


def arriving_by(projection: str) -> str:
    """Return the variable in which a layer gets what neurons without spikes send it by some weights."""
    return f"arriving__{projection}"
