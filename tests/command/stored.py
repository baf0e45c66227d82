"""Results folders whose configurations and ids are real, and whose numbers a test says."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from workbench.study.results.columns import RUN_COLUMNS
from workbench.study.results.mark import write_mark
from workbench.study.results.store import RunResult, opened, write_result
from workbench.study.results.study_record import write_record
from workbench.study.work.preparing import prepared
from workbench.study.work.run_list import Run
from workbench.study.work.selection import Selection


def skipped(_: Run) -> dict[str, object]:
    """Return the rest of the row of a run that was not made."""
    return {"status": "skipped", "reason": "not run"}


def stored(
    folder: Path,
    study: Mapping[str, object],
    plugins: tuple[Path, ...] = (),
    row: Callable[[Run], Mapping[str, object]] = skipped,
    made_of: Callable[[Mapping[str, str]], Mapping[str, str]] = dict,
    curves: Sequence[Mapping[str, object]] = (),
) -> Path:
    """Return a folder with the runs of a study.

    Parameters
    ----------
    folder : Path
        Where to.
    study : mapping
        As tables.
    plugins : tuple of Path
        Plugin files.
    row : callable
        Returns what a run's row says besides what is known before.
    made_of : callable
        Returns what is stored of what a run was made of.
    curves : sequence of mapping
        Of each run.
    """
    ready = prepared(study, folder, plugins, None, Selection())
    with opened(folder, ready.spec.name):
        write_mark(folder, ready.mark(ready.runs))
        write_record(folder, ready.record(trains=False))
        for run in ready.runs:
            result = RunResult(dict.fromkeys(RUN_COLUMNS) | run.row | dict(row(run)), list(map(dict, curves)))
            write_result(folder, result, run.config.model_dump(mode="json"), made_of(run.made_of))
    return folder
