"""How feedback weights learn by a rule of their own, as data."""

import re
from dataclasses import dataclass

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
        neuron that gets it; `b` is the weight. Linear parts are integrated exactly, as of `Rule`.
    parameters : tuple of Parameter
        Its numbers.
    """

    name: str
    title: str
    doi: str = ""
    synapse: str
    parameters: tuple[Parameter, ...] = ()

    def __post_init__(self) -> None:
        where = f"FeedbackRule '{self.name}'"
        if not re.search(r"\bdg\s*/\s*dt\s*=", self.synapse):
            raise RuleError(
                f"{where}: `synapse` must define 'g', along which weights descend, as 'dg/dt = ... : second'."
            )
        refuse_times(self.values(), self.units(), [self.synapse], where, RuleError)

    def values(self) -> dict[str, float]:
        """Return the parameters by name, in SI base units."""
        return values_of(((item.name, item.default) for item in self.parameters), self.name)

    def units(self) -> dict[str, str]:
        """Return the parameters' units by name, as Brian2 calls them; ``1`` for none."""
        return units_of(((item.name, item.default) for item in self.parameters), self.name)
