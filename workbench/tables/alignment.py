"""The data behind the figures of alignment: by depth, between all rules, and against what a rule needs to know."""

import pandas as pd

from workbench.common.errors import StudyError, nearest
from workbench.declare.references import BY_DEFAULT, EXACT_GRADIENTS, RANDOM
from workbench.measures.records import MEASURES
from workbench.tables.appearance import looks
from workbench.tables.conditions import by_condition
from workbench.tables.data import at_last_probe, joined, prepared
from workbench.tables.statistics import INTERVAL_FROM, bounded, with_statistics

#: Of fewer configurations nobody can say how the two go together.
FEWEST = 5
_RUN = ["run_id", "task", "task_title", "configuration", "rule", "feedback", "seed"]


def _known(variant: str) -> None:
    if variant not in EXACT_GRADIENTS:
        raise StudyError(f"'{variant}' is not a variant of BPTT. {nearest(variant, EXACT_GRADIENTS)}")


def depth_data(runs: pd.DataFrame, curves: pd.DataFrame, variant: str = BY_DEFAULT) -> pd.DataFrame:
    """Return the data behind `alignment_by_depth`: the cosine of each run and hidden layer at the last probe.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`.
    variant : str
        Of BPTT.

    Returns
    -------
    DataFrame
        With the column `place`, 1 for the lowest hidden layer, and `kind`, "rule" or "random".
    """
    _known(variant)
    data = at_last_probe(joined(runs, curves))
    data = data[data["layer"].str.fullmatch(r"hidden\d+") & data["reference"].isin([variant, RANDOM])]
    data = data.assign(
        place=data["layer"].str.removeprefix("hidden").astype(int),
        kind=data["reference"].where(data["reference"] == RANDOM, "rule"),
    )
    letters = {task: chr(ord("a") + index) for index, task in enumerate(data["task"].unique())}
    data = with_statistics(data.assign(panel=data["task"].map(letters)), ("task", "configuration", "kind", "place"))
    data = bounded(data, *MEASURES["cosine"].bounds)
    columns = ["panel", "task", "task_title", "configuration", "seed", "kind", "layer", "place", "value", "reason"]
    return data[[*columns, "n", "mean", "low", "high"]].reset_index(drop=True)


def matrix_data(runs: pd.DataFrame, curves: pd.DataFrame, task: str, trainer: str = "") -> pd.DataFrame:
    """Return the data behind `alignment_matrix`: the mean cosine over seeds of each pair of estimates.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`, of a study with `measure.passive`.
    task : str
        Its name.
    trainer : str
        The configuration whose runs the estimates are from, such as 'eprop:symmetric'; by default the
        first in the order of all figures, which BPTT begins.

    Returns
    -------
    DataFrame
        A row for each layer and ordered pair, of the last probe: panel, trainer, layer, estimate, reference, value, n
        (seeds) and reason. Rules that could not be asked are rows of the layer "network".

    Raises
    ------
    StudyError
        If no finished run of the task asked other rules.
    """
    table = prepared(runs)
    table = table[(table["task"] == task) & (table["status"] == "done")]
    asked = curves[curves["estimate"] != ""] if "estimate" in curves else curves.iloc[:0]
    data = at_last_probe(asked[asked["run_id"].isin(table["run_id"])]).merge(table[_RUN], on="run_id")
    if data.empty:
        raise StudyError(f"No finished run of '{task}' asked other rules. Set 'measure.passive' to true.")
    # In the order of all figures: BPTT first, where it is one of them.
    trainers = [name for name in looks(table) if name in set(data["configuration"])]
    chosen = trainer or trainers[0]
    if chosen not in trainers:
        raise StudyError(f"'{chosen}' trained nothing that other rules were asked about. {nearest(chosen, trainers)}")
    data = data[data["configuration"] == chosen]
    turned = data.rename(columns={"estimate": "reference", "reference": "estimate"})
    # What could not be asked has no other side.
    both = pd.concat([data, turned[turned["layer"] != "network"]])
    groups = both.groupby(["layer", "estimate", "reference"], sort=False)
    found = groups.agg(value=("value", "mean"), n=("value", "count"), reason=("reason", "max")).reset_index()
    found["reason"] = found["reason"].where(found["value"].isna(), "")
    layers = [layer for layer in found["layer"].unique() if layer != "network"]
    letters = {layer: chr(ord("a") + index) for index, layer in enumerate(layers)}
    return found.assign(panel=found["layer"].map(letters).fillna(""), trainer=chosen)


def trade_off_data(runs: pd.DataFrame, curves: pd.DataFrame, variant: str = BY_DEFAULT) -> pd.DataFrame:
    """Return the data behind `trade_off`: complaints, accuracy and alignment of each configuration.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`.
    variant : str
        Of BPTT.

    Returns
    -------
    DataFrame
        A row for each task and configuration with finished runs: complaints (how many hold; 0 of a rule that makes no
        estimate and so needs nothing), accuracy (mean over seeds) with low and high [%] (the 95 % t interval, or of
        fewer than `INTERVAL_FROM` seeds the range), cosine (mean over hidden layers and seeds at the last probe), n
        (seeds), and `best`: whether no other that needs as little is more accurate.
    """
    _known(variant)
    table = prepared(runs)
    table = table[(table["status"] == "done") & table["accuracy"].notna()]
    table["complaints"] = pd.to_numeric(table["complaints"]) if "complaints" in table else float("nan")
    nothing = _without_estimates(joined(runs, curves))
    table.loc[table["complaints"].isna() & table["run_id"].isin(nothing), "complaints"] = 0.0
    cosines = at_last_probe(joined(runs, curves))
    cosines = cosines[_is_hidden(curves, cosines["layer"]) & (cosines["reference"] == variant)]
    own = cosines.groupby("run_id")["value"].mean().rename("cosine")
    table = table.merge(own, left_on="run_id", right_index=True, how="left").assign(value=100 * table["accuracy"])
    table = bounded(with_statistics(table, ("task", "configuration")), *MEASURES["accuracy"].bounds)
    keys = ["task", "task_title", "configuration", "rule", "feedback"]
    found = table.groupby(keys, sort=False).agg(
        complaints=("complaints", "mean"), accuracy=("value", "mean"), low=("low", "first"), high=("high", "first"),
        cosine=("cosine", "mean"), n=("n", "first"), least=("value", "min"), largest=("value", "max"),
    ).reset_index()  # fmt: skip
    few = found["n"] < INTERVAL_FROM
    found.loc[few, ["low", "high"]] = found.loc[few, ["least", "largest"]].to_numpy()
    found = found.drop(columns=["least", "largest"])
    letters = {task: chr(ord("a") + index) for index, task in enumerate(found["task"].unique())}
    found["panel"] = found["task"].map(letters)
    found["best"] = [_is_best(row, found[found["task"] == row["task"]]) for _, row in found.iterrows()]
    return found


def alignment_and_accuracy_data(runs: pd.DataFrame, curves: pd.DataFrame, variant: str = BY_DEFAULT) -> pd.DataFrame:
    """Return the data behind `alignment_and_accuracy`: configurations that have both numbers, in panels by task.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`.
    variant : str
        Of BPTT.

    Returns
    -------
    DataFrame
        Columns panel, task, task_title, configuration, cosine (mean over hidden layers and seeds at the last probe),
        accuracy [%] (mean over seeds), rank_correlation (Spearman's, of the panel) and n (its configurations); tasks
        with fewer than `FEWEST` are left out.
    """
    from scipy.stats import spearmanr

    own = by_condition(runs)
    measured = joined(own, curves)
    if not (measured["measure"].eq("cosine") & measured["reference"].isin(list(EXACT_GRADIENTS))).any():
        return pd.DataFrame()
    data = trade_off_data(own, curves, variant)
    data = data.dropna(subset=["cosine", "accuracy"])
    # The gradient itself is at 1 whatever it learns.
    data = data[data["rule"] != "bptt"]
    data = data[data.groupby("task")["task"].transform("size") >= FEWEST].copy()
    letters = {task: chr(ord("a") + index % 26) for index, task in enumerate(data["task"].unique())}
    data["panel"] = data["task"].map(letters)
    for _, group in data.groupby("task"):
        apart = group["cosine"].nunique() > 1 and group["accuracy"].nunique() > 1
        correlation = spearmanr(group["cosine"], group["accuracy"])[0] if apart else float("nan")
        data.loc[group.index, ["rank_correlation", "n"]] = correlation, len(group)
    columns = ["panel", "task", "task_title", "configuration", "cosine", "accuracy", "low", "high"]
    return data[[*columns, *(name for name in ("rank_correlation", "n") if name in data)]].reset_index(drop=True)


def _is_hidden(curves: pd.DataFrame, layers: "pd.Series[str]") -> "pd.Series[bool]":
    """Return whether weights reach hidden neurons: by their names, or as was noted where these do not say."""
    noted = curves[curves["measure"] == "n_weights"]
    onto_readout = set(noted.loc[noted["reference"] == "readout", "layer"])
    others = set(noted.loc[noted["reference"] != "readout", "layer"])
    return (layers.str.startswith("hidden") & ~layers.isin(onto_readout)) | layers.isin(others)


def _without_estimates(own: pd.DataFrame) -> set[str]:
    """Return the runs that were probed, and whose rule has no estimate for any hidden layer."""
    cosines = own[(own["measure"] == "cosine") & _is_hidden(own, own["layer"])]
    cosines = cosines[cosines["reference"].isin(list(EXACT_GRADIENTS))]
    known = cosines.groupby("run_id")["value"].count()
    return set(known.index[known == 0])


def _is_best(row: "pd.Series[float]", others: pd.DataFrame) -> bool:
    """Return whether no other configuration needs as little and is more accurate."""
    rivals = others[(others["complaints"] <= row["complaints"]) & (others["accuracy"] > row["accuracy"])]
    return bool(row["complaints"] == row["complaints"] and rivals.empty)
