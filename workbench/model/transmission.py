"""What spikes transmit: variables of a presynaptic neuron for the synapses of one projection."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from workbench.declare.projection import Projection
from workbench.declare.transmission import Transmission
from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.bindings import Binding
from workbench.model.renaming import Held, declaration
from workbench.model.setup import FIRST
from workbench.text.equation_text import Differential
from workbench.text.equations import parse_differential
from workbench.text.syntax import statements, substituted

#: Before the names of a neuron's variables that belong to what its spikes transmit.
_OWN = "transmit__"


def sent_by(projection: Projection) -> str:
    """Return the variable of a source by which a projection's weights are multiplied at its spikes; empty for none."""
    return f"{_OWN}{projection.name}__sent" if projection.transmits is not None else ""


def is_transmission(variable: str) -> bool:
    """Return whether a neuron's variable belongs to what its spikes transmit."""
    return variable.startswith(_OWN)


@dataclass(frozen=True)
class Sending:
    """What a group keeps for one projection.

    Attributes
    ----------
    projection : Projection
        By which it sends.
    transmission : Transmission
        Of it.
    """

    projection: Projection
    transmission: Transmission

    def _names(self) -> dict[str, str]:
        own = (*(item.name for item in self._written()), *self.transmission.units(), "sent")
        return {name: f"{_OWN}{self.projection.name}__{name}" for name in own}

    def _written(self) -> tuple[Differential, ...]:
        where = f"Transmission '{self.transmission.name}', `equations`"
        return parse_differential(self.transmission.equations, where)

    @property
    def equations(self) -> tuple[Differential, ...]:
        """The equations, under names of the projection's."""
        names = self._names()
        return tuple(
            replace(item, name=names[item.name], expression=substituted(item.expression, names))
            for item in self._written()
        )

    @property
    def code(self) -> str:
        """What happens at a spike."""
        names = self._names()
        found = statements(self.transmission.on_spike)
        return "\n".join(f"{names.get(target, target)} = {substituted(text, names)}" for target, text in found)

    @property
    def held(self) -> Held:
        """The numbers that these read."""
        names, units = self._names(), self.transmission.units()
        numbers = {names[name]: f"transmission.{self.projection.name}.{name}" for name in units}
        return Held(numbers, {names[name]: unit for name, unit in units.items()})

    @property
    def first(self) -> dict[str, str]:
        """The first values that are numbers of the setup, by variable."""
        names = self._names()
        return {
            names[name]: f"transmission.{self.projection.name}.{FIRST}{name}" for name, _ in self.transmission.initial
        }


def sendings(parts: Parts, group: str) -> Iterator[Sending]:
    """Yield what a group keeps for the projections that leave it."""
    for item in parts.setup.network.all_projections:
        if item.terminals == group and item.transmits is not None:
            yield Sending(item, item.transmits)


def declared_for_sending(sent: Sequence[Sending]) -> list[str]:
    """Return what a group declares for its projections besides equations and numbers."""
    firsts = [declaration(f"{FIRST}{name}") for one in sent for name in one.first]
    return [*(f"{sent_by(one.projection)} : 1" for one in sent), *firsts]


def add_sending(parts: Parts, group: str, sent: Sending) -> None:
    """Let spikes of a group set what they transmit, before it arrives."""
    parts.run_code(
        group, f"transmit_{sent.projection.name}", sent.code, schedule.TRANSMIT, "forward", events="_spikespace"
    )
    parts.bindings.extend(Binding(f"{group}.{FIRST}{name}", number) for name, number in sent.first.items())
