"""What is said under a figure where it stands in a page: what is drawn, of how many seeds, and what bars are."""

import pandas as pd

from workbench.tables.data import prepared
from workbench.tables.statistics import INTERVAL_FROM

#: What a figure shows besides means: bars or bands from `INTERVAL_FROM` seeds on, dots, or means alone.
BARS, BANDS, RANGES, DOTS, MEANS = "bars", "bands", "ranges", "dots", "means"

_INTERVAL = "95 % intervals of the mean by Student's t"


def caption(what: str, runs: pd.DataFrame, spread: str) -> str:
    """Return the caption of a figure.

    Parameters
    ----------
    what : str
        What is drawn, in sentences.
    runs : DataFrame
        Those that are drawn, as in `runs.parquet`.
    spread : str
        One of `BARS`, `BANDS`, `RANGES`, `DOTS` and `MEANS`.
    """
    table = prepared(runs)
    counts = table[table["status"] == "done"].groupby(["task", "configuration"]).size()
    least, most = int(counts.min()), int(counts.max())
    seeds = f"n = {most}" if least == most else f"n = {least} to {most}"
    told = f"{seeds} finished {'seed' if most == 1 else 'seeds'} per configuration"
    return f"{what} {told}; {_spread(spread, most)}."


def _spread(spread: str, most: int) -> str:
    if spread == DOTS:
        return "dots are seeds, and no interval is drawn"
    if spread == MEANS:
        return "means over seeds, without an interval"
    if spread == RANGES:
        return f"bars are {_INTERVAL} from {INTERVAL_FROM} seeds on, and the range of fewer"
    if most < INTERVAL_FROM:
        return f"below {INTERVAL_FROM} seeds no interval is drawn, and the seeds are shown"
    return f"{spread} are {_INTERVAL}"


def searched(draws: pd.DataFrame) -> str:
    """Return the caption of the figure of a search, of its draws as `Results.draws` has them."""
    counts = draws.groupby("cell").size()
    least, most = int(counts.min()), int(counts.max())
    told = f"{most}" if least == most else f"{least} to {most}"
    return (
        "Search for settings, on the validation split: the best so far, and each draw over each of its settings. "
        f"n = {told} draws per rule; each dot is the mean over the seeds of the search, and no interval is drawn."
    )
