"""Names in equation text: whose constants they are, and what stands in their place."""

import re
from collections.abc import Iterable
from dataclasses import replace

from workbench.equations import Differential
from workbench.neuron import NeuronModel


def constants_of(model: NeuronModel, source: str, prefix: str = "", suffix: str = "") -> dict[str, str]:
    """Return the names of a neuron model's parameters (with a prefix or suffix) -> numbers of the setup."""
    return {f"{prefix}{name}{suffix}": f"{source}.{name}" for name, _ in model.parameters}


#: Brian2 keeps the suffix ``_post`` for the variables of neurons, so a target's constants are held under this prefix.
TARGET = "target_"


def own_names(equations: Iterable[Differential], target: NeuronModel, prefix: str) -> tuple[Differential, ...]:
    """Return equations in which ``tau_..._post`` reads ``<prefix>tau_...``."""
    renamed = []
    for item in equations:
        expression = item.expression
        for name, _ in target.parameters:
            expression = substitute(expression, f"{name}_post", f"{prefix}{name}")
        renamed.append(replace(item, expression=expression))
    return tuple(renamed)


def substitute(expression: str, name: str, text: str) -> str:
    """Return an expression with a name replaced by a piece of text."""
    return re.sub(rf"\b{name}\b", text, expression)
