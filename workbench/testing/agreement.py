"""How closely two estimates must agree, and the refusal of those that do not."""

import numpy as np
from numpy.typing import NDArray

from workbench.measures.alignment import relative_error
from workbench.testing.subject import FailedError

#: Relative errors below this are rounding.
EXACT = 1e-9

Gradients = dict[str, NDArray[np.float64]]


def agreement(found: Gradients, wanted: Gradients, otherwise: str) -> str:
    """Return the largest relative error over layers, or raise `FailedError` where it is more than rounding."""
    return within(max(error_of(found[layer], wanted[layer], layer) for layer in wanted), EXACT, otherwise)


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
