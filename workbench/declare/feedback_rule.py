"""How feedback weights learn by a rule of their own, as data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from workbench.common.errors import RuleError
from workbench.declare.field_types import declared
from workbench.declare.parameter import Parameter
from workbench.text.quantities import units_of, values_of
from workbench.text.time_constants import refuse_times


@declared(RuleError, "FeedbackRule")
@dataclass(frozen=True, kw_only=True)
class FeedbackRule:
    """A rule for the weights that bring a signal down from the layer above; it runs in a phase without a task.

    In that phase inputs are noise or silent, neurons spike by their own noise, and forward weights stay. The feedback
    weights descend along `g`, which adds up over a trial, divided by the trial's length; with the forward weights
    held they tend to what the rule aligns them with.

    Attributes
    ----------
    name, title : str
        What messages and pages call it.
    doi : str
        Of the paper that defines it.
    synapse : str
        Differential equations of each synapse; one defines `g` [second]. Names that end in ``_pre`` are of the neuron
        above, from which the signal comes (its variables, and ``spiked`` where it spikes), those in ``_post`` of the
        neuron that gets it (``spiked`` of one without spikes is what it sends); `b` is the weight, and `forward_w` that
        of the other direction, which only a rule that copies weights reads. Linear parts are integrated exactly, as of
        `Rule`.
    sums : tuple of (str, str)
        What `g` may read besides, each the sum of an expression of the above, without unit, over the synapses of one
        neuron: of the one above where its name ends in ``_pre``, of the one that gets the signal where in ``_post``.
        So ``("returned_post", "b * v_pre")`` is what feedback weights bring of potentials above.
    parameters : tuple of Parameter
        Its numbers.
    """

    name: str
    title: str
    doi: str = ""
    synapse: str
    sums: tuple[tuple[str, str], ...] = ()
    parameters: tuple[Parameter, ...] = ()

    def __post_init__(self) -> None:
        where = f"FeedbackRule '{self.name}'"
        if not re.search(r"\bdg\s*/\s*dt\s*=", self.synapse):
            raise RuleError(
                f"{where}: `synapse` must define 'g', along which weights descend, as 'dg/dt = ... : second'."
            )
        for name, _ in self.sums:
            if not re.fullmatch(r"\w+_(pre|post)", name):
                raise RuleError(
                    f"{where}: the name of a sum must end in '_pre' or '_post', which says over whose synapses it is, "
                    f"unlike '{name}'. Rename it."
                )
        refuse_times(self.values(), self.units(), [self.synapse, *dict(self.sums).values()], where, RuleError)

    @property
    def copies(self) -> bool:
        """Whether it reads the weight of the other direction."""
        return self._reads(r"forward_w")

    @property
    def reads_neurons(self) -> bool:
        """Whether what neurons do has a part in it."""
        return self._reads(r"\w+_(pre|post)")

    def _reads(self, name: str) -> bool:
        texts = (self.synapse, *dict(self.sums).values())
        return any(re.search(rf"\b{name}\b", text) for text in texts)

    def with_parameters(self, values: Mapping[str, str | float]) -> "FeedbackRule":
        """Return the same rule with other defaults for those of its parameters that are named.

        Parameters
        ----------
        values : mapping of str to (str or float)
            By name of the parameter; others are left aside.

        Returns
        -------
        FeedbackRule
            Whose other parameters keep their defaults.
        """
        parameters = [replace(item, default=values.get(item.name, item.default)) for item in self.parameters]
        return replace(self, parameters=tuple(parameters))

    def values(self) -> dict[str, float]:
        """Return the parameters by name, in SI base units."""
        return values_of(((item.name, item.default) for item in self.parameters), self.name)

    def units(self) -> dict[str, str]:
        """Return the parameters' units by name, as Brian2 calls them; ``1`` for none."""
        return units_of(((item.name, item.default) for item in self.parameters), self.name)
