"""Runs, each made in a process of its own; where processes die, the others are made all the same."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from workbench.common.errors import StudyError, reason_of
from workbench.engine.compiled.cache_folder import refuse_unwritable
from workbench.engine.compiled.cache_key import compiler
from workbench.study.file.sections import WeightsSection
from workbench.study.file.spec import RunConfig
from workbench.study.results.store import RunResult, survey
from workbench.study.run.network import smallest
from workbench.study.work.executor import Processes
from workbench.study.work.progress import RunProgress
from workbench.study.work.run_list import Run
from workbench.study.work.worker import Train, execute, refusal, store, store_failure


def refuse_unmakeable(runs: list[Run], processes: Processes, plugins: tuple[Path, ...], where: str) -> None:
    """Refuse a study of which a run cannot be made, before hours are spent on the others.

    Parameters
    ----------
    runs : list of Run
        Those that are to be made.
    processes : Processes
        Those that will train.
    plugins : tuple of Path
        Plugin files that are not installed.
    where : str
        The study file.

    Raises
    ------
    StudyError
        Why.
    """
    if any(run.config.target == "cpp" for run in runs):
        compiler()
        refuse_unwritable()
    different = {_texts(run.config): run.config for run in runs}
    try:
        # In the processes that will train, which thus have imported the simulator when they begin.
        found = list(processes.results((refusal, (config, plugins)) for config in different.values()))
    except BrokenProcessPool as error:
        raise StudyError(f"The processes that train end before they begin ({reason_of(error)}).") from error
    for reason in filter(None, found):
        raise StudyError(f"{where}: {reason}")


def _texts(config: RunConfig) -> tuple[object, ...]:
    """Return what decides about whether a run's texts hold together: sizes, training and seeds do not."""
    network = smallest(config.network).model_copy(update={"weights": WeightsSection()})
    stages = [(stage.rule, stage.feedback, stage.parameters, stage.train.fixed) for stage in config.in_stages()]
    return config.task, tuple(stages), network, config.train.optimizer


def ended(runs: list[Run], folder: Path, processes: Processes, train: Train) -> Iterator[tuple[Run, dict[str, Any]]]:
    """Make runs, and yield each with its row when it has ended, in any order.

    Parameters
    ----------
    runs : list of Run
        To be made.
    folder : Path
        Of the results.
    processes : Processes
        To make them in.
    train : callable
        As `run_study` takes it.

    Raises
    ------
    StudyError
        Where they end before they begin.
    """
    for run in runs:
        if run.skip:
            yield run, store(folder, run, RunResult({**run.row, "status": "skipped", "reason": run.skip}))
    possible = [run for run in runs if not run.skip]
    batches = [(_spread(possible), processes.count)]
    while batches:
        batch, width = batches.pop()
        left = {run.run_id: run for run in batch}
        try:
            # Workers outlive a study and may have begun in another working directory.
            calls = ((execute, (run, folder.resolve(), train)) for run in batch)
            for row in processes.results(calls, width):
                yield left.pop(row["run_id"]), row
        except BrokenProcessPool as error:
            stored = survey(folder, left)
            for name in stored.finished:
                yield left.pop(name), stored.results[name].row
            begun = [run for name, run in left.items() if RunProgress(folder, name, "").begun]
            if not begun:
                raise StudyError(f"The processes that train end before they begin ({reason_of(error)}).") from error
            rest = [run for run in left.values() if run not in begun]
            batches += [(rest, width)] if rest else []
            for run in begun:
                RunProgress(folder, run.run_id, run.label).close()
            if len(begun) == 1:
                reason = "The process died: it was killed, ran out of memory or crashed."
                yield begun[0], store_failure(folder, begun[0], reason, str(error))
            else:
                # Nobody knows which of them it was, so each is tried again alone.
                batches += [([run], 1) for run in begun]


def _spread(runs: list[Run]) -> list[Run]:
    """Return the first run of each kind, then the second: networks compile side by side, none waits for another."""
    seen: Counter[object] = Counter()
    turn = {}
    for run in runs:
        config = run.config
        kind = (
            config.task,
            config.task_parameters,
            config.rule,
            config.feedback,
            config.network,
            config.train.optimizer,
        )
        turn[run.run_id] = seen[kind]
        seen[kind] += 1
    return sorted(runs, key=lambda run: turn[run.run_id])
