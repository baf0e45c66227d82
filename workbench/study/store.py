"""Where runs are stored: one file each, written by rename. Nothing is ever a pickle."""

import fcntl
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.errors import StudyError
from workbench.files import plain, write_atomically
from workbench.study.checkpoints import drop_checkpoint

#: Columns of `runs`, with their types. `seconds` is what training and looking took, in all processes that had a share
#: in it; a compilation, which runs of one structure share, is left out. `complaints` is how many of the six complaints
#: against backpropagation hold of the rule; missing where nothing is probed, or the rule makes no estimate.
RUN_COLUMNS = (
    dict.fromkeys(("run_id", "study", "task", "rule", "title", "feedback", "network"), "str")
    | {"seed": "int64", "status": "str", "reason": "str", "parameters": "str"}
    | dict.fromkeys(("accuracy", "loss", "validation_accuracy", "spikes_per_trial", "complaints"), "float64")
    | {"epochs": "Int64", "trials": "Int64", "seconds": "float64"}
    | dict.fromkeys(("distribution", "versions", "commit"), "str")
)

#: Columns of `curves`, with their types. `estimate` is empty for what the run's own rule says, and a name for what
#: another one would have said.
CURVE_COLUMNS = {"run_id": "str", "epoch": "int64", "trial": "int64"} | {
    name: "float64" if name == "value" else "str"
    for name in ("layer", "measure", "estimate", "reference", "value", "reason")
}

#: What can become of a run. All but a failed one are finished: they are not tried again.
STATUSES = ("done", "diverged", "failed", "skipped")

_FOLDERS = ("runs", "checkpoints", "progress", "logs")


@dataclass(frozen=True, eq=False)
class RunResult:
    """What a run gives.

    Attributes
    ----------
    row : dict
        Columns of `runs` that only the training knows; the runner fills in the others.
    curves : list of dict
        Rows of `curves` without their `run_id`.
    """

    row: dict[str, object]
    curves: list[dict[str, object]] = field(default_factory=list)


@contextmanager
def opened(folder: Path) -> Iterator[None]:
    """Hold a results folder for one study at a time: make it, show that it is writable, clear what a kill left behind.

    Parameters
    ----------
    folder : Path
        Is made where it does not exist.

    Raises
    ------
    StudyError
        Where it cannot be written, or another process holds it.
    """
    try:
        for name in _FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
            (folder / name / ".probe.tmp").write_bytes(b"")
        lock = (folder / ".lock").open("wb")
    except OSError as error:
        reason = error.strerror or error
        raise StudyError(f"{folder}: results cannot be written there ({reason}). Give another folder.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StudyError(f"{folder} is in use by another run of the study. Wait until it has ended.") from error
        for left in [*folder.glob(".*.tmp"), *folder.glob("*/.*.tmp"), *folder.glob("progress/*.json")]:
            left.unlink(missing_ok=True)
        yield


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
    """
    _check(result)
    record = {"row": result.row, "curves": result.curves, "config": config}
    run_id = str(result.row["run_id"])
    write_atomically(_run_file(folder, run_id), json.dumps(record, default=plain).encode())
    if result.row["status"] != "failed":
        drop_checkpoint(folder, run_id)


def read_result(folder: Path, run_id: str) -> RunResult | None:
    """Return what is stored of a run, or None where nothing is that can be read."""
    try:
        record = json.loads(_run_file(folder, run_id).read_bytes())
        result = RunResult(record["row"], record["curves"])
        _check(result)
        return result if result.row["run_id"] == run_id else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def finished(folder: Path) -> set[str]:
    """Return the ids of the runs that need not be tried again."""
    found = {run_id: read_result(folder, run_id) for run_id in stored(folder)}
    return {run_id for run_id, result in found.items() if result and result.row["status"] != "failed"}


def stored(folder: Path) -> list[str]:
    """Return the ids of all runs of which something is stored, in their order."""
    return sorted(path.stem for path in (folder / "runs").glob("[!.]*.json"))


def _run_file(folder: Path, run_id: str) -> Path:
    return folder / "runs" / f"{run_id}.json"


def _check(result: RunResult) -> None:
    if set(result.row) != set(RUN_COLUMNS):
        odd = sorted(set(result.row) ^ set(RUN_COLUMNS))
        raise ValueError(f"A run has the columns of RUN_COLUMNS, no others; these differ: {', '.join(odd)}.")
    if result.row["status"] not in STATUSES:
        raise ValueError(f"'{result.row['status']}' is not a status of a run. It is one of {', '.join(STATUSES)}.")
    columns = set(CURVE_COLUMNS) - {"run_id"}
    for row in result.curves:
        if set(row) != columns:
            raise ValueError(f"A row of curves has the columns {', '.join(sorted(columns))}, not {sorted(row)}.")
        value: Any = row["value"]
        if math.isnan(value) != bool(row["reason"]):
            raise ValueError(
                f"'{row['measure']}' is {value}, its reason '{row['reason']}'; NaN, and NaN alone, has one."
            )
