"""How closely two estimates must agree, and the refusal of those that do not."""

import numpy as np
from numpy.typing import NDArray

from workbench.measures.alignment import relative_error
from workbench.testing.subject import FailedError

#: Relative errors below this are rounding.
EXACT = 1e-9

#: What is below this share of the largest estimate is what rounding left of nothing.
_NOTHING = 1e-15

Gradients = dict[str, NDArray[np.float64]]


def agreement(found: Gradients, wanted: Gradients, otherwise: str) -> str:
    """Return the largest relative error over layers, or raise `FailedError` where it is more than rounding."""
    largest = max(np.abs(array).max() for array in wanted.values())
    nothing = [
        layer
        for layer, array in wanted.items()
        if max(np.abs(array).max(), np.abs(found[layer]).max()) < _NOTHING * largest
    ]
    errors = [error_of(found[layer], wanted[layer], layer) for layer in wanted if layer not in nothing]
    told = f"; there is nothing to learn for {', '.join(nothing)}" if nothing else ""
    return within(max(errors), EXACT, otherwise) + told


def within(error: float, bound: float, otherwise: str) -> str:
    """Return a relative error in words, or raise `FailedError` where it is not below a bound."""
    if not error < bound:
        raise FailedError(f"{otherwise}: relative error {error:.1e}, where {bound:.0e} is allowed.")
    return f"relative error {error:.0e}"


def error_of(found: NDArray[np.float64], wanted: NDArray[np.float64], layer: str) -> float:
    """Return the relative error of a layer's estimate, or raise `FailedError` where there is none."""
    measured = relative_error(found, wanted)
    if measured.reason:
        raise FailedError(f"Layer '{layer}': {measured.reason}")
    return measured.value
