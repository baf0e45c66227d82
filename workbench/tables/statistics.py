"""Means over seeds, and how sure they are."""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

#: From this number of seeds on figures show intervals; below it, the seeds themselves.
INTERVAL_FROM = 5


def t_interval(values: ArrayLike) -> tuple[float, float]:
    """Return the 95 % interval of the mean by Student's t; NaN for fewer than two finite values.

    Parameters
    ----------
    values : array_like of shape (n,)
        Independent values; NaN are left out.
    """
    finite = np.asarray(values, dtype=np.float64)
    finite = finite[np.isfinite(finite)]
    if len(finite) < 2:
        return float("nan"), float("nan")
    half = float(t_quantile(len(finite) - 1) * finite.std(ddof=1) / np.sqrt(len(finite)))
    return float(finite.mean()) - half, float(finite.mean()) + half


@cache
def t_quantile(degrees: int) -> float:
    """Return how far from 0 Student's t lies in 5 % of all cases.

    SciPy has it too, and takes longer to be imported than the table of a thousand runs to be made. The probability to
    lie nearer than t is a finite sum in the angle arctan(t / sqrt(degrees)): Abramowitz and Stegun, Handbook of
    Mathematical Functions (1964), equations 26.7.3 and 26.7.4.

    Parameters
    ----------
    degrees : int
        Degrees of freedom, at least 1.
    """
    odd = degrees % 2
    # Factors from each term of the sum to the next, but for the square of the cosine.
    steps = np.arange(1 + odd, degrees - 1, 2) / np.arange(2 + odd, degrees, 2)

    def nearer(angle: float) -> float:
        terms = np.cumprod(np.concatenate([[math.cos(angle) if odd else 1.0], steps * math.cos(angle) ** 2]))
        if not odd:
            return float(math.sin(angle) * terms.sum())
        return 2 / math.pi * (angle + (math.sin(angle) * float(terms.sum()) if degrees > 1 else 0.0))

    low, high = 0.0, math.pi / 2
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if nearer(middle) < 0.95 else (low, middle)
    return math.sqrt(degrees) * math.tan(low)


def with_statistics(frame: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return the frame with the columns n, mean, low and high of `value` over the seeds of each group."""
    groups = frame.groupby(list(by), sort=False)["value"]
    result = frame.assign(n=groups.transform("count"), mean=groups.transform("mean"))
    bounds = {key: t_interval(values) for key, values in groups}
    keys = list(frame[list(by)].itertuples(index=False, name=None))
    result["low"] = [bounds[key][0] for key in keys]
    result["high"] = [bounds[key][1] for key in keys]
    return result


def bounded(frame: pd.DataFrame, low: ArrayLike, high: ArrayLike) -> pd.DataFrame:
    """Return the frame with intervals cut at what a value can be, which those of few seeds reach beyond.

    Parameters
    ----------
    frame : DataFrame
        With columns low and high.
    low, high : array_like
        The least and the largest number that a value can be, of each row or of all.
    """
    return frame.assign(low=np.maximum(frame["low"], low), high=np.minimum(frame["high"], high))
