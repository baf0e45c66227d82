"""The search as the first stage of a study: its runs are stored like any others, so that a killed one goes on."""

import functools
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from workbench.common.errors import SilentError, StudyError, reason_of
from workbench.common.output import printable
from workbench.study.file.grid import Chosen
from workbench.study.file.run_config import RunConfig
from workbench.study.file.spec import StudySpec
from workbench.study.results.draws import write_draws
from workbench.study.results.folder import SEARCH
from workbench.study.results.mark import Mark, write_mark
from workbench.study.results.store import RunResult, opened, survey
from workbench.study.search.draws import settings
from workbench.study.search.searching import Search
from workbench.study.work.best import BestSoFar
from workbench.study.work.executor import Workers
from workbench.study.work.making import ended, refuse_unmakeable
from workbench.study.work.plugin_file import PluginFile
from workbench.study.work.progress import RunProgress, shown
from workbench.study.work.run_list import Run
from workbench.study.work.selection import Limit, LimitReachedError
from workbench.study.work.worker import Train


@dataclass(frozen=True)
class Making:
    """How runs are made.

    Attributes
    ----------
    workers : Workers
        Where.
    train : callable
        What makes one.
    plugins : tuple of PluginFile, optional
        Files of plugins that are not installed; not given where `train` makes runs without the simulator.
    limit : Limit
        How many may be made.
    """

    workers: Workers
    train: Train
    plugins: tuple[PluginFile, ...] | None
    limit: Limit


def judged(config: RunConfig, progress: RunProgress, train: Train) -> RunResult:
    """Train a draw. One in which a layer is silent is spent, and not a failure that is to be tried again."""
    try:
        return train(config, progress)
    except SilentError as error:
        return RunResult({"status": "diverged", "reason": reason_of(error)})


def carry_out(search: Search, runs: list[Run], folder: Path, making: Making, console: Console) -> Chosen:
    """Search, or go on with a search, and return the settings that it found.

    Parameters
    ----------
    search : Search
        Of a study.
    runs : list of Run
        Of the study, as they are without it: what cannot be built into a network is refused before the search.
    folder : Path
        Of the study's results; the draws' runs are in one of their own within it.
    making : Making
        How runs are made.
    console : rich.console.Console
        Where to show the progress.

    Raises
    ------
    LimitReachedError
        Where draws are left that may not be made now.
    StudyError
        Where nothing can be run.
    """
    spec, place = search.spec, folder / SEARCH
    at_a_time = min(making.workers.count, search.count)
    with opened(place, spec.name) as notes, making.workers.executor(at_a_time) as executor:
        for note in notes:
            _tell(console, note)
        possible = [run for run in runs if not run.skip]
        draws = search.carried_out(_Rounds(spec, place, executor, making, console, possible))
    write_draws(folder, search.rows())
    return settings(draws)


@dataclass(eq=False)
class _Rounds:
    """Makes the runs of one round after the other."""

    spec: StudySpec
    folder: Path
    executor: Executor
    making: Making
    console: Console
    possible: list[Run]
    named: dict[str, str] = field(default_factory=dict)

    @property
    def goes_by_accuracy(self) -> bool:
        """Whether the draw with the best accuracy is the one that will be chosen."""
        search = self.spec.search
        return search is not None and search.by == "accuracy" and not search.spikes

    def __call__(self, runs: list[Run]) -> Mapping[str, RunResult]:
        """Make those that are not stored, and return the results of all by their ids."""
        where, ids = str(self.spec.path), [run.run_id for run in runs]
        known = survey(self.folder, ids)
        done = set(known.finished)
        missing = [run for run in runs if run.run_id not in done]
        self.named |= {run.run_id: run.condition for run in runs}
        write_mark(self.folder, Mark(self.spec.name, self.named))
        if missing:
            _tell(self.console, f"{where}: {len(missing)} of {len(runs)} draws to train.")
            if self.possible and self.making.plugins is not None:
                refuse_unmakeable(self.possible, self.executor, self.making.plugins, where)
                self.possible = []
        train = functools.partial(judged, train=self.making.train)
        now = self.making.limit.within(missing)
        best = BestSoFar(runs, {name: known.results[name] for name in done})
        with shown(self.folder, len(now), self.console) as end:
            for run, row in ended(now, self.folder, self.executor, train):
                told = best.noted(run, row)
                end(_judgement(run, row), told if self.goes_by_accuracy else "")
        if len(now) < len(missing):
            left = len(missing) - len(now)
            raise LimitReachedError(f"{where}: --limit: {left} of {len(runs)} draws of the search are left.")
        found = survey(self.folder, ids, known={name: known.results[name] for name in done}).results
        lost = len(set(ids) - set(found))
        if lost:
            raise StudyError(f"{self.folder}: {lost} draws could not be stored. Make room, and run the study again.")
        return found


def _judgement(run: Run, row: Mapping[str, Any]) -> str:
    """Return the line that says how a draw ended: of what it is judged by, never of the test split."""
    accuracy = row.get("validation_accuracy")
    found = f", validation accuracy {100 * accuracy:.1f} %" if accuracy is not None else ""
    reason = f". {row['reason']}" if row["status"] != "done" else ""
    return f"{run.label}: {row['status']}{found}{reason}"


def _tell(console: Console, text: str) -> None:
    console.print(printable(text), markup=False, highlight=False, soft_wrap=True)
