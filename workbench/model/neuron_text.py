"""A neuron model's equations, parsed once."""

from functools import lru_cache

from workbench.declare.neuron import NeuronModel
from workbench.text.equation_text import Differential
from workbench.text.equations import parse_differential


@lru_cache(maxsize=64)
def equations_of(model: NeuronModel) -> tuple[Differential, ...]:
    """Return a neuron model's differential equations, with its subexpressions written out.

    Raises
    ------
    ModelError
        With the line of what is no equation.
    """
    return parse_differential(model.equations, f"Neuron '{model.name}', `equations`")


def states_of(model: NeuronModel) -> tuple[str, ...]:
    """Return the names of a neuron model's variables."""
    return tuple(item.name for item in equations_of(model))
