"""Neurons of one kind beside the stack of layers, as data."""

import re
from dataclasses import dataclass

from workbench.common.errors import ModelError, shown
from workbench.common.plain_numbers import whole_number
from workbench.declare.field_types import declared
from workbench.declare.neuron import NeuronModel

#: Names that a network makes of it are told from others by their underscores.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")

#: Names that mean something else.
_TAKEN = re.compile(r"inputs|readout|clock|hidden\d*")


@declared(ModelError, "Population")
@dataclass(frozen=True, kw_only=True)
class Population:
    """Neurons beside those of the stack of layers, which projections reach and leave.

    Attributes
    ----------
    name : str
        What projections call it: letters and digits.
    size : int
        Number of neurons.
    neuron : NeuronModel or None
        Their equations; those of the hidden layers where it is None.
    """

    name: str
    size: int
    neuron: NeuronModel | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or _TAKEN.fullmatch(self.name):
            raise ModelError(
                f"Population: `name` must be letters and digits, and none of inputs, readout, clock and hidden1, ..., "
                f"not {shown(self.name)}."
            )
        whole_number(self.size, f"Population '{self.name}': `size`", error=ModelError)
