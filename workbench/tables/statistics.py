"""Means over seeds, and how sure they are."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtrit

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
    half = float(stdtrit(len(finite) - 1, 0.975) * finite.std(ddof=1) / np.sqrt(len(finite)))
    return float(finite.mean()) - half, float(finite.mean()) + half


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
