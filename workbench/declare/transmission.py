"""What a spike transmits of a weight, as data: short-term plasticity."""

from dataclasses import dataclass

from workbench.common.errors import ModelError
from workbench.declare.field_types import declared
from workbench.declare.parameter import replaced
from workbench.text.quantities import read_quantity, units_of, values_of
from workbench.text.syntax import statements
from workbench.text.time_constants import refuse_times


@declared(ModelError, "Transmission")
@dataclass(frozen=True, kw_only=True)
class Transmission:
    """What a neuron's spikes transmit by some synapses: a share of their weights that hangs on its spikes before.

    Attributes
    ----------
    name : str
        What study files call it.
    doc : str
        What it is, in a sentence.
    equations : str
        Linear differential equations of variables that the presynaptic neuron keeps for these synapses, without units;
        integrated exactly.
    on_spike : str
        Statements at its spike, which read these variables and set `sent`, by which the weights are multiplied.
    initial : tuple of (str, float)
        First values in a trial; of others 0.
    parameters : tuple of (str, str or float)
        Names and values that its texts read.
    doi : str
        Of the paper that defines it.
    """

    name: str
    doc: str = ""
    equations: str
    on_spike: str
    initial: tuple[tuple[str, float], ...] = ()
    parameters: tuple[tuple[str, str | float], ...] = ()
    doi: str = ""

    def __post_init__(self) -> None:
        where = f"Transmission '{self.name}'"
        refuse_times(self.values(), self.units(), (self.equations, self.on_spike), where, ModelError)
        if "sent" not in {target for target, _ in statements(self.on_spike)}:
            raise ModelError(f"{where}: `on_spike` never sets 'sent', the share that is transmitted.")

    def values(self) -> dict[str, float]:
        """Return the parameters by name, in SI base units."""
        return values_of(self.parameters, self.name)

    def units(self) -> dict[str, str]:
        """Return the parameters' units by name, as Brian2 calls them; ``1`` for none."""
        return units_of(self.parameters, self.name)

    def with_parameters(self, values: dict[str, str | float]) -> "Transmission":
        """Return the same with other values of some parameters.

        Parameters
        ----------
        values : dict of str to (str or float)
            By name.

        Returns
        -------
        Transmission
            The others keep their values.

        Raises
        ------
        ModelError
            Where a name is none of its parameters.
        """
        units = self.units()
        for name, value in values.items():
            unit = read_quantity(value, f"{self.name}.{name}")[1]
            if name in units and unit != units[name]:
                raise ModelError(f"{self.name}.{name}: '{value}' is in '{unit}', but '{units[name]}' is needed.")
        parameters = replaced(self.parameters, values, f"Transmission '{self.name}'", ModelError)
        return Transmission(**{**vars(self), "parameters": parameters})


#: Tsodyks, Pawelzik and Markram 1998, equations 2.1 to 2.4, with u before a spike as what is left of it.
TSODYKS_MARKRAM = Transmission(
    name="tsodyks_markram",
    doc="A share u of resources x is sent and lost; x recovers, and u jumps at a spike and falls back.",
    equations="""du/dt = -u / tau_f : 1
dx/dt = (1 - x) / tau_d : 1""",
    on_spike="""u += use * (1 - u)
sent = u * x
x -= sent""",
    initial=(("x", 1.0),),
    parameters=(("tau_f", "50 ms"), ("tau_d", "200 ms"), ("use", 0.5)),
    doi="10.1162/089976698300017502",
)
