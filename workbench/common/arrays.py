"""Arrays as users give them, read so that no mask, no unit and no digit is lost on the way."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.common.errors import DataError

#: The largest target: the squares of larger ones are beyond the numbers of a network in single precision.
LARGEST_TARGET = 1e15


def plain(values: object, what: str, remedy: str = "") -> NDArray[Any]:
    """Return the array that some values are; it may be their own memory.

    Parameters
    ----------
    values : array_like
        Numbers, in whatever NumPy makes an array of.
    what : str
        What they are, for the message.
    remedy : str
        What to do about values with a unit.

    Raises
    ------
    DataError
        Where they are no array, or more than one: some are masked, or have a unit.
    """
    for part in _parts(values):
        if np.ma.is_masked(part):
            raise DataError(f"{what}: some values are masked, and so are none. Fill them in, or drop their trials.")
        if not getattr(getattr(part, "dim", None), "is_dimensionless", True):
            raise DataError(f"{what}: plain numbers are needed, without a unit. {remedy or 'Divide by it.'}")
    try:
        return np.asarray(values)
    # Besides NumPy's own errors, what an object says of itself is anybody's code.
    except Exception as error:
        raise DataError(
            f"{what}: no array can be made of them ({type(error).__name__}). Give numbers in rows of equal length."
        ) from error


def _parts(values: object, deepest: int = 64) -> Iterator[object]:
    """Yield what NumPy joins to an array without a look at what it is; it takes no list that is nested deeper."""
    if isinstance(values, list | tuple) and deepest:
        for value in values:
            yield from _parts(value, deepest - 1)
    else:
        yield values


def whole(values: ArrayLike, what: str, dtype: type[np.signedinteger], remedy: str) -> NDArray[np.signedinteger]:
    """Return a copy of an array of whole numbers from 0, of shape (n,).

    Parameters
    ----------
    values : array_like
        What was given.
    what, remedy : str
        What they are and what to do, for the message.
    dtype : type
        Of the copy.

    Raises
    ------
    DataError
        Where it has other values, or another shape.
    """
    given = plain(values, what, remedy)
    # An empty list has no numbers, and so none that are not whole.
    given = given if given.size else np.zeros(given.shape, dtype)
    if given.dtype.kind not in "iu":
        raise DataError(f"{what} must hold whole numbers, not {given.dtype}. {remedy}")
    if given.ndim != 1:
        raise DataError(f"{what} must have one dimension, not shape {given.shape}. {remedy}")
    largest = np.iinfo(dtype).max
    if given.size and given.min() < 0:
        raise DataError(f"{what} must be 0 or more, and has values from {given.min()} to {given.max()}. {remedy}")
    if given.size and given.max() > largest:
        raise DataError(f"{what} must be {largest} at most, and goes up to {given.max()}. {remedy}")
    return given.astype(dtype)


def finite(values: ArrayLike, what: str) -> NDArray[np.float64]:
    """Return a copy of targets.

    Parameters
    ----------
    values : array_like
        What was given.
    what : str
        What they are, for the message.

    Raises
    ------
    DataError
        Where they are no numbers, not finite, or so large that a loss of them would not be.
    """
    given = plain(values, what)
    if given.dtype.kind not in "biuf" or given.ndim not in {2, 3}:
        raise DataError(
            f"{what} must be numbers in an array of shape (n_trials, n_outputs) or (n_trials, n_steps, "
            f"n_outputs), not {given.dtype} of shape {given.shape}."
        )
    with np.errstate(over="ignore"):
        target = given.astype(np.float64)
    for right, must in (
        (np.isfinite(target), "must be finite"),
        (np.abs(target) <= LARGEST_TARGET, f"must lie within {LARGEST_TARGET:g} of 0"),
    ):
        if not right.all():
            place = int(np.argwhere(~right)[0][0])
            raise DataError(f"{what} {must}, and that of trial {place} is {shortened(target[place])}.")
    return target


def shortened(array: NDArray[np.float64]) -> str:
    """Return an array on one line, its middle left out where it is long."""
    return np.array2string(array, precision=4, threshold=8, edgeitems=3, separator=", ").replace("\n", "")
