"""Columns of the tables of a study, and what may stand in them."""

import math
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np

#: Columns of `runs`, with their types. `seconds` is what training and looking took, in all processes that had a share
#: in it; a compilation, which runs of one structure share, is left out, and is in `compile_seconds`. `complaints` is
#: how many of the six complaints against backpropagation hold of the rule; missing where nothing is probed, or the rule
#: makes no estimate.
RUN_COLUMNS = (
    dict.fromkeys(("run_id", "study", "task", "task_title", "rule", "title", "feedback", "network"), "str")
    | {"seed": "int64", "status": "str", "reason": "str", "parameters": "str"}
    | dict.fromkeys(("accuracy", "loss", "validation_accuracy", "spikes_per_trial", "complaints"), "float64")
    | dict.fromkeys(("chance", "validation_chance", "reward", "chance_reward", "best_reward"), "float64")
    | {"epochs": "Int64", "trials": "Int64", "seconds": "float64", "compile_seconds": "float64"}
    | dict.fromkeys(("distribution", "versions", "commit"), "str")
)


#: Columns of the table of runs. `condition` is what was chosen on each axis of the study, in JSON: a matter of the
#: study as it was carried out last, and so not stored with the run.
TABLE_COLUMNS = {name: RUN_COLUMNS[name] for name in ("run_id", "study", "task", "task_title")}
TABLE_COLUMNS |= {"condition": "str"} | RUN_COLUMNS

#: Columns of `curves`, with their types. `epoch` has a fraction within an epoch. `estimate` is empty for what the run's
#: own rule says, and a name for what another one would have said.
CURVE_COLUMNS = {"run_id": "str", "epoch": "float64", "trial": "int64"} | {
    name: "float64" if name == "value" else "str"
    for name in ("layer", "measure", "estimate", "reference", "value", "reason")
}


#: Those of them that a row of a run's curves has.
_POINT = {name: kind for name, kind in CURVE_COLUMNS.items() if name != "run_id"}


# Numbers of a run may be missing, those of a curve not.
_MAY_BE_MISSING = {name for name, kind in RUN_COLUMNS.items() if kind in {"float64", "Int64"}}


#: What can become of a run. All but a failed one are finished: they are not tried again.
STATUSES = ("done", "diverged", "failed", "skipped")


def check_row(row: Mapping[str, object]) -> None:
    """Raise `ValueError` where a row of `runs` has other columns, or something else in them."""
    if set(row) != set(RUN_COLUMNS):
        odd = sorted(set(row) ^ set(RUN_COLUMNS))
        raise ValueError(f"A run has the columns of RUN_COLUMNS, no others; these differ: {', '.join(odd)}.")
    _check_kinds(row, RUN_COLUMNS)
    if row["status"] not in STATUSES:
        raise ValueError(f"'{row['status']}' is not a status of a run. It is one of {', '.join(STATUSES)}.")


def check_curves(curves: Sequence[Mapping[str, object]]) -> None:
    """Raise `ValueError` where rows of `curves` have columns or values that they may not; they have no `run_id`."""
    if not curves:
        return
    # By kinds of rows, and column by column: there are many rows, and few kinds of anything in them.
    for names in set(map(tuple, curves)):
        if set(names) != _POINT.keys():
            raise ValueError(f"A row of curves has the columns {', '.join(sorted(_POINT))}, not {sorted(names)}.")
    columns = dict(zip(_POINT, zip(*map(itemgetter(*_POINT), curves), strict=True), strict=True))
    for name, kind in _POINT.items():
        _check_kind(name, kind, columns[name])
    for value, reason, measure in zip(columns["value"], columns["reason"], columns["measure"], strict=True):
        if math.isnan(value) != bool(reason):
            raise ValueError(f"'{measure}' is {value}, its reason '{reason}'; NaN, and NaN alone, has one.")


def _check_kinds(row: Mapping[str, object], kinds: Mapping[str, str]) -> None:
    for name, kind in kinds.items():
        if not (row[name] is None and name in _MAY_BE_MISSING):
            _check_kind(name, kind, [row[name]])


def _check_kind(name: str, kind: str, values: Sequence[Any]) -> None:
    types = set(map(type, values))
    if types <= _SURELY[kind]:
        return
    # Of whole numbers, the least and the largest tell of all.
    for value in (min(values), max(values)) if types == {int} else values:
        if not _FITS[kind](value):
            raise ValueError(f"'{name}' of a run's result must be of the kind {kind}, and it is {value!r}.")


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and bool(-(2**63) <= value < 2**63)


#: Whether a value is of the kind of a column.
_FITS: dict[str, Callable[[object], bool]] = {
    "str": lambda value: isinstance(value, str),
    "int64": _is_whole,
    "Int64": _is_whole,
    "float64": lambda value: isinstance(value, float | np.floating) or _is_whole(value),
}


#: The types whose values always are of a kind.
_SURELY: dict[str, set[type]] = {"str": {str}, "int64": set(), "Int64": set(), "float64": {float}}
