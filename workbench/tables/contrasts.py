"""Planned comparisons: differences seed by seed, with what is known of them, corrected for their number."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.tables.compared import SIDES, Compared, compared
from workbench.tables.paper import PaperTable
from workbench.tables.statistics import t_interval

#: How often a planned study is to find a difference that is there, and how often one that is not.
POWER, LEVEL = 0.8, 0.05
_RESAMPLES = 10_000

_COLUMNS = [
    *("task", "task_title", "of", "minus", "measure", "n", "difference", "low", "high", "boot_low", "boot_high", "p"),
    *("p_holm", "effect", "resolves", "lost", "difference_with_lost", "reason"),
]

Samples = NDArray[np.float64]


def contrasts_table(runs: pd.DataFrame, contrasts: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return one row for each planned comparison in each task and condition.

    Parameters
    ----------
    runs : DataFrame
        As in `runs.parquet`.
    contrasts : sequence of mapping
        With `of` and `minus`, rules by name or ``rule:feedback``, and `measure`; of one row among several of a rule,
        with `of_runs` and `minus_runs`, ids of runs; between conditions, with `of_at` and `minus_at`, labels of the
        same axes such as ``depth=2``.

    Returns
    -------
    DataFrame
        Columns task, task_title, of, minus (labels), measure, n (pairs of seeds of which both are done), difference
        (mean; accuracies in percentage points), low, high (95 % t interval), boot_low, boot_high (95 % interval of the
        bootstrap, bias-corrected and accelerated: Efron 1987, doi:10.1080/01621459.1987.10478410), p (paired t test,
        two-sided), p_holm (corrected for the number of all comparisons of the study: Holm 1979, jstor 4615733), effect
        (Hedges' g of the differences), resolves (the difference that so many pairs find in `POWER` of all cases), lost
        (seeds of which one has diverged or failed), difference_with_lost (mean where diverged runs count as chance; of
        accuracies alone), reason (why what is NaN is undefined).
    """
    rows = [_row(pair, contrast["measure"]) for contrast, pair in compared(runs, contrasts)]
    found = pd.DataFrame(rows, columns=_COLUMNS)
    found["p_holm"] = holm(found["p"].to_numpy(dtype=np.float64))
    return found


def holm(p: Samples) -> Samples:
    """Return p-values corrected for their number (Holm 1979), in which those count that are NaN: they were planned."""
    corrected = np.full(len(p), np.nan)
    known = np.flatnonzero(~np.isnan(p))
    largest = 0.0
    for place, index in enumerate(known[np.argsort(p[known], kind="stable")]):
        largest = max(largest, min(1.0, float(p[index]) * (len(p) - place)))
        corrected[index] = largest
    return corrected


def _row(pair: Compared, measure: str) -> dict[str, object]:
    sides = pair.runs
    percent = 100.0 if measure == "accuracy" else 1.0
    values = [percent * pd.to_numeric(side.set_index("seed")[measure]) for side in sides]
    # One of a rule with several sets of parameters would be anybody's guess.
    unsure = any(side["seed"].duplicated().any() for side in sides)
    done = [one.where(side.set_index("seed")["status"] == "done") for one, side in zip(values, sides, strict=True)]
    pairs = pd.concat(done, axis=1, keys=["of", "minus"]) if not unsure else pd.DataFrame(columns=["of", "minus"])
    differences = (pairs["of"] - pairs["minus"]).dropna().to_numpy(dtype=np.float64)
    counted = math.nan
    if measure == "accuracy" and not unsure:
        lost = [one.where(side.set_index("seed")["status"] != "diverged", 100 * float(side["chance"].iloc[0]))
                for one, side in zip(values, sides, strict=True)]  # fmt: skip
        both = pd.concat(lost, axis=1, keys=["of", "minus"])
        counted = float((both["of"] - both["minus"]).mean())
    return {
        "task": pair.task, "task_title": pair.task_title, **dict(zip(SIDES, pair.labels, strict=True)),
        "measure": measure,
        "n": len(differences), "lost": len(pairs) - len(differences), "difference_with_lost": counted,
        **_statistics(differences, unsure),
    }  # fmt: skip


def _statistics(differences: Samples, unsure: bool) -> dict[str, object]:
    names = ("difference", "low", "high", "boot_low", "boot_high", "p", "effect", "resolves")
    nothing: dict[str, object] = dict.fromkeys(names, math.nan)
    if unsure:
        return nothing | {"reason": "A rule has several runs of one seed, so that no pairs can be told."}
    if len(differences) < 2:
        known = {"difference": float(differences[0])} if len(differences) else {}
        return nothing | known | {"reason": "Fewer than two seeds have both runs done."}
    spread = float(differences.std(ddof=1))
    low, high = t_interval(differences)
    found = {"difference": float(differences.mean()), "low": low, "high": high}
    if spread == 0:
        return nothing | found | {"reason": "All seeds have the same difference, so that nothing is known of chance."}
    boot_low, boot_high = _bootstrapped(differences)
    return found | {
        "boot_low": boot_low, "boot_high": boot_high, "p": _p(differences),
        # The factor takes the bias of few values away (Hedges 1981, doi:10.3102/10769986006002107).
        "effect": float(differences.mean()) / spread * (1 - 3 / (4 * (len(differences) - 1) - 1)),
        "resolves": spread * resolved(len(differences)), "reason": "",
    }  # fmt: skip


def _p(differences: Samples) -> float:
    from scipy.stats import ttest_1samp

    return float(ttest_1samp(differences, 0.0).pvalue)


def _bootstrapped(values: Samples) -> tuple[float, float]:
    from scipy.stats import bootstrap

    found = bootstrap((values,), np.mean, n_resamples=_RESAMPLES, method="BCa", rng=np.random.default_rng(0))
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def resolved(pairs: int) -> float:
    """Return the least difference, in standard deviations, that a paired t test finds in `POWER` of all cases.

    Parameters
    ----------
    pairs : int
        Their number, 2 or more.
    """
    from scipy.optimize import brentq
    from scipy.stats import chi2, norm, t

    free = pairs - 1
    # Spreads that a sample may have, each as likely as another; SciPy's noncentral t is NaN far from 0.
    spreads = np.sqrt(chi2.ppf((np.arange(20_000) + 0.5) / 20_000, free) / free)
    limits = t.ppf(1 - LEVEL / 2, free) * spreads

    def missing(shift: float) -> float:
        return float((norm.cdf(shift - limits) + norm.cdf(-shift - limits)).mean()) - POWER

    return float(brentq(missing, 0.0, 1.0 + 2 * limits.max())) / math.sqrt(pairs)


#: What the columns of the printed comparisons are called.
HEAD = ("task", "comparison", "seeds", "difference", "interval", "p", "p (Holm)", "effect", "resolved")


def contrasts_title(table: pd.DataFrame) -> str:
    """Return what the planned comparisons are, and by which test."""
    title = "Planned comparisons, paired by seed: mean with its 95 % t interval; p by a paired t test, corrected for "
    title += f"{len(table)} planned (Holm); resolved: what so many seeds find in "
    return title + f"{100 * POWER:.0f} % of all cases."


def of_what(measure: str) -> str:
    """Return what a comparison is of, to be added to it; accuracy goes unsaid."""
    return "" if measure == "accuracy" else f", {measure.replace('_', ' ')}"


def contrast_cells(table: pd.DataFrame) -> tuple[list[list[str]], list[str]]:
    """Return the planned comparisons as text, in the order of `HEAD`, and the notes below them."""
    cells = []
    for row in table.to_dict("records"):
        numbers = [f"{row[name]:+.3g}" for name in ("difference", "low", "high")]
        comparison = f"{row['of']} minus {row['minus']}{of_what(str(row['measure']))}"
        own = [
            str(row["task_title"]), comparison, str(row["n"]), numbers[0],
            f"{numbers[1]} to {numbers[2]}", *(f"{row[name]:.2g}" for name in ("p", "p_holm", "effect", "resolves")),
        ]  # fmt: skip
        cells.append(["\u2013" if cell.startswith(("nan", "+nan")) else cell for cell in own])
    return cells, notes_of(table)


def contrasts_paper(table: pd.DataFrame) -> PaperTable:
    """Return the planned comparisons as a paper and a terminal show them.

    Parameters
    ----------
    table : DataFrame
        Of `contrasts_table`.
    """
    rows, notes = contrast_cells(table)
    return PaperTable("contrasts", contrasts_title(table), HEAD, tuple(map(tuple, rows)), 2, tuple(notes))


def notes_of(table: pd.DataFrame) -> list[str]:
    """Return why numbers of planned comparisons are undefined, and what is lost, in sentences."""
    told = []
    for row in table.to_dict("records"):
        where = f"{row['task_title']}: {row['of']} minus {row['minus']}"
        if row["reason"]:
            told.append(f"{where}: {row['reason']}")
        if row["lost"] and not math.isnan(row["difference_with_lost"]):
            told.append(
                f"{where}: {row['lost']} seeds are lost; diverged runs counted as chance, the difference is "
                f"{row['difference_with_lost']:+.3g}."
            )
    return told
