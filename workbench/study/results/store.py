"""Where runs are stored: one file each, written by rename, with a hash of its content. Nothing is ever a pickle."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from workbench.common.errors import DamageError, StudyError
from workbench.study.results.checkpoints import drop_checkpoint, read_checkpoint
from workbench.study.results.columns import check_curves, check_row
from workbench.study.results.folder import file_of, held, ids_of, prepare
from workbench.study.results.hashed_content import damaged, read_sealed, write_sealed
from workbench.study.results.mark import Mark, read_mark, write_mark
from workbench.study.results.weights import Moments, refuse_damaged, write_weights


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
            write_mark(folder, Mark(study))
        prepare(folder)
        told += _cleared_checkpoints(folder)
        yield told


def write_result(
    folder: Path, result: RunResult, config: Mapping[str, object], made_of: Mapping[str, str] | None = None
) -> None:
    """Store a run and drop its checkpoint, from which a failed run goes on when it is tried again.

    Parameters
    ----------
    folder : Path
        Of the study's results.
    result : RunResult
        With a complete row.
    config : mapping
        The run's configuration, kept beside its numbers.
    made_of : mapping of str to str, optional
        Hashes of what else its id is made of, kept so that it can be told in what it differs from another run.

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
    content = {"row": result.row, "curves": result.curves, "weights_sha256": digest, "config": config}
    write_sealed(file, content | ({"made_of": made_of} if made_of else {}))
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


def _check(result: RunResult) -> None:
    if not isinstance(result.weights_sha256, str):
        raise ValueError(f"A hash is a text, not {result.weights_sha256!r}.")
    check_row(result.row)
    check_curves(result.curves)


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
