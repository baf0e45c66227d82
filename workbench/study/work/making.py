"""Runs, each made in a process of its own, wherever that is; where one dies, the others are made all the same."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor, Future, as_completed
from pathlib import Path
from typing import Any

from workbench.common.errors import StudyError, reason_of
from workbench.study.file.run_config import RunConfig
from workbench.study.file.sections import WeightsSection
from workbench.study.results.shared import announced
from workbench.study.results.store import RunResult
from workbench.study.run.network import smallest
from workbench.study.work.own_process import DiedError
from workbench.study.work.plugin_file import PluginFile
from workbench.study.work.progress import RunProgress
from workbench.study.work.run_list import Run
from workbench.study.work.worker import Outcome, Train, execute, failure, keep, refusal, unfit


def refuse_unmakeable(runs: list[Run], executor: Executor, plugins: tuple[PluginFile, ...], where: str) -> None:
    """Refuse a study of which a run cannot be made, before hours are spent on the others.

    Parameters
    ----------
    runs : list of Run
        Those that are to be made.
    executor : Executor
        Where they will be.
    plugins : tuple of PluginFile
        That are not installed.
    where : str
        The study file.

    Raises
    ------
    StudyError
        Why.
    """
    targets = sorted({run.config.target for run in runs})
    different = {_texts(run.config): run.config for run in runs}
    try:
        for future in [executor.submit(unfit, target) for target in targets]:
            if reason := future.result():
                raise StudyError(reason)
        # In the processes that will train, which thus have imported the simulator when they begin.
        found = [executor.submit(refusal, config, plugins) for config in different.values()]
        reasons = [future.result() for future in found]
    except DiedError as error:
        raise StudyError(f"The processes that train end before they begin ({reason_of(error)}).") from error
    for reason in filter(None, reasons):
        raise StudyError(f"{where}: {reason}")


def _texts(config: RunConfig) -> tuple[object, ...]:
    """Return what decides about whether a run's texts hold together: sizes, training and seeds do not."""
    network = smallest(config.network).model_copy(update={"weights": WeightsSection()})
    stages = [(stage.rule, stage.feedback, stage.parameters, stage.train.fixed) for stage in config.in_stages()]
    return config.task, tuple(stages), network, config.train.optimizer


def ended(runs: list[Run], folder: Path, executor: Executor, train: Train) -> Iterator[tuple[Run, dict[str, Any]]]:
    """Make runs, and yield each with its row when it has ended, in any order.

    Parameters
    ----------
    runs : list of Run
        To be made.
    folder : Path
        Of the results.
    executor : Executor
        Where to make them.
    train : callable
        As `run_study` takes it.

    Raises
    ------
    StudyError
        Where none can be made.
    """
    for run in runs:
        if run.skip:
            row = {**run.row, "status": "skipped", "reason": run.skip}
            yield run, keep(folder, run, Outcome(RunResult(row)))
    with announced(folder) as shared:
        made = {executor.submit(execute, run, shared, train): run for run in _spread(runs)}
        for future in as_completed(list(made)):
            run = made.pop(future)
            yield run, _row(run, future, folder)


def _row(run: Run, future: "Future[dict[str, Any] | Outcome]", folder: Path) -> dict[str, Any]:
    """Return the row of a run that has ended, which is stored then."""
    try:
        found = future.result()
    except DiedError as error:
        RunProgress(folder, run.run_id, run.label).close()
        found = failure(run, str(error), str(error.__cause__ or error))
    return keep(folder, run, found) if isinstance(found, Outcome) else found


def _spread(runs: list[Run]) -> list[Run]:
    """Return those to be made, the first of each kind, then the second: so networks compile side by side."""
    seen: Counter[object] = Counter()
    turn = {}
    runs = [run for run in runs if not run.skip]
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
