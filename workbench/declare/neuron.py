"""Neuron models: Brian2 equation text with its parameters, replaceable by the user."""

from dataclasses import dataclass, replace

from workbench.common.errors import ModelError, nearest
from workbench.declare.field_types import declared
from workbench.text.equation_text import differentials, subexpressions, with_substituted_equations
from workbench.text.quantities import read_quantity, units_of, values_of
from workbench.text.syntax import substituted, with_substituted
from workbench.text.time_constants import refuse_times


@declared(ModelError, "Neuron")
@dataclass(frozen=True, kw_only=True)
class NeuronModel:
    """The equations of one layer's neurons.

    Attributes
    ----------
    name : str
        What study files call it.
    doc : str
        What it is, in a sentence.
    equations : str
        Differential equations; `I` collects what arrives (a presynaptic spike adds its weight to it). Subexpressions
        ``x = ... : unit`` may stand among them, which the model's other texts may read too.
    drive : str
        Compared with 0 to decide on a spike, e.g. ``v - v_th``; empty for a neuron without spikes.
    reset : str
        Statements after a spike.
    refractory : str
        A condition in which there is no spike, whatever the drive, e.g. ``rest > 0.5*dt``.
    pooled : str
        Statements that run in each step when its spikes have arrived; they may read ``pooled``, the number of neurons
        of the layer that spike in it, e.g. ``s += inhibition * pooled`` for an inhibition of all by each.
    adapts : tuple of str
        Variables whose jump after a spike is a dynamics of its own, as that of a threshold: gradients go through it
        even where the reset of the others is held constant.
    output : str
        The variable that a readout gives out: of a neuron with spikes, one that filters them and nothing else. A hidden
        neuron without spikes sends it on as a rate per millisecond.
    parameters : tuple of (str, str or float)
        Names and values (quantities such as ``"20 ms"``) that the equations read.
    initial : tuple of (str, str or float)
        Variables and their values at the start of a trial, quantities or names of parameters, e.g. ``(("v", "E_L"),)``;
        all others start at 0. A neuron that spikes in a trial's first step without input is refused.
    persistent : tuple of str
        Variables that a trial's start leaves alone, as a threshold that adapts over many trials: they begin with their
        first values once.
    method : str
        ``"exact"`` for linear equations, else one of Brian2's integration methods (``"euler"``, ``"rk4"``, ...).
    """

    name: str
    doc: str = ""
    equations: str
    drive: str = ""
    reset: str = ""
    refractory: str = ""
    pooled: str = ""
    adapts: tuple[str, ...] = ()
    output: str = ""
    parameters: tuple[tuple[str, str | float], ...] = ()
    initial: tuple[tuple[str, str | float], ...] = ()
    persistent: tuple[str, ...] = ()
    method: str = "exact"

    def __post_init__(self) -> None:
        if not self.drive and not self.output:
            raise ModelError(f"Neuron '{self.name}': give `drive` (it spikes), `output` (it is a readout), or both.")
        texts = (self.equations, self.drive, self.reset, self.refractory, self.pooled)
        refuse_times(self.values(), self.units(), texts, f"Neuron '{self.name}'", ModelError)
        if self.persistent:
            own = {item.name for item in differentials(self.equations, f"Neuron '{self.name}', `equations`")}
            for name in self.persistent:
                if name not in own:
                    raise ModelError(
                        f"Neuron '{self.name}', `persistent`: '{name}' is none of its variables. {nearest(name, own)}"
                    )

    @property
    def spiking(self) -> bool:
        """Whether the neuron emits spikes."""
        return bool(self.drive)

    def values(self) -> dict[str, float]:
        """Return the parameters by name, in SI base units."""
        return values_of(self.parameters, self.name)

    def units(self) -> dict[str, str]:
        """Return the parameters' units by name, as Brian2 calls them; ``1`` for none."""
        return units_of(self.parameters, self.name)

    def _first(self) -> dict[str, str | float]:
        known, found = dict(self.parameters), dict(self.initial)
        for state, value in self.initial:
            if isinstance(value, str) and value.isidentifier():
                if value not in known:
                    raise ModelError(
                        f"Neuron '{self.name}': the first value of '{state}' is '{value}', neither a quantity nor one "
                        f"of its parameters. {nearest(value, known)}"
                    )
                found[state] = known[value]
        return found

    def first_values(self) -> dict[str, float]:
        """Return the values of `initial` by variable, in SI base units."""
        return values_of(self._first().items(), f"{self.name}.initial")

    def first_units(self) -> dict[str, str]:
        """Return the units of `initial` by variable, as Brian2 calls them."""
        return units_of(self._first().items(), f"{self.name}.initial")

    def plain(self) -> "NeuronModel":
        """Return the same model with its subexpressions written out wherever they are read.

        Raises
        ------
        ModelError
            Where its equations cannot be read.
        """
        where = f"Neuron '{self.name}', `equations`"
        written_out = subexpressions(self.equations, where)
        if not written_out:
            return self
        return replace(
            self,
            equations=with_substituted_equations(differentials(self.equations, where), {}),
            drive=substituted(self.drive, written_out) if self.drive else "",
            reset=with_substituted(self.reset, written_out),
            refractory=substituted(self.refractory, written_out) if self.refractory else "",
            pooled=with_substituted(self.pooled, written_out),
        )

    def with_parameters(self, values: dict[str, str | float]) -> "NeuronModel":
        """Return the same model with some of its parameters replaced.

        Parameters
        ----------
        values : dict of str to (str or float)
            Quantities such as ``"20 ms"``, or numbers, by name.

        Returns
        -------
        NeuronModel
            The others keep their values.

        Raises
        ------
        ModelError
            Where a name is not one of its parameters, or a unit differs.
        """
        known, units = dict(self.parameters), self.units()
        for name, value in values.items():
            if name not in known:
                raise ModelError(f"Neuron '{self.name}' has no parameter '{name}'. {nearest(name, known)}")
            unit = read_quantity(value, f"{self.name}.{name}")[1]
            if unit != units[name]:
                raise ModelError(f"{self.name}.{name}: '{value}' is in '{unit}', but '{units[name]}' is needed.")
        return replace(self, parameters=tuple((known | values).items()))
