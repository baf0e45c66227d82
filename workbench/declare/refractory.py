"""Refractory periods that only spikes begin and end."""

from collections.abc import Mapping

import numpy as np

from workbench.text.equation_text import differentials
from workbench.text.expressions import evaluate
from workbench.text.syntax import identifiers


def changes_by_spikes_alone(condition: str, equations: str, values: Mapping[str, float], where: str) -> bool:
    """Return whether a condition stays as it is between spikes, whatever happens.

    Parameters
    ----------
    condition, equations : str
        Of a neuron, without subexpressions.
    values : mapping of str to float
        Its parameters.
    where : str
        The start of a message about equations that cannot be read.
    """
    still = {
        item.name
        for item in differentials(equations, where)
        if identifiers(item.expression) <= values.keys() and evaluate(item.expression, values, np) == 0
    }
    return identifiers(condition) <= still | values.keys()
