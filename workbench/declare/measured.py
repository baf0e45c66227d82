"""A number that was measured, or the reason why there is none."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """A number, or the reason why there is none.

    Attributes
    ----------
    value : float
        NaN where undefined.
    reason : str
        Why it is undefined; empty otherwise.
    """

    value: float
    reason: str = ""


def undefined(reason: str) -> Measured:
    """Return a number that is not there, with the reason."""
    return Measured(math.nan, reason)
