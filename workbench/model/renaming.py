"""Names under which a network holds what equations read, so that no author's is taken for one of the workbench's."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field, replace

from workbench.declare.neuron import NeuronModel
from workbench.declare.surrogate import Surrogate
from workbench.text.equation_text import Differential
from workbench.text.linear import LinearSystem
from workbench.text.syntax import identifiers, substituted

#: Neurons hold the numbers of a rule under this prefix. Authors' names have no double underscore, names of the
#: workbench's own that are made from theirs have one, so that neither is taken for the other.
OWN = "rule__"

#: A synapse may not name a variable as its neurons do, which hold the same constants.
IN_SYNAPSE = "synapse__"

#: Brian2 keeps the suffix ``_post`` for the variables of neurons, so a target's constants are held under this prefix.
TARGET = "target__"

#: Before the names of the variables of a readout that filter wanted spikes as it filters its own.
WANTED = "wanted__"

#: Before the names of the variables in which a layer gets what neurons without spikes send.
ARRIVING = "arriving__"

#: Before the names of what a rule sums up over the synapses onto a neuron.
SUM = "sum__"

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
    differing : frozenset of str
        Names of those that differ between neurons.
    """

    numbers: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    differing: frozenset[str] = frozenset()

    def __or__(self, other: "Held") -> "Held":
        return Held(self.numbers | other.numbers, self.units | other.units, self.differing | other.differing)

    def alike(self) -> "Held":
        """Return those that are the same for all neurons: all that a group can hold of the neurons of another."""
        names = [name for name in self.numbers if name not in self.differing]
        return Held({name: self.numbers[name] for name in names}, {name: self.units[name] for name in names})

    def declarations(self, names: Container[str] | None = None) -> list[str]:
        """Return equation text that declares the constants, or those of some names, which are set before a run."""
        wanted = [name for name in self.units if names is None or name in names]
        return [declaration(name, self.units[name], name in self.differing) for name in wanted]

    def differ(self, system: LinearSystem) -> bool:
        """Return whether the coefficients of a linear system differ between neurons."""
        return any(identifiers(entry) & self.differing for row in system.matrix for entry in row if self.differing)


def declaration(name: str, unit: str = "1", differs: bool = False) -> str:
    """Return equation text that declares a number which is set before a run: one for all, or one for each neuron."""
    return f"{name} : {unit}" if differs else f"{name} : {unit} (shared)"


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
    numbers = {text: f"{source}.{name}" for name, text in names.items()}
    return Held(numbers, units, frozenset(names[name] for name in model.differing))


def held_of_readout(readout: NeuronModel) -> Held:
    """Return a readout's parameters as neurons of other layers hold them."""
    return held_of(readout, "readout", suffix="_readout").alike()


def own_names(equations: Iterable[Differential], target: NeuronModel, prefix: str) -> tuple[Differential, ...]:
    """Return equations in which ``tau_..._post`` reads ``<prefix>tau_...``."""
    held = {f"{name}_post": f"{prefix}{name}" for name, _ in target.parameters}
    return tuple(replace(item, expression=substituted(item.expression, held)) for item in equations)


def arriving_by(projection: str) -> str:
    """Return the variable in which a layer gets what neurons without spikes send it by some weights."""
    return f"{ARRIVING}{projection}"


def summed_over(projection: str, name: str) -> str:
    """Return the variable in which a layer has what a rule sums up over the synapses of some weights."""
    return f"{SUM}{name}__{projection}"


def summed_as(variable: str) -> str:
    """Return what a rule calls a variable of neurons that may be such a sum."""
    return variable.removeprefix(SUM).rpartition("__")[0] if variable.startswith(SUM) else variable


def held_numbers(surrogate: Surrogate) -> dict[str, str]:
    """Return the variables in which a layer holds the numbers of a surrogate, by the names of these."""
    return {name: f"psi__{name}" for name, _ in surrogate.parameters}
