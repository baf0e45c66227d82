"""Plain numbers as users give them, which may be NumPy's: whole ones, finite ones, steps and windows of time."""

import math
from contextlib import suppress
from numbers import Integral, Real
from typing import Any, TypeGuard

import numpy as np

from workbench.common.errors import WorkbenchError, shown

#: The longest step of time [second]: far longer ones are milliseconds that were taken for seconds.
LONGEST_STEP = 0.1

#: The shortest [second], far below which numbers lose digits.
SHORTEST_STEP = 1e-9

#: The largest size or number of steps: programs count in 32 bits.
LARGEST = 2**31 - 1


def whole_number(value: object, where: str, least: int = 1, error: type[WorkbenchError] = WorkbenchError) -> int:
    """Return a whole number, which may be NumPy's, as Python's.

    Parameters
    ----------
    value : int
        What was given.
    where : str
        What is being read, for the error message.
    least : int
        The smallest allowed; the largest is `LARGEST`.
    error : type of WorkbenchError
        What is raised.

    Raises
    ------
    WorkbenchError
        Where it is something else.
    """
    if not _is(value, Integral) or int(value) < least:
        raise error(f"{where} must be a whole number from {least}, not {shown(value)}.")
    if int(value) > LARGEST:
        raise error(f"{where} must be {LARGEST} at most, not {shown(value)}.")
    return int(value)


def finite_number(value: object, where: str, error: type[WorkbenchError] = WorkbenchError) -> float:
    """Return a finite number, which may be NumPy's, as Python's; see `whole_number`."""
    number = math.nan
    if _is(value, Real):
        # Whole numbers and fractions may be beyond all floats.
        with suppress(OverflowError):
            number = float(value)
    if not math.isfinite(number):
        raise error(f"{where} must be a finite number, not {shown(value)}.")
    return number


def step_length(value: object, where: str, error: type[WorkbenchError] = WorkbenchError) -> float:
    """Return the length of a time step [second]; see `whole_number`."""
    seconds = finite_number(value, where, error)
    if not 0 < seconds <= LONGEST_STEP:
        raise error(
            f"{where}, the length of a step in seconds, must lie above 0 and not above {LONGEST_STEP}, not "
            f"{seconds:g}. Write 1e-3 for 1 ms."
        )
    if seconds < SHORTEST_STEP:
        raise error(f"{where}, the length of a step in seconds, must be {SHORTEST_STEP:g} at least, not {seconds:g}.")
    return seconds


def whole_window(
    value: object, n_steps: int, where: str, error: type[WorkbenchError] = WorkbenchError
) -> tuple[int, int]:
    """Return the steps that count for a loss: the first, and the one after the last; see `whole_number`."""
    # A window in seconds would hold no step, and the loss of no step is no number.
    pair = tuple(value) if isinstance(value, tuple | list) else ()
    whole = len(pair) == 2 and all(_is(step, Integral) for step in pair)
    if not whole or (pair != (0, 0) and not 0 <= pair[0] < pair[1] <= n_steps):
        raise error(f"{where} {shown(value)} does not lie within the {n_steps} steps of a trial.")
    return int(pair[0]), int(pair[1])


def _is(value: object, kind: type) -> TypeGuard[Any]:
    """Return whether something is a number; times are whole numbers for NumPy, and truths for Python."""
    return isinstance(value, kind) and not isinstance(value, bool | np.timedelta64)
