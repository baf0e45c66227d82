"""All that was measured along training, one row for each mean over seeds."""

import pandas as pd

from workbench.tables.data import prepared
from workbench.tables.statistics import t_interval


def measured_table(runs: pd.DataFrame, curves: pd.DataFrame) -> pd.DataFrame:
    """Return the mean over seeds of every measure, at every epoch and of every layer.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`.

    Returns
    -------
    DataFrame
        Columns task, configuration, estimate (empty for what the run's own rule says), layer, measure, reference,
        epoch, n (finished runs that have a value), mean, low, high (95 % t interval), undefined (finished runs that
        have none), reason (of the first of those). Not in percent: as the curves have it.
    """
    table = prepared(runs)
    done = table.loc[table["status"] == "done", ["run_id", "task", "configuration"]]
    columns = ["estimate", "layer", "measure", "reference", "epoch"]
    data = curves.assign(estimate=curves.get("estimate", ""))
    data = data[["run_id", *columns, "value", "reason"]].merge(done, on="run_id")
    keys = ["task", "configuration", *columns]
    rows: list[dict[str, object]] = []
    for key, own in data.groupby(keys, sort=False):
        values = pd.to_numeric(own["value"])
        low, high = t_interval(values)
        reasons = [reason for reason in own["reason"] if reason]
        found: dict[str, object] = {"n": int(values.notna().sum()), "mean": values.mean(), "low": low, "high": high}
        found |= {"undefined": int(values.isna().sum()), "reason": reasons[0] if reasons else ""}
        rows.append(dict(zip(keys, key, strict=True)) | found)
    return pd.DataFrame(rows, columns=[*keys, "n", "mean", "low", "high", "undefined", "reason"])
