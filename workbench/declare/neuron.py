"""Neuron models: Brian2 equation text with its parameters, replaceable by the user."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import ModelError, nearest
from workbench.declare.field_types import declared
from workbench.declare.noise import Noise
from workbench.declare.refractory import changes_by_spikes_alone
from workbench.text.equation_text import differentials, subexpressions, with_substituted_equations
from workbench.text.spreads import middle_of, read_spread, unit_of
from workbench.text.syntax import changes, substituted, with_substituted
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
        neuron without spikes sends it on as a rate per millisecond; that may be a subexpression.
    parameters : tuple of (str, str or float)
        Names and values (quantities such as ``"20 ms"``) that the equations read. What differs between neurons is a
        text such as ``"normal(20 ms, 5 ms, 1 ms, 100 ms)"`` (mean, deviation, bounds), ``"uniform(10 ms, 30 ms)"``,
        ``"lognormal(20 ms, 0.3)"``, from which a network's seed draws for each layer, or what `by_neuron` makes of an
        array.
    initial : tuple of (str, str or float)
        Variables and their values at the start of a trial, as those of parameters, or names of parameters, e.g.
        ``(("v", "E_L"),)``; all others start at 0. A neuron that spikes in a trial's first step without input is
        refused.
    persistent : tuple of str
        Variables that a trial's start leaves alone, as a threshold that adapts over many trials: they begin with their
        first values once.
    noise : tuple of (str, str)
        Names of numbers without a unit that each neuron draws in each step, which its texts may read, with their kind:
        ``"normal"`` (mean 0, variance 1) or ``"uniform"`` (between 0 and 1). A white noise, as Brian2's ``xi``, is
        ``eta / sqrt(dt)``; a neuron that spikes with a probability p has the drive ``p - u``. Numbers follow from the
        network's seed, the trial's `draw`, step and neuron; gradients take them for constants.
    method : str
        ``"exact"`` for linear equations, else one of Brian2's integration methods (``"euler"``, ``"rk4"``, ...).
    doi : str
        Of the paper that it is from; empty of what is common property.
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
    noise: Noise = ()
    method: str = "exact"
    doi: str = ""

    def __post_init__(self) -> None:
        if not self.drive and not self.output:
            raise ModelError(f"Neuron '{self.name}': give `drive` (it spikes), `output` (it is a readout), or both.")
        self.refuse_times(self.values())
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

    @property
    def spikes_add(self) -> bool:
        """Whether spikes only add to what `adapts` names, as the delta rule of a readout needs it."""
        return all(sign for name, sign, _ in changes(self.reset) if name in self.adapts)

    @property
    def besides_threshold(self) -> str:
        """What decides on its spikes besides the crossing of a threshold and the spikes before; empty where nothing."""
        passes = bool(self.refractory) and not changes_by_spikes_alone(
            self.plain().refractory, self.plain().equations, self.values(), f"Neuron '{self.name}', `equations`"
        )
        found = {"noise": self.noise, "a refractory period": passes, "`pooled`": self.pooled}
        return next((name for name, there in found.items() if there), "")

    def refuse_times(self, values: Mapping[str, float | NDArray[np.float64]], where: str = "") -> None:
        """Refuse values of its parameters among which time constants are not positive, or a divisor is 0.

        Parameters
        ----------
        values : mapping of str to float
            In SI base units; what is no float is not looked at.
        where : str
            What follows the neuron's name in the message.

        Raises
        ------
        ModelError
            With the name of the parameter.
        """
        texts = (self.equations, self.drive, self.reset, self.refractory, self.pooled)
        numbers = {name: value for name, value in values.items() if isinstance(value, float)}
        refuse_times(numbers, self.units(), texts, f"Neuron '{self.name}'{where}", ModelError)

    @cached_property
    def differing(self) -> frozenset[str]:
        """The parameters that differ between neurons."""
        where = f"Neuron '{self.name}'"
        return frozenset(name for name, value in self.parameters if read_spread(value, where) is not None)

    @cached_property
    def differing_first(self) -> frozenset[str]:
        """The variables whose first values differ between neurons."""
        where = f"Neuron '{self.name}'"
        return frozenset(
            name for name, value in self.initial if value in self.differing or read_spread(value, where) is not None
        )

    @property
    def is_uniform(self) -> bool:
        """Whether all neurons have the same numbers."""
        return not self.differing and not self.differing_first

    def alike(self) -> "NeuronModel":
        """Return the same model with all neurons alike, each with the middle of what differs."""
        if self.is_uniform:
            return self

        def of_all(pairs: tuple[tuple[str, str | float], ...]) -> tuple[tuple[str, str | float], ...]:
            where = f"Neuron '{self.name}'"
            spreads = {name: read_spread(value, where) for name, value in pairs}
            return tuple(
                (name, value if (spread := spreads[name]) is None else f"{spread.middle!r} {spread.unit}")
                for name, value in pairs
            )

        return replace(self, parameters=of_all(self.parameters), initial=of_all(self.initial))

    def values(self) -> dict[str, float]:
        """Return the parameters by name, in SI base units; of what differs between neurons the middle."""
        return {name: middle_of(value, f"{self.name}.{name}") for name, value in self.parameters}

    def units(self) -> dict[str, str]:
        """Return the parameters' units by name, as Brian2 calls them; ``1`` for none."""
        return {name: unit_of(value, f"{self.name}.{name}") for name, value in self.parameters}

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
        """Return the values of `initial` by variable, in SI base units; of what differs between neurons the middle."""
        return {name: middle_of(value, f"{self.name}.initial.{name}") for name, value in self._first().items()}

    def first_units(self) -> dict[str, str]:
        """Return the units of `initial` by variable, as Brian2 calls them."""
        return {name: unit_of(value, f"{self.name}.initial.{name}") for name, value in self._first().items()}

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
            output=f"({written_out[self.output]})" if self.output in written_out else self.output,
        )

    def with_parameters(self, values: dict[str, str | float]) -> "NeuronModel":
        """Return the same model with some of its parameters replaced.

        Parameters
        ----------
        values : dict of str to (str or float)
            Quantities such as ``"20 ms"``, numbers, or what differs between neurons, by name.

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
            unit = unit_of(value, f"{self.name}.{name}")
            if unit != units[name]:
                raise ModelError(f"{self.name}.{name}: '{value}' is in '{unit}', but '{units[name]}' is needed.")
        return replace(self, parameters=tuple((known | values).items()))
