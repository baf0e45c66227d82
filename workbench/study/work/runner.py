"""Run a study: every run in a process of its own, each result stored as it comes, nothing done twice."""

import functools
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from rich.console import Console

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError
from workbench.common.output import Steady, printable
from workbench.declare.field_types import called
from workbench.study.file.spec import StudySpec
from workbench.study.results.folder import ids_of
from workbench.study.results.mark import Mark, read_mark, write_mark
from workbench.study.results.store import RunResult, opened, survey
from workbench.study.results.study_record import write_record
from workbench.study.search.stage import Making, carry_out
from workbench.study.work.best import BestSoFar
from workbench.study.work.executor import Processes, Workers, processors
from workbench.study.work.making import ended, refuse_unmakeable
from workbench.study.work.plugin_file import read_plugins
from workbench.study.work.preparing import Prepared, prepared
from workbench.study.work.progress import shown
from workbench.study.work.run_list import Run
from workbench.study.work.selection import Limit, LimitReachedError, Selection
from workbench.study.work.verdict import refuse_unsound, told
from workbench.study.work.worker import Train, trained

if TYPE_CHECKING:
    from workbench.study.results.tables import Results


@called(StudyError)
def run_study(
    study: str | Path | StudySpec | Mapping[str, object],
    out: str | Path | None = None,
    jobs: int | None = None,
    *,
    scheduler: str | None = None,
    shard: str | None = None,
    only: Iterable[str] = (),
    retry: str | None = None,
    limit: int | None = None,
    plugins: Iterable[str | Path] = (),
    registry: Registry | None = None,
    train: Train | None = None,
    console: Console | None = None,
) -> "Results":
    """Run what a study describes and is not stored yet, and return its tables.

    Parameters
    ----------
    study : str, Path, StudySpec or mapping
        The path of the study file, a study that was read before, or what stands in a file, as tables within tables;
        the latter is called ``study``, and may say so otherwise with a key `name`.
    out : str or Path, optional
        Folder of the results; ``results/<study>`` by default.
    jobs : int, optional
        Runs at a time; as many as there are processors by default.
    scheduler : str, optional
        The address of a Dask scheduler whose workers make the runs, or the path of its scheduler file.
    shard : str, optional
        A part of the runs, such as ``"2/4"``; `collect` brings the parts together.
    only : iterable of str, optional
        Make these runs alone, by what identifies them: ``"rule=eprop"``, ``"feedback=symmetric"``, ``"task=digits"``,
        ``"seed=0"`` or an axis with a label; several of one kind are all made.
    retry : str, optional
        ``"failed"``: make those once more that are stored as failed or diverged, and not those alone that failed.
    limit : int, optional
        Make at most so many runs, and leave the others for the next call.
    plugins : iterable of str or Path, optional
        Plugin files that are not installed.
    registry : Registry, optional
        Rules, tasks and neuron models; by default what is installed and what the plugin files offer.
    train : callable, optional
        Takes the configuration and the `RunProgress` of a run, and returns a `RunResult`.
    console : rich.console.Console, optional
        Where to show the progress.

    Returns
    -------
    Results
        The tables of all runs, those included that were stored before.

    Raises
    ------
    StudyError
        Where nothing can be run.
    IncompleteError
        Where a run failed or diverged, after everything else was run and stored.
    ControlError
        Where a control of the alignments does not hold, after everything was run and stored.
    """
    _refuse_jobs(jobs, scheduler)
    console = console or Console(file=cast("TextIO", Steady(sys.stdout)))
    selection = Selection(tuple(only), retry, limit, shard)
    ready = prepared(study, out, plugins, registry, selection)
    files = read_plugins(ready.plugins)
    makes = train or functools.partial(trained, plugins=files)
    where = str(ready.spec.path)
    with opened(ready.folder, ready.spec.name) as notes, _workers(scheduler, jobs, console) as workers:
        making = Making(workers, makes, files if train is None else None, Limit(limit))
        try:
            runs = _settled(ready, making, console)
        except LimitReachedError as error:
            _print(console, str(error))
            return _tables_so_far(ready)
        asked = [run for run in runs if ready.is_asked(run)]
        known, more = _stored(ready.folder, runs, {run.run_id for run in asked}, selection)
        missing = [run for run in asked if run.run_id not in known]
        now = making.limit.within(missing)
        possible = [run for run in now if not run.skip]
        at_a_time = min(workers.count, len(possible))
        state = f"all {_counted(asked, runs)} runs are done."
        if missing:
            part = f", {len(now)} of them now" if len(now) < len(missing) else ""
            count = f"{len(missing)} of {_counted(asked, runs)} runs to go{part}, {at_a_time} at a time{workers.where}"
            state = f"{count}. Results: {ready.folder}"
        _announce(console, where, state, asked, [*notes, *more])
        with workers.executor(at_a_time) as executor:
            if possible and making.plugins is not None:
                refuse_unmakeable(possible, executor, making.plugins, where)
            write_record(ready.folder, ready.record(bool(possible)))
            write_mark(ready.folder, ready.mark(runs))
            best = BestSoFar(asked, known)
            results, rows = _carried_out(now, known, ready.folder, executor, makes, console, best)
    ends = [(run, rows[run.run_id]) for run in runs if run.run_id in rows]
    refuse_unsound(where, ends, ready.folder, results)
    return results


def _refuse_jobs(jobs: int | None, scheduler: str | None) -> None:
    if jobs is not None and jobs < 1:
        raise StudyError(f"A study runs at least 1 job at a time, not {jobs}.")
    if jobs is not None and scheduler is not None:
        raise StudyError("--jobs is of this machine, and how many runs a scheduler's workers make is theirs. Drop one.")


def _counted(asked: list[Run], runs: list[Run]) -> str:
    """Return how many runs are asked for, and whether these are all."""
    return f"{len(asked)} chosen" if len(asked) < len(runs) else str(len(asked))


def _workers(scheduler: str | None, jobs: int | None, console: Console) -> AbstractContextManager[Workers]:
    """Return what makes the runs."""
    if scheduler is None:
        return nullcontext(Workers(Processes, jobs or processors()))
    from workbench.study.work.cluster import cluster

    return cluster(scheduler, lambda text: _print(console, text))


def _settled(ready: Prepared, making: Making, console: Console) -> list[Run]:
    """Return the runs to be made, with the settings that a search has found, if there is one to be made before."""
    if ready.search is None:
        return ready.own
    found = carry_out(ready.search, ready.own, ready.folder, making, console)
    runs = ready.planner.all_runs(found)
    return [runs[place] for place in ready.places]


def _tables_so_far(ready: Prepared) -> "Results":
    """Return the tables of a study whose search is not at its end."""
    from workbench.study.results.tables import compact

    mark = read_mark(ready.folder)
    if mark is None or not mark.runs:
        write_mark(ready.folder, Mark(ready.spec.name, {}, ready.contrasts, (), len(ready.runs)))
    return compact(ready.folder)


def _stored(
    folder: Path, runs: list[Run], asked: set[str], selection: Selection
) -> tuple[dict[str, RunResult], list[str]]:
    """Return the results of the runs that need not be made, by id, and what is to be told of those that are stored."""
    ids = [run.run_id for run in runs]
    stored = survey(folder, ids, weights=True)
    notes = [f"{error} The run is made again." for name, error in stored.damaged.items() if name in asked]
    others = len(set(ids_of(folder, "runs")) - set(ids))
    if others:
        notes.append(f"Runs of the study as it was before: {others}. They stay stored, and out of the tables.")
    left = [name for name in stored.finished if name not in asked or selection.done(stored.results[name].row["status"])]
    return {name: stored.results[name] for name in left}, notes


def _announce(console: Console, where: str, state: str, runs: list[Run], notes: list[str]) -> None:
    """Tell how far a study is, what is to be known of its runs, and of the folder of its results."""
    cut = dict.fromkeys(f"{where}: {note}" for run in runs for note in run.notes)
    for line in (f"{where}: {state}", *cut, *notes):
        _print(console, line)


def _print(console: Console, line: str) -> None:
    console.print(printable(line), markup=False, highlight=False, soft_wrap=True)


def _carried_out(
    missing: list[Run],
    known: Mapping[str, RunResult],
    folder: Path,
    executor: Executor,
    train: Train,
    console: Console,
    best: BestSoFar,
) -> tuple["Results", dict[str, dict[str, Any]]]:
    """Make the runs that are missing; return the tables, and the row of each run by its id."""
    from workbench.study.results.tables import compact

    rows = {name: result.row for name, result in known.items()}
    try:
        with shown(folder, len(missing), console) as end:
            for run, row in ended(missing, folder, executor, train):
                rows[run.run_id] = row
                end(told(run, row), best.noted(run, row))
    finally:
        # Also after Ctrl-C, so that the tables hold what there is.
        results = compact(folder, known)
    return results, rows
