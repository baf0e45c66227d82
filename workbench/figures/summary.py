"""Final accuracy: intervals over seeds, and the figure that shows them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike
from scipy import stats

from workbench.errors import StudyError, nearest
from workbench.figures import style
from workbench.figures.style import Look

#: From this number of seeds on figures show intervals; below it, the seeds themselves.
INTERVAL_FROM = 5
_NEEDED = ("run_id", "task", "rule", "feedback", "network", "seed", "status", "reason", "accuracy")


def prepared(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs with the columns that figures and tables need.

    Parameters
    ----------
    runs : DataFrame
        One row per run, as in `runs.parquet`.

    Returns
    -------
    DataFrame
        With `configuration` (rule/feedback, and the parameters where they differ), `task_title` and `chance`, the
        accuracy of guessing [fraction]: one over the number of outputs, the last number of `network`.

    Raises
    ------
    StudyError
        If a column is missing.
    """
    for column in _NEEDED:
        if column not in runs.columns:
            raise StudyError(f"runs: the column '{column}' is missing. {nearest(column, map(str, runs.columns))}")
    result = runs.sort_values(["task", "seed"], kind="stable", ignore_index=True)
    defaults: dict[str, Any] = {
        "title": result["rule"],
        "parameters": "",
        "reason": "",
        "task_title": result["task"].map(style.words),
    }
    for name, default in defaults.items():
        result[name] = result[name].fillna(default) if name in result else default
    result["feedback"] = result["feedback"].fillna("none").replace("", "none")
    result["parameters"] = _distinguishing(result)
    group = result.groupby(["rule", "feedback"])["parameters"]
    several = group.transform("nunique") > 1
    result["configuration"] = result["rule"] + "/" + result["feedback"]
    result.loc[several, "configuration"] += "/" + result.loc[several, "parameters"].astype(str)
    result["accuracy"] = pd.to_numeric(result["accuracy"])
    outputs = pd.to_numeric(result["network"].astype(str).str.rpartition("-")[2], errors="coerce")
    result["chance"] = 1 / outputs
    return result


def _distinguishing(runs: pd.DataFrame) -> pd.Series:
    """Return each run's parameters, as JSON, as far as they differ within one task; tasks may differ in all."""
    try:
        flat = runs["parameters"].map(lambda text: _flat(json.loads(text or "{}")))
    except (TypeError, ValueError):
        return runs["parameters"]
    varied: set[str] = set()
    for _, values in flat.groupby([runs["task"], runs["rule"], runs["feedback"]]):
        for name in {key for each in values for key in each}:
            if len({json.dumps(each.get(name)) for each in values}) > 1:
                varied.add(name)
    return flat.map(lambda each: json.dumps({name: each[name] for name in sorted(varied & set(each))}))


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return a table of tables as one table; 'rule' and 'task' go unsaid in the names."""
    result: dict[str, Any] = {}
    for name, value in tree.items():
        key = name if prefix in {"", "rule.", "task."} else f"{prefix}{name}"
        result |= _flat(value, f"{key}.") if isinstance(value, Mapping) else {key: value}
    return result


def t_interval(values: ArrayLike, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of the mean by Student's t; NaN for fewer than two finite values.

    Parameters
    ----------
    values : array_like of shape (n,)
        Independent values; NaN are left out.
    level : float
        Confidence level.
    """
    finite = np.asarray(values, dtype=np.float64)
    finite = finite[np.isfinite(finite)]
    if len(finite) < 2:
        return float("nan"), float("nan")
    half = float(stats.t.ppf(0.5 + level / 2, len(finite) - 1) * finite.std(ddof=1) / np.sqrt(len(finite)))
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


def accuracy_data(runs: pd.DataFrame, baseline: tuple[str, str] | None = None) -> pd.DataFrame:
    """Return the data behind `accuracy_dots`: test accuracy [%] per run, in panels by task.

    Parameters
    ----------
    runs : DataFrame
        As in `runs.parquet`.
    baseline : tuple of (rule, feedback), optional
        Subtract, seed by seed, the accuracy of this configuration [percentage points].
    """
    table = prepared(runs)
    table["value"] = (100 * table["accuracy"]).where(table["status"] == "done")
    if baseline is not None:
        own = table[(table["rule"] == baseline[0]) & (table["feedback"] == baseline[1])]
        name = "/".join(baseline)
        if own.empty or own.duplicated(["task", "seed"]).any():
            raise StudyError(f"The baseline '{name}' needs one run per task and seed. Choose another baseline.")
        lookup = own.set_index(["task", "seed"])["value"]
        pairs = pd.MultiIndex.from_frame(table[["task", "seed"]])
        table["value"] -= lookup.reindex(pairs).to_numpy()
        table = table[(table["rule"] != baseline[0]) | (table["feedback"] != baseline[1])]
    letters = {task: chr(ord("a") + index) for index, task in enumerate(table["task"].unique())}
    table = with_statistics(table.assign(panel=table["task"].map(letters)), ("task", "configuration"))
    columns = ["panel", "task", "task_title", "configuration", "rule", "feedback", "seed", "status", "reason"]
    return table[[*columns, "chance", "value", "n", "mean", "low", "high"]].reset_index(drop=True)


def troubles(runs: pd.DataFrame, shown: Mapping[str, Look]) -> list[str]:
    """Return one sentence for each kind of run that did not finish; such runs are in no mean."""
    table = prepared(runs)
    bad = table[table["status"] != "done"]
    sentences = []
    for (task, key, status, reason), group in bad.groupby(
        ["task_title", "configuration", "status", "reason"], sort=False
    ):
        seeds = ", ".join(str(seed) for seed in sorted(group["seed"]))
        plural = "seeds" if len(group) > 1 else "seed"
        sentences.append(f"{task}: {shown[str(key)].label} {status} ({plural} {seeds}): {reason or 'no reason given'}.")
    return sentences


def undefined(rules: pd.DataFrame, shown: Mapping[str, Look]) -> list[str]:
    """Return one sentence for each configuration and reason why values are missing."""
    sentences = []
    for (key, reason), group in rules[rules["value"].isna()].groupby(["configuration", "reason"], sort=False):
        layers = sorted(group["layer"].unique())
        total = len(rules[(rules["configuration"] == key) & rules["layer"].isin(layers)])
        amount = "undefined" if len(group) == total else f"{len(group)} of {total} values undefined"
        where = ", ".join(style.words(str(layer)) for layer in layers)
        sentences.append(f"{shown[str(key)].label}: {amount} in {where}: {reason or 'no reason given'}.")
    return sentences


def _dots(ax: Axes, frame: pd.DataFrame, order: Sequence[str], shown: Mapping[str, Look]) -> None:
    """Draw each configuration in a row of its own: the mean with its interval, and the seeds just below."""
    rows = {key: index for index, key in enumerate(order)}
    seeds = frame.assign(row=frame["configuration"].map(rows) + 0.24)
    palette = {key: shown[key].colour for key in order}
    sns.scatterplot(seeds, x="value", y="row", hue="configuration", palette=palette, ax=ax, s=6, alpha=0.6,
                    linewidth=0, legend=False)  # fmt: skip
    for key, row in rows.items():
        chosen = frame[frame["configuration"] == key]
        if chosen["value"].notna().sum() == 0:
            text = ", ".join(chosen["status"].unique()) if len(chosen) else "not in the study"
            ax.annotate(text, (0.02, row), xycoords=("axes fraction", "data"), va="center", style="italic",
                        color=style.GREY, size="small")  # fmt: skip
            continue
        first = chosen.iloc[0]
        if first["n"] >= INTERVAL_FROM:
            ax.plot([first["low"], first["high"]], [row - 0.1] * 2, color=shown[key].colour, linewidth=1.1)
        stroke = shown[key].stroke
        ax.plot(first["mean"], row - 0.1, marker=stroke.marker, color=shown[key].colour, markersize=4.4 * stroke.size,
                markeredgecolor="white", markeredgewidth=0.5, linestyle="none", zorder=5)  # fmt: skip
    ax.set(ylabel="", yticks=range(len(order)), ylim=(len(order) - 0.4, -0.6))
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.grid(axis="x", color=style.PALE, linewidth=0.5)
    ax.set_axisbelow(True)


def accuracy_dots(
    runs: pd.DataFrame, baseline: tuple[str, str] | None = None, colours: Mapping[str, str] | None = None
) -> Figure:
    """Return a figure of the test accuracy of each configuration, one panel per task.

    Small dots are seeds, the large mark is their mean; 95 % t intervals from five seeds on.

    Parameters
    ----------
    runs : DataFrame
        As in `runs.parquet`.
    baseline : tuple of (rule, feedback), optional
        Show paired differences to this configuration instead.
    colours : mapping of str to str, optional
        Colours by rule name that replace the standard ones.
    """
    data = accuracy_data(runs, baseline)
    shown = style.looks(prepared(runs), colours)
    order = [key for key in shown if key in set(data["configuration"])]
    tasks = list(data["task"].unique())
    with style.style():
        notes = [*_legend_of_dots(data), *troubles(runs, shown)]
        width = style.SINGLE if len(tasks) == 1 else style.DOUBLE
        figure, top = style.canvas(width, 15 + 4.6 * len(order), [], notes)
        axes = top.subplots(1, len(tasks), sharey=True, squeeze=False)[0]
        for index, (ax, task) in enumerate(zip(axes, tasks, strict=True)):
            panel = data[data["task"] == task]
            _dots(ax, panel, order, shown)
            ax.set_yticklabels([shown[key].label for key in order])
            ax.set_title(str(panel["task_title"].iloc[0]))
            _reference(ax, panel, baseline, shown)
            if len(tasks) > 1:
                style.letter(ax, index)
        sns.despine(fig=figure, left=True)
        for ax in axes:
            ax.tick_params(axis="y", length=0)
    return figure


def _legend_of_dots(data: pd.DataFrame) -> list[str]:
    seeds = data["seed"].nunique()
    if seeds == 1:
        return ["One seed."]
    many = seeds >= INTERVAL_FROM
    bars = f"; bars: 95 % t interval of the mean, from {INTERVAL_FROM} finished seeds on" if many else ""
    return [f"Large marks: mean over seeds; small dots: the {seeds} seeds{bars}."]


def _reference(ax: Axes, panel: pd.DataFrame, baseline: tuple[str, str] | None, shown: Mapping[str, Look]) -> None:
    """Label the x axis, and draw what the dots are to be compared with."""
    if baseline is not None:
        ax.set_xlabel(f"accuracy minus {shown['/'.join(baseline)].label} (percentage points)")
        ax.axvline(0, color=style.GREY, linewidth=0.8, zorder=1)
        return
    ax.set_xlabel("test accuracy (%)")
    ax.set_ylim(top=-1.1)
    chance = 100 * float(panel["chance"].iloc[0])
    low, high = ax.get_xlim()
    if chance >= low - 0.5 * (high - low):
        ax.axvline(chance, color=style.GREY, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
        where, align, text = (chance, 1.0), ("data", "axes fraction"), " chance"
    elif np.isfinite(chance):
        where, align, text = (0.0, 1.0), ("axes fraction", "axes fraction"), f"\u2190 chance {chance:.0f} %"
    else:
        return
    ax.annotate(text, where, xycoords=align, ha="left", va="top", color=style.GREY, size="small",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})  # fmt: skip
