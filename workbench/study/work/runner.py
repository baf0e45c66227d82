"""Run a study: every run in a process of its own, each result stored as it comes, nothing done twice."""

import functools
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from rich.console import Console

from workbench.catalogue.registry import Registry, load_registry
from workbench.common.errors import StudyError
from workbench.common.output import Steady, printable
from workbench.declare.field_types import called
from workbench.study.file.contrasts import planned_contrasts
from workbench.study.file.reading import plugin_files, specified
from workbench.study.results.folder import ids_of
from workbench.study.results.mark import Mark, write_mark
from workbench.study.results.store import RunResult, opened, survey
from workbench.study.search.searching import Search
from workbench.study.search.stage import Making, carry_out
from workbench.study.work.executor import Processes, processors
from workbench.study.work.making import ended, refuse_unmakeable
from workbench.study.work.progress import shown
from workbench.study.work.run_list import Run, plan
from workbench.study.work.shard import read_shard
from workbench.study.work.verdict import refuse_unsound, told
from workbench.study.work.worker import Train, trained

if TYPE_CHECKING:
    from workbench.study.results.tables import Results


@called(StudyError)
def run_study(
    study: str | Path | Mapping[str, object],
    out: str | Path | None = None,
    jobs: int | None = None,
    *,
    shard: str | None = None,
    plugins: Iterable[str | Path] = (),
    registry: Registry | None = None,
    train: Train | None = None,
    console: Console | None = None,
) -> "Results":
    """Run what a study describes and is not stored yet, and return its tables.

    Parameters
    ----------
    study : str, Path or mapping
        The path of the study file, or what stands in one, as tables within tables; the latter is called ``study``, and
        may say so otherwise with a key `name`.
    out : str or Path, optional
        Folder of the results; ``results/<study>`` by default.
    jobs : int, optional
        Runs at a time; as many as there are processors by default.
    shard : str, optional
        A part of the runs, such as ``"2/4"``; `collect` brings the parts together.
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
    if jobs is not None and jobs < 1:
        raise StudyError(f"A study runs at least 1 job at a time, not {jobs}.")
    console = console or Console(file=cast("TextIO", Steady(sys.stdout)))
    spec = specified(study)
    files = (*plugin_files(spec), *(Path(file).resolve() for file in plugins))
    folder = Path("results") / spec.name if out is None else Path(out)
    registry = load_registry(files) if registry is None else registry
    # Also where a search is to come: what cannot be run is told before it.
    runs = plan(spec, registry)
    places = list(range(len(runs))) if shard is None else read_shard(shard).places(runs, spec.search is not None)
    total = len(runs)
    contrasts = planned_contrasts(spec, (run.config for run in runs), registry)
    search = None if spec.search is None else Search(spec, registry)
    if search is not None:
        search.restrict([runs[place].config for place in places])
    makes = train or functools.partial(trained, plugins=files)
    with opened(folder, spec.name) as notes:
        if search is not None:
            found = carry_out(search, folder, Making(jobs, makes, files if train is None else None), console)
            runs = plan(spec, registry, found)
        runs = [runs[place] for place in places]
        stored = survey(folder, [run.run_id for run in runs], weights=True)
        notes += [f"{error} The run is made again." for error in stored.damaged.values()]
        others = len(set(ids_of(folder, "runs")) - {run.run_id for run in runs})
        if others:
            notes.append(f"Runs of the study as it was before: {others}. They stay stored, and out of the tables.")
        done = set(stored.finished)
        missing = [run for run in runs if run.run_id not in done]
        possible = [run for run in missing if not run.skip]
        at_a_time = min(jobs or processors(), len(possible)) if possible else 0
        state = f"all {len(runs)} runs are done."
        if missing:
            state = f"{len(missing)} of {len(runs)} runs to go, {at_a_time} at a time. Results: {folder}"
        _announce(console, str(spec.path), state, runs, notes)
        with Processes(at_a_time) as processes:
            if possible and train is None:
                refuse_unmakeable(possible, processes, files, str(spec.path))
            named = {run.run_id: run.condition for run in runs}
            write_mark(folder, Mark(spec.name, named, contrasts, tuple(places), total))
            known = {name: stored.results[name] for name in stored.finished}
            results, rows = _carried_out(runs, missing, known, folder, processes, makes, console)
    refuse_unsound(str(spec.path), [(run, rows[run.run_id]) for run in runs], folder, results)
    return results


def _announce(console: Console, where: str, state: str, runs: list[Run], notes: list[str]) -> None:
    """Tell how far a study is, what is to be known of its runs, and of the folder of its results."""
    cut = dict.fromkeys(f"{where}: {note}" for run in runs for note in run.notes)
    for line in (f"{where}: {state}", *cut, *notes):
        console.print(printable(line), markup=False, highlight=False, soft_wrap=True)


def _carried_out(
    runs: list[Run],
    missing: list[Run],
    known: Mapping[str, RunResult],
    folder: Path,
    processes: Processes,
    train: Train,
    console: Console,
) -> tuple["Results", dict[str, dict[str, Any]]]:
    """Make the runs that are missing, and not known; return the tables, and the row of each run by its id."""
    from workbench.study.results.tables import compact

    rows = {name: result.row for name, result in known.items()}
    try:
        with shown(folder, len(missing), console) as end:
            for run, row in ended(missing, folder, processes, train):
                rows[run.run_id] = row
                end(told(run, row))
    finally:
        # Also after Ctrl-C, so that the tables hold what there is.
        results = compact(folder, known)
    return results, rows
