"""Random numbers that follow from what they are for: from a key, a trial, a step and an index, whatever came before.

A program that runs some of the trials, in whatever order and on whatever target, finds the same numbers to the bit: the
compiled form of these functions is `noise.cpp`, of single additions, multiplications and divisions alike.
"""

import hashlib
import json
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["normal", "uniform"]

#: What a counter is multiplied by (2^64 over the golden ratio), and the finalizer of SplitMix64
#: (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195).
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)

#: Keys are held as two whole numbers below 2^31.
_HALF = 31

#: Coefficients of the normal quantile (Wichura 1988, algorithm AS 241, doi:10.2307/2347330): of numerator and
#: denominator in the middle, in the tails, and far out; the highest power first.
_MIDDLE = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608),
    (5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
     5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0),
)  # fmt: skip
_TAIL = (
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
     3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
     0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0),
)  # fmt: skip
_FAR = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
     0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
     0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0),
)  # fmt: skip


def key_of(*names: str | int) -> tuple[int, int]:
    """Return the key of what numbers are for, as two whole numbers below 2^31."""
    digest = hashlib.sha256(json.dumps(names).encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1, int.from_bytes(digest[4:8], "big") >> 1


def drawn(
    kind: Kind,
    key: tuple[int, int],
    trial: NDArray[np.int64] | int,
    step: NDArray[np.int64] | int,
    size: int,
    dtype: str = "float64",
) -> NDArray[Any]:
    """Return numbers for each trial, step and index.

    Parameters
    ----------
    kind : {"normal", "uniform"}
        Of mean 0 and variance 1, or between 0 and 1.
    key : (int, int)
        As of `key_of`.
    trial, step : ndarray of int or int
        Their numbers, which broadcast together to some shape.
    size : int
        How many there are for each, by index.
    dtype : {"float64", "float32"}
        Of the numbers; none is rounded to 1 where they lie between 0 and 1.

    Returns
    -------
    ndarray of shape (..., size)
        Equal numbers for equal arguments, whatever is drawn beside them.
    """
    state = _states(key, trial, step)
    return _numbers(kind, state[..., None], np.arange(size), dtype)


def uniform_of_pairs(
    key: tuple[int, int], trial: NDArray[np.int64], step: NDArray[np.int64], pairs: tuple[NDArray[Any], NDArray[Any]]
) -> NDArray[np.float64]:
    """Return those of uniform numbers, as `drawn` has them for all, that are for some trials and indices alone.

    Parameters
    ----------
    key : (int, int)
        As of `key_of`.
    trial : ndarray of int of shape (n_trials,)
        Their numbers.
    step : ndarray of int of shape (n_steps,)
        The same.
    pairs : (ndarray of int, ndarray of int) of shape (n_pairs,)
        Of each the place in `trial`, and the index.

    Returns
    -------
    ndarray of shape (n_pairs, n_steps)
        Of each pair in all steps.
    """
    place, index = pairs
    state = _states(key, trial[:, None], step)
    return _numbers("uniform", state[place], index[:, None], "float64")


def _states(key: tuple[int, int], trial: NDArray[np.int64] | int, step: NDArray[np.int64] | int) -> NDArray[np.uint64]:
    """Return what numbers of a trial and step go on from, by index."""
    with np.errstate(over="ignore"):
        start = np.uint64((int(key[0]) << _HALF) | int(key[1]))
        state = _mixed(start + _GOLDEN * np.asarray(trial, dtype=np.uint64))
        return np.asarray(_mixed(state + _GOLDEN * (np.asarray(step, dtype=np.uint64) + np.uint64(1))))


def _numbers(kind: Kind, state: NDArray[np.uint64], index: NDArray[Any], dtype: str) -> NDArray[Any]:
    with np.errstate(over="ignore"):
        mixed = _mixed(state + _GOLDEN * (index.astype(np.uint64) + np.uint64(1)))
    uniform: NDArray[np.float64] = ((mixed >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    # The last of these would be 1.
    uniform = np.minimum(uniform, 1 - (2.0**-53 if dtype == "float64" else 2.0**-24))
    return (uniform if kind == "uniform" else _quantile(uniform)).astype(dtype)


def _mixed(state: Any) -> Any:
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    return state ^ (state >> np.uint64(31))


def _quantile(uniform: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the numbers below which a share of the standard normal distribution lies."""
    centred = uniform - 0.5
    found = np.asarray(centred * _ratio(_MIDDLE, 0.180625 - centred * centred))
    outside = np.abs(centred) > 0.425
    side = centred[outside]
    radius = np.sqrt(-_log(np.where(side < 0, uniform[outside], 1 - uniform[outside])))
    size = np.where(radius <= 5, _ratio(_TAIL, radius - 1.6), _ratio(_FAR, radius - 5))
    found[outside] = np.where(side < 0, -size, size)
    return found


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], x: NDArray[np.float64]) -> NDArray[np.float64]:
    above, below = (_polynomial(each, x) for each in coefficients)
    return above / below


def _polynomial(coefficients: tuple[float, ...], x: NDArray[np.float64]) -> NDArray[np.float64]:
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total = total * x + coefficient
    return total


def _log(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return logarithms of positive numbers, by the statements of compiled networks."""
    mantissa, exponent = np.frexp(x)
    m, k = 2 * mantissa, exponent - 1.0
    large = m > 1.4142135623730951
    k, m = np.where(large, k + 1, k), np.where(large, 0.5 * m, m)
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    p = _polynomial(tuple(2.0 / odd for odd in range(23, 1, -2)), z)
    square = 0.5 * f * f
    rest = square - s * (square + z * p)
    return np.asarray(k * 0.6931471803691238 - ((rest - k * 1.9082149292705877e-10) - f))
