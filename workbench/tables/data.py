"""The data behind the figures: the two tables of a study, joined, named and arranged by panel."""

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from workbench.common.errors import StudyError, nearest
from workbench.declare.configuration import NO_FEEDBACK, configuration_name, words
from workbench.declare.measure import Measure
from workbench.declare.references import EXACT_GRADIENTS, RANDOM, SHUFFLED
from workbench.measures.records import MEASURES, PERFORMANCE
from workbench.tables.conditions import PLACE, by_condition
from workbench.tables.statistics import bounded, with_statistics
from workbench.tables.text import SENTENCE, TITLE, plain

_RUNS = ("run_id", "task", "rule", "feedback", "network", "seed", "status", "reason", "accuracy")
#: What the other configurations are compared with.
BASELINES = (("frozen", "none"), ("bptt", "none"))

_CURVES = ("run_id", "epoch", "layer", "measure", "reference", "value", "reason")
_LOOK = ("task", "task_title", "configuration", "rule", "feedback", "seed", "chance")


def prepared(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the runs with the columns that figures and tables need.

    Parameters
    ----------
    runs : DataFrame
        One row per run, as in `runs.parquet`.

    Returns
    -------
    DataFrame
        A task in each condition counts as a task of its own, see `by_condition`. With `configuration` (as
        `configuration_name` has it, with the parameters where they differ), `title`,
        `task_title` and `reason` on one line each, and what the best constant guess achieves [fraction], `chance` on
        the test split and `validation_chance`; NaN where unknown.

    Raises
    ------
    StudyError
        If a column is missing.
    """
    for column in _RUNS:
        if column not in runs.columns:
            raise StudyError(f"runs: the column '{column}' is missing. {nearest(column, map(str, runs.columns))}")
    result = by_condition(runs)
    by = PLACE if PLACE in result else "task"
    result = result.sort_values([by, "seed"], kind="stable", ignore_index=True)
    defaults: dict[str, Any] = {
        "title": result["rule"],
        "parameters": "",
        "reason": "",
        "task_title": _each(result["task"], words),
        "chance": np.nan,
        "validation_chance": np.nan,
    }
    for name, default in defaults.items():
        result[name] = result[name].fillna(default) if name in result else default
    for name, most in (("title", TITLE), ("task_title", TITLE), ("reason", SENTENCE)):
        result[name] = _each(result[name], functools.partial(plain, most=most))
    result["feedback"] = result["feedback"].fillna(NO_FEEDBACK).replace("", NO_FEEDBACK)
    result["parameters"] = _distinguishing(result)
    group = result.groupby(["rule", "feedback"])["parameters"]
    several = group.transform("nunique") > 1
    details = result["parameters"].astype(str).where(several, "")
    result["configuration"] = list(map(configuration_name, result["rule"], result["feedback"], details))
    result["accuracy"] = pd.to_numeric(result["accuracy"])
    return result


def _each(texts: pd.Series, change: Callable[[str], str]) -> pd.Series:
    """Return what becomes of each text, of which most are the same."""
    return texts.map({text: change(text) for text in set(texts)})


def _distinguishing(runs: pd.DataFrame) -> pd.Series:
    """Return each run's parameters and network, as JSON, as far as they differ within one task."""
    # Runs that differ in their seed alone have the same texts: each is read and written once.
    kinds = list(runs[["task", "rule", "feedback", "parameters", "network"]].itertuples(index=False, name=None))
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    known: dict[tuple[Any, ...], dict[str, Any]] = {}
    try:
        for *group, text, network in dict.fromkeys(kinds):
            # The sizes of the layers have a column of their own.
            known[text, network] = _flat(json.loads(text or "{}")) | {"network": str(network)}
            groups.setdefault(tuple(group), []).append(known[text, network])
    except (TypeError, ValueError):
        return runs["parameters"]
    varied: set[str] = set()
    for values in groups.values():
        for name in {key for each in values for key in each}:
            if len({json.dumps(each.get(name)) for each in values}) > 1:
                varied.add(name)
    told = {key: json.dumps({name: each[name] for name in sorted(varied & set(each))}) for key, each in known.items()}
    return pd.Series([told[text, network] for *_, text, network in kinds], dtype="str")


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return a table of tables as one table; 'rule' and 'task' go unsaid in the names."""
    result: dict[str, Any] = {}
    for name, value in tree.items():
        key = name if prefix in {"", "rule.", "task."} else f"{prefix}{name}"
        result |= _flat(value, f"{key}.") if isinstance(value, Mapping) else {key: value}
    return result


def baseline_of(runs: pd.DataFrame) -> tuple[str, str] | None:
    """Return the rule and feedback that others are held to, seed by seed: the first of `BASELINES` in the study."""
    table = prepared(runs)
    for rule, feedback in BASELINES:
        own = table[(table["rule"] == rule) & (table["feedback"] == feedback)]
        # Where a baseline has several runs of a task and seed, nobody can say which of them another is to be held to.
        once = not own.duplicated(["task", "seed"]).any()
        if len(own) and once and own["configuration"].nunique() < table["configuration"].nunique():
            return rule, feedback
    return None


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
        name = configuration_name(*baseline)
        if own.empty or own.duplicated(["task", "seed"]).any():
            raise StudyError(f"The baseline '{name}' needs one run per task and seed. Choose another baseline.")
        lookup = own.set_index(["task", "seed"])["value"]
        pairs = pd.MultiIndex.from_frame(table[["task", "seed"]])
        table["value"] -= lookup.reindex(pairs).to_numpy()
        table = table[(table["rule"] != baseline[0]) | (table["feedback"] != baseline[1])]
    letters = {task: chr(ord("a") + index) for index, task in enumerate(table["task"].unique())}
    table = with_statistics(table.assign(panel=table["task"].map(letters)), ("task", "configuration"))
    # Differences have no bounds that matter.
    table = bounded(table, *MEASURES["accuracy"].bounds) if baseline is None else table
    columns = ["panel", "task", "task_title", "configuration", "rule", "feedback", "seed", "status", "reason"]
    return table[[*columns, "chance", "value", "n", "mean", "low", "high"]].reset_index(drop=True)


def joined(runs: pd.DataFrame, curves: pd.DataFrame) -> pd.DataFrame:
    """Return the curves of the finished runs' own rules, each row with its run's task and configuration."""
    for column in _CURVES:
        if column not in curves.columns:
            raise StudyError(f"curves: the column '{column}' is missing. {nearest(column, map(str, curves.columns))}")
    table = prepared(runs)
    # Curves are of the validation split.
    table["chance"] = table["validation_chance"]
    done = table.loc[table["status"] == "done", ["run_id", *_LOOK]]
    own = curves[curves["estimate"] == ""] if "estimate" in curves else curves
    data = own[list(_CURVES)].merge(done, on="run_id", how="inner")
    return data.assign(value=pd.to_numeric(data["value"]), reason=data["reason"].fillna(""))


def at_last_probe(data: pd.DataFrame, measure: str = "cosine") -> pd.DataFrame:
    """Return the rows of a measure at each run's last epoch that has it."""
    own = data[data["measure"] == measure]
    return own[own["epoch"] == own.groupby("run_id")["epoch"].transform("max")]


def _finished(data: pd.DataFrame, keys: Sequence[str], measures: Sequence[Measure]) -> pd.DataFrame:
    """Add the panel letters (one for each group of `keys`) and the statistics over seeds.

    A mean stands only where every seed has a value: a mean over other seeds at each epoch would jump for no reason.
    """
    panels = data[list(keys)].drop_duplicates().reset_index(drop=True)
    panels["panel"] = [chr(ord("a") + index % 26) for index in panels.index]
    by = [*keys, "kind", "configuration", "epoch"]
    data = with_statistics(data.merge(panels, on=list(keys)), by)
    bounds = {measure.name: measure.bounds for measure in measures}
    for measure in measures:
        # Of sizes none of which is below 0, an interval that reaches there says nothing.
        if measure.scale == "log" and not (data.loc[data["measure"] == measure.name, "value"] < 0).any():
            bounds[measure.name] = (max(measure.bounds[0], 0.0), measure.bounds[1])
    low, high = (data["measure"].map({measure: each[side] for measure, each in bounds.items()}) for side in (0, 1))
    data = bounded(data, low, high)
    partial = data["n"] < data.groupby(by)["run_id"].transform("size")
    data.loc[partial, ["mean", "low", "high"]] = np.nan
    columns = ["panel", *_LOOK[:-1], "layer", "measure", "variant", "kind", "epoch", "value", "reason"]
    return data[[*columns, "chance", "n", "mean", "low", "high"]].reset_index(drop=True)


def learning_data(runs: pd.DataFrame, curves: pd.DataFrame) -> pd.DataFrame:
    """Return the data behind `learning_curves`: one row per panel, run and epoch; accuracy and chance in percent."""
    data = joined(runs, curves)
    shown = {measure.name: measure for measure in PERFORMANCE}
    data = data[(data["layer"] == "network") & data["measure"].isin(list(shown))].copy()
    data["chance"] *= 100
    data["value"] *= data["measure"].map({name: measure.factor for name, measure in shown.items()}).astype(float)
    data = data.assign(kind="rule", variant=data["reference"], rank=data["measure"].map(list(shown).index))
    data = data.sort_values(["rank", "task", "seed", "epoch"], kind="stable")
    return _finished(data, ("measure", "task"), PERFORMANCE)


def alignment_data(runs: pd.DataFrame, curves: pd.DataFrame, measure: str | Measure = "cosine") -> pd.DataFrame:
    """Return the data behind `alignment_curves`: one row per panel, run and epoch.

    Column `kind` tells the rules from the controls, "ceiling" and "random", which are of batch means and not of single
    trials, and "shuffled", of rules that are told the targets of other trials; `variant` names the treatment of the
    reset in BPTT. A measure of a layer, or of the network, has what it was measured on as its variant.

    Raises
    ------
    StudyError
        If the measure is unknown or was not recorded.
    """
    told = measure if isinstance(measure, Measure) else MEASURES.get(measure)
    if told is None:
        raise StudyError(f"'{measure}' is not a measure. {nearest(str(measure), MEASURES)}")
    data = joined(runs, curves)
    wanted = [told.name, "ceiling"] if told.name in {"cosine", "cosine_step"} else [told.name]
    data = data[data["measure"].isin(wanted)].assign(variant=data["reference"], kind="rule")
    data["value"] *= told.factor
    data["chance"] *= told.factor
    data.loc[(data["measure"] == "ceiling") & (told.name != "ceiling"), "kind"] = "ceiling"
    if told.of in ("gradient", "estimate"):
        controls = {name: data[data["reference"] == name].assign(kind=name) for name in (RANDOM, SHUFFLED)}
        data = data[data["variant"].isin(list(EXACT_GRADIENTS))]
        shown = data["variant"].unique()
        data = pd.concat([data, *(rows.assign(variant=variant) for variant in shown for rows in controls.values())])
    if not (data["kind"] == "rule").any():
        hint = " Set 'measure.probe' above 0." if told.of in ("gradient", "estimate") else ""
        raise StudyError(f"No finished run of the study recorded '{told.name}'.{hint}")
    order = ["task", "variant", "layer", "kind", "seed", "epoch"]
    shared = (told, MEASURES["ceiling"])
    return _finished(data.sort_values(order, kind="stable"), ("task", "variant", "layer"), shared)
