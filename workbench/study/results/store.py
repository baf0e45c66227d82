"""Where runs are stored: one file each, written by rename, with a hash of its content. Nothing is ever a pickle."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from workbench.common.errors import DamageError, StudyError
from workbench.study.results.checkpoints import drop_checkpoint, read_checkpoint
from workbench.study.results.folder import file_of, held, ids_of, prepare, read_mark, write_mark
from workbench.study.results.hashed_content import damaged, read_sealed, write_sealed
from workbench.study.results.weights import Moments, refuse_damaged, write_weights

#: Columns of `runs`, with their types. `seconds` is what training and looking took, in all processes that had a share
#: in it; a compilation, which runs of one structure share, is left out, and is in `compile_seconds`. `complaints` is
#: how many of the six complaints against backpropagation hold of the rule; missing where nothing is probed, or the rule
#: makes no estimate.
RUN_COLUMNS = (
    dict.fromkeys(("run_id", "study", "task", "task_title", "rule", "title", "feedback", "network"), "str")
    | {"seed": "int64", "status": "str", "reason": "str", "parameters": "str"}
    | dict.fromkeys(("accuracy", "loss", "validation_accuracy", "spikes_per_trial", "complaints"), "float64")
    | dict.fromkeys(("chance", "validation_chance"), "float64")
    | {"epochs": "Int64", "trials": "Int64", "seconds": "float64", "compile_seconds": "float64"}
    | dict.fromkeys(("distribution", "versions", "commit"), "str")
)

#: Columns of `curves`, with their types. `estimate` is empty for what the run's own rule says, and a name for what
#: another one would have said.
CURVE_COLUMNS = {"run_id": "str", "epoch": "int64", "trial": "int64"} | {
    name: "float64" if name == "value" else "str"
    for name in ("layer", "measure", "estimate", "reference", "value", "reason")
}

#: Those of them that a row of a run's curves has.
_POINT = {name: kind for name, kind in CURVE_COLUMNS.items() if name != "run_id"}

# Numbers of a run may be missing, those of a curve not.
_MAY_BE_MISSING = {name for name, kind in RUN_COLUMNS.items() if kind in {"float64", "Int64"}}

#: What can become of a run. All but a failed one are finished: they are not tried again.
STATUSES = ("done", "diverged", "failed", "skipped")


@dataclass(frozen=True, eq=False)
class RunResult:
    """What a run gives.

    Attributes
    ----------
    row : dict
        Columns of `runs` that only the training knows; the runner fills in the others.
    curves : list of dict
        Rows of `curves` without their `run_id`.
    weights : mapping of str to mapping of str to ndarray of shape (n_pre, n_post)
        By moment, `initial` or `trained`, and name; none of a run that was read, whose weights stay on the disk.
    weights_sha256 : str
        Of a run that was read, the hash of the file of its weights; empty where it has none.
    """

    row: dict[str, object]
    curves: list[dict[str, object]] = field(default_factory=list)
    weights: Moments = field(default_factory=dict)
    weights_sha256: str = ""


@contextmanager
def opened(folder: Path, study: str) -> Iterator[list[str]]:
    """Hold a results folder for one study: make and mark it, show that it is writable, clear what a kill left behind.

    Parameters
    ----------
    folder : Path
        Is made where it does not exist.
    study : str
        The name of the study whose results come there.

    Yields
    ------
    list of str
        What is to be told of the folder, in sentences.

    Raises
    ------
    StudyError
        Where it cannot be written, is not the workbench's, has results of another study, or another process holds it.
    """
    with held(folder):
        told = []
        try:
            mark = read_mark(folder)
            owner = mark.study if mark else ""
        except DamageError as error:
            told.append(f"{error} It is written anew.")
            mark, owner = None, _study_of_runs(folder)
        if owner not in {"", study}:
            raise StudyError(
                f"{folder} has results of study '{owner}', and this is study '{study}'. Give another folder, or remove "
                "that one."
            )
        if mark is None:
            write_mark(folder, study)
        prepare(folder)
        told += _cleared_checkpoints(folder)
        yield told


def write_result(folder: Path, result: RunResult, config: Mapping[str, object]) -> None:
    """Store a run and drop its checkpoint, from which a failed run goes on when it is tried again.

    Parameters
    ----------
    folder : Path
        Of the study's results.
    result : RunResult
        With a complete row.
    config : mapping
        The run's configuration, kept beside its numbers.

    Raises
    ------
    ValueError
        Where the columns or the status are not those of the tables, or an undefined value has no reason.
    StorageError
        Where it cannot be written.
    """
    _check(result)
    run_id = str(result.row["run_id"])
    file = file_of(folder, "runs", run_id)
    # The weights first: where the run is stored, all of it is.
    digest = write_weights(folder, run_id, result.weights)
    write_sealed(file, {"row": result.row, "curves": result.curves, "weights_sha256": digest, "config": config})
    if result.row["status"] != "failed":
        drop_checkpoint(folder, run_id)


def read_result(folder: Path, run_id: str) -> RunResult | None:
    """Return what is stored of a run, or None where nothing is.

    Raises
    ------
    DamageError
        Where it is not as it was written.
    """
    file = file_of(folder, "runs", run_id)
    record = read_sealed(file)
    if record is None:
        return None
    try:
        result = RunResult(record["row"], record["curves"], weights_sha256=record["weights_sha256"])
        _check(result)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise damaged(file, "it is no result of a run") from error
    if result.row["run_id"] != run_id:
        raise damaged(file, f"it is the result of the run '{result.row['run_id']}'")
    return result


@dataclass(frozen=True, eq=False)
class Stored:
    """What is stored of some runs.

    Attributes
    ----------
    results : dict of str to RunResult
        By the run's id, in the order in which they were asked for.
    damaged : dict of str to DamageError
        What is wrong with those that cannot be read.
    """

    results: dict[str, RunResult]
    damaged: dict[str, DamageError]

    @property
    def finished(self) -> list[str]:
        """The ids of the runs that need not be tried again."""
        return [run_id for run_id, result in self.results.items() if result.row["status"] != "failed"]


def survey(
    folder: Path, run_ids: Iterable[str], weights: bool = False, known: Mapping[str, RunResult] | None = None
) -> Stored:
    """Return what is stored of some runs.

    Parameters
    ----------
    folder : Path
        Of the study's results.
    run_ids : iterable of str
        The runs.
    weights : bool
        Whether a run counts as damaged where its weights are.
    known : mapping of str to RunResult, optional
        Runs that were read before, and have not been made again since.
    """
    known = known or {}
    found = Stored({}, {})
    for run_id in run_ids:
        try:
            result = known.get(run_id) or read_result(folder, run_id)
            if result and weights:
                refuse_damaged(folder, run_id, result.weights_sha256)
        except DamageError as error:
            found.damaged[run_id] = error
        else:
            if result:
                found.results[run_id] = result
    return found


def _cleared_checkpoints(folder: Path) -> Iterator[str]:
    """Drop the checkpoints of runs that are done, and those that are damaged; yield what is to be told of these."""
    unfinished = ids_of(folder, "checkpoints")
    for run_id in survey(folder, unfinished).finished:
        unfinished.remove(run_id)
        drop_checkpoint(folder, run_id)
    for run_id in unfinished:
        if read_checkpoint(folder, run_id) is None:
            drop_checkpoint(folder, run_id)
            yield f"{file_of(folder, 'checkpoints', run_id)} is damaged. The run begins anew."


def _study_of_runs(folder: Path) -> str:
    """Return the study of the runs that are stored, or an empty text where there are none."""
    stored = survey(folder, ids_of(folder, "runs")).results.values()
    return next((str(result.row["study"]) for result in stored), "")


def _check(result: RunResult) -> None:
    if not isinstance(result.weights_sha256, str):
        raise ValueError(f"A hash is a text, not {result.weights_sha256!r}.")
    if set(result.row) != set(RUN_COLUMNS):
        odd = sorted(set(result.row) ^ set(RUN_COLUMNS))
        raise ValueError(f"A run has the columns of RUN_COLUMNS, no others; these differ: {', '.join(odd)}.")
    _check_kinds(result.row, RUN_COLUMNS)
    if result.row["status"] not in STATUSES:
        raise ValueError(f"'{result.row['status']}' is not a status of a run. It is one of {', '.join(STATUSES)}.")
    if not result.curves:
        return
    # By kinds of rows, and column by column: there are many rows, and few kinds of anything in them.
    for names in set(map(tuple, result.curves)):
        if set(names) != _POINT.keys():
            raise ValueError(f"A row of curves has the columns {', '.join(sorted(_POINT))}, not {sorted(names)}.")
    columns = dict(zip(_POINT, zip(*map(itemgetter(*_POINT), result.curves), strict=True), strict=True))
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
