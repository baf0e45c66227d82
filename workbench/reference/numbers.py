"""The numbers of a network that do not change during a trial, as the reference reads them."""

from typing import Any

import numpy as np

from workbench.model.numbers import variable_values
from workbench.model.program import Program
from workbench.model.renaming import held_numbers
from workbench.model.setup import Setup

#: What is known by group and variable.
Values = dict[tuple[str, str], Any]


def numbers_of(setup: Setup, program: Program) -> Values:
    """Return the numbers that a program's operations read, by (group, variable).

    Parameters
    ----------
    setup : Setup
        Whose numbers they are.
    program : Program
        What was read off its Brian2 objects.
    """
    values = variable_values(setup, program.bindings, program.propagators)
    constants: Values = {("defaultclock", "dt"): np.float64(setup.network.dt)}
    for variable, value in values.items():
        owner, name = variable.split(".")
        constants[owner, name] = np.asarray(value, dtype=np.float64)
    used = {
        (name.owner, name.variable) for item in (*program.operations, *program.start) for name in item.names.values()
    }
    numbers = held_numbers(setup.network.surrogate).values()
    used |= {(layer, key) for layer in setup.network.layers for key in numbers}
    return {key: value for key, value in constants.items() if key in used}
