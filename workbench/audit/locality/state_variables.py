"""The variables of a network that keep a value from one step to the next."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from brian2 import NeuronGroup, Synapses
from brian2.core.variables import ArrayVariable

from workbench.audit.locality.data_flow import sets_anew, writes
from workbench.model.build import Model
from workbench.model.constraint_names import CONSTRAINT
from workbench.model.outlasting import KEPT
from workbench.model.read_program import operations_of
from workbench.model.setup import Setup

#: What no rule reads, what the host keeps, and what is set in each step from outside.
_OTHERS = frozenset({"loss", "output_sum", "g", "step", "mirror", "due"})


@dataclass(frozen=True)
class Kept:
    """A variable that keeps its value.

    Attributes
    ----------
    owner, variable : str
        The group and its variable.
    in_synapses : bool
        Whether the group are synapses.
    size, size_in_bytes : int
        How many values there are, and what they take.
    written : bool
        Whether what neurons and synapses do changes it.
    """

    owner: str
    variable: str
    in_synapses: bool
    size: int
    size_in_bytes: int
    written: bool


def kept_variables(setup: Setup, model: Model) -> Iterator[Kept]:
    """Yield the variables of neurons and synapses that keep a value, weights included, without `g` and the optimizer's.

    Parameters
    ----------
    setup : Setup
        Of the model.
    model : Model
        Clock-driven. What is set anew in each step, such as a sum or a surrogate derivative, is left out.
    """
    operations = operations_of(model, {"forward", "loss", "learning"})
    numbers = {item.variable for item in model.parts.bindings}
    others = _OTHERS | set(setup.optimizer.state)
    for owner, group in model.parts.groups.items():
        if owner == "clock" or not isinstance(group, NeuronGroup | Synapses):
            continue
        for name, variable in group.variables.items():
            own = isinstance(variable, ArrayVariable) and variable.owner is not None
            if not own or variable.owner.name != group.name or variable.scalar or variable.read_only:
                continue
            if name in others or name.startswith(("_", KEPT, CONSTRAINT)) or f"{owner}.{name}" in numbers:
                continue
            # Whatever else there is are places and numbers of spikes.
            if not np.issubdtype(variable.dtype, np.floating):
                continue
            if not any(sets_anew(operation, owner, name) for operation in operations):
                size = len(np.atleast_1d(variable.get_value()))
                written = any(writes(operation, owner, name) for operation in operations)
                in_bytes = size * np.dtype(variable.dtype).itemsize
                yield Kept(owner, name, isinstance(group, Synapses), size, in_bytes, written)
