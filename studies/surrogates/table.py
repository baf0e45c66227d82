"""The table of the study of surrogate derivatives."""

import math

import pandas as pd

from studies.surrogates.settings import DEPTHS, RESETS, SHAPES, WIDTHS
from workbench.tables.statistics import t_interval

TITLES = {
    "boxcar": "boxcar",
    "piecewise_linear": "piecewise linear",
    "fast_sigmoid": "fast sigmoid",
    "exponential": "exponential",
    "arctan": "arctan",
    "recorded times": "EventProp, recorded times",
    "exact times": "EventProp, exact times",
    "random": "random update",
}


def lowest(cosines: pd.DataFrame, place: str = "start") -> pd.DataFrame:
    """Return the cosines of the weights from the input, before training or after."""
    return cosines[(cosines["weights_at"] == place) & (cosines["layer"] == "hidden1")]


def tabulated(cosines: pd.DataFrame, accuracies: pd.DataFrame) -> str:
    """Return the table in Markdown: a row for each surrogate, width and reset, and one for each of what stands beside.

    Parameters
    ----------
    cosines : DataFrame
        With the gradient in continuous time; those of the weights from the input, before training, are shown.
    accuracies : DataFrame
        Of the test split.
    """
    head = ["shape", "half-width", "reset", *(f"cosine, depth {depth}" for depth in DEPTHS)]
    head += [f"accuracy (%), depth {depth}" for depth in DEPTHS]
    lines = ["| " + " | ".join(head) + " |", "|---|---|---|" + "---:|" * 2 * len(DEPTHS)]
    keys: list[tuple[str, float, str]] = [
        (shape, width, reset) for shape in SHAPES for width in WIDTHS for reset in RESETS
    ]
    keys += [(name, math.nan, "") for name in ("recorded times", "exact times", "random")]
    for shape, width, reset in keys:
        cells = [TITLES[shape], "" if math.isnan(width) else f"{width:g}", reset]
        for table, column, factor, digits in ((lowest(cosines), "cosine", 1, 2), (accuracies, "accuracy", 100, 1)):
            own = chosen(table, shape, width, reset)
            for depth in DEPTHS:
                values = factor * own.loc[own["depth"] == depth, column]
                cells.append(_mean(values, digits))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def chosen(table: pd.DataFrame, shape: str, width: float, reset: str) -> pd.DataFrame:
    """Return the rows of a surrogate, or of what has neither a width nor a reset."""
    own = table[table["shape"] == shape]
    return own if math.isnan(width) else own[(own["width"] == width) & (own["reset"] == reset)]


def _mean(values: "pd.Series[float]", digits: int) -> str:
    if values.empty:
        return ""
    if values.isna().any():
        return f"none in {values.isna().sum()} of {len(values)}"
    low, high = t_interval(values.to_numpy())
    return f"{values.mean():.{digits}f} ± {(high - low) / 2:.{digits}f}"
