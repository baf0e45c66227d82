"""How far the numbers of a study agree with those of the same study, made again."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

#: Numbers of a run, as tables have them, that time and place do not decide about.
NUMBERS = (
    *("accuracy", "validation_accuracy", "loss", "reward", "spikes_per_trial", "complaints"),
    *("chance", "validation_chance", "chance_reward", "best_reward"),
    *("epochs", "trials"),
)

#: Those that must be the same to the bit, unless a tolerance is given: shares of trials are whole numbers of them.
EXACT = ("accuracy", "validation_accuracy")

#: How far all others may be, relative where they are above 1: products of libraries promise no bits.
ROUNDING = 1e-9

#: By what values of curves are told apart.
_PLACE = ["epoch", "trial", "layer", "measure", "estimate", "reference"]

_COLUMNS = ["number", "n", "same_bits", "absolute", "relative", "missing", "tolerance", "agrees"]


def agreement_table(
    first: tuple[pd.DataFrame, pd.DataFrame],
    second: tuple[pd.DataFrame, pd.DataFrame],
    pairs: Mapping[str, str],
    tolerance: float = 0.0,
) -> tuple[pd.DataFrame, list[str]]:
    """Return how far numbers agree, and which runs do not.

    Parameters
    ----------
    first, second : tuple of DataFrame
        The tables of runs and of curves.
    pairs : mapping of str to str
        The id of each run to be compared in the first, and that of the same run in the second.
    tolerance : float
        Of accuracies, absolute [fraction]; all other numbers may be as far, or by `ROUNDING` where that is more,
        relative where they are above 1.

    Returns
    -------
    table : DataFrame
        One row per column of the runs and per measure of the curves: number, n (values compared), same_bits (of them),
        absolute and relative (the largest differences), missing (values that are in one of the two alone), tolerance,
        agrees.
    differing : list of str
        The first's ids of runs of which a number does not agree, or that did not end in the same way.
    """
    names = list(pairs)
    runs = [first[0].set_index("run_id").loc[names], second[0].set_index("run_id").loc[list(pairs.values())]]
    rows, differing = [], set()
    for number in NUMBERS:
        one, other = (pd.to_numeric(table[number]).to_numpy(dtype=np.float64) for table in runs)
        rows.append(_row(number, one, other, tolerance if number in EXACT else max(tolerance, ROUNDING)))
        differing |= _beyond(names, one, other, rows[-1])
    status = [table["status"].to_numpy() for table in runs]
    differing |= {name for name, one, other in zip(names, *status, strict=True) if one != other}
    merged = _joined(first[1], second[1], pairs)
    for measure, values in merged.groupby("measure", sort=True):
        one, other = (values[f"value_{side}"].to_numpy(dtype=np.float64) for side in ("a", "b"))
        exact = measure == "accuracy"
        rows.append(_row(f"curves: {measure}", one, other, tolerance if exact else max(tolerance, ROUNDING)))
        differing |= _beyond(values["run_id"].tolist(), one, other, rows[-1])
    return pd.DataFrame(rows, columns=_COLUMNS), [name for name in names if name in differing]


def _joined(first: pd.DataFrame, second: pd.DataFrame, pairs: Mapping[str, str]) -> pd.DataFrame:
    """Return the curves of both beside each other; NaN where one has no such value."""
    back = {other: own for own, other in pairs.items()}
    one = first[first["run_id"].isin(pairs)]
    other = second[second["run_id"].isin(back)].assign(run_id=lambda table: table["run_id"].map(back))
    keys = ["run_id", *_PLACE]
    # Of several values in one place, such as of every step, the first belongs to the first.
    one, other = (table.assign(place=table.groupby(keys).cumcount()) for table in (one, other))
    return one.merge(other, on=[*keys, "place"], how="outer", suffixes=("_a", "_b"))


def _row(number: str, one: NDArray[np.float64], other: NDArray[np.float64], tolerance: float) -> dict[str, object]:
    both = np.isfinite(one) & np.isfinite(other)
    distance = np.abs(one - other)[both]
    size = np.maximum(np.abs(one), np.abs(other))[both]
    relative = np.divide(distance, size, out=np.zeros_like(distance), where=size > 0)
    missing = int((_missing(one) != _missing(other)).sum())
    agrees = missing == 0 and not _far(one, other, tolerance).any()
    return {
        "number": number,
        "n": int(both.sum()),
        "same_bits": int((one[both].view(np.int64) == other[both].view(np.int64)).sum()),
        "absolute": float(distance.max()) if len(distance) else math.nan,
        "relative": float(relative.max()) if len(distance) else math.nan,
        "missing": missing,
        "tolerance": tolerance,
        "agrees": agrees,
    }


def _missing(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    return ~np.isfinite(values)


def _far(one: NDArray[np.float64], other: NDArray[np.float64], tolerance: float) -> NDArray[np.bool_]:
    """Return which numbers do not agree; those that are in one alone are none of them."""
    both = np.isfinite(one) & np.isfinite(other)
    with np.errstate(invalid="ignore"):
        size = np.maximum(1.0, np.maximum(np.abs(one), np.abs(other)))
        return np.asarray(both & (np.abs(one - other) > tolerance * size), dtype=np.bool_)


def _beyond(
    names: Sequence[str], one: NDArray[np.float64], other: NDArray[np.float64], row: Mapping[str, object]
) -> set[str]:
    wrong = _far(one, other, float(str(row["tolerance"]))) | (_missing(one) != _missing(other))
    return {name for name, far in zip(names, wrong, strict=True) if far}
