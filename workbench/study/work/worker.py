"""What a process of its own does: make one run, and store its result or its failure, or hand it to whoever can."""

import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.catalogue.registry import Registry, reload_registry
from workbench.common.errors import StorageError, WorkbenchError, reason_of
from workbench.common.files import write_atomically
from workbench.engine.compiled.cache_folder import refuse_unwritable
from workbench.engine.compiled.cache_key import compiler
from workbench.study.file.run_config import RunConfig
from workbench.study.results.folder import file_of
from workbench.study.results.shared import SharedFolder
from workbench.study.results.store import RunResult, write_result
from workbench.study.work.plugin_file import PluginFile
from workbench.study.work.progress import Progress, RunProgress, UnseenProgress
from workbench.study.work.run_list import Run

#: Trains one network. An exception fails the run; one that diverged says so in its row, and keeps its curves.
Train = Callable[[RunConfig, RunProgress], RunResult]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What came of a run.

    Attributes
    ----------
    result : RunResult
        With a complete row.
    details : str
        Of a failure: where it happened, for a log.
    """

    result: RunResult
    details: str = ""


def execute(run: Run, shared: SharedFolder, train: Train) -> dict[str, Any] | Outcome:
    """Make one run; store its result and return its row, or return what came of it where the folder is not seen.

    Parameters
    ----------
    run : Run
        What to do.
    shared : SharedFolder
        Of the study's results.
    train : callable
        Whatever it raises becomes the run's status and reason.
    """
    if not shared.is_here():
        return outcome(run, train, UnseenProgress(run.run_id, run.label))
    progress = RunProgress(shared.path, run.run_id, run.label)
    try:
        found = outcome(run, train, progress)
        # Who waited for it may be dead, and the folder be held by another, who makes the same run again.
        return keep(shared.path, run, found) if shared.is_here() else found
    finally:
        progress.close()


def outcome(run: Run, train: Train, progress: RunProgress) -> Outcome:
    """Make one run, and return what came of it."""
    progress(0, 1, "builds the network")
    started = time.perf_counter()
    try:
        result = train(run.config, progress)
        row = {**run.row, "status": "done", "seconds": time.perf_counter() - started, **result.row}
        return Outcome(replace(result, row=row))
    # Whatever happens in one run is that run's failure, and the others go on; an exit would end the study in silence.
    except BaseException as error:
        return failure(run, reason_of(error), traceback.format_exc(), time.perf_counter() - started)


def trained(config: RunConfig, progress: Progress, plugins: tuple[PluginFile, ...] = ()) -> RunResult:
    """Train a network with what the installed plugins and some plugin files offer."""
    from workbench.study.run.training import train

    return train(config, progress, _offered(plugins))


@lru_cache(maxsize=1)
def _offered(plugins: tuple[PluginFile, ...]) -> Registry:
    """Return what plugins offer, read once by a process: to ask all of them takes longer than a small run."""
    return reload_registry(plugin.here() for plugin in plugins)


def unfit(target: str) -> str:
    """Return why networks of a target cannot be built on this machine; or an empty text."""
    try:
        if target == "cpp":
            compiler()
            refuse_unwritable()
    except WorkbenchError as error:
        return str(error)
    return ""


def refusal(config: RunConfig, plugins: tuple[PluginFile, ...]) -> str:
    """Return why a run cannot be made, found in a second and without training; or an empty text."""
    try:
        from workbench.study.run.assemble import rehearse

        rehearse(config, _offered(plugins))
    except WorkbenchError as error:
        return str(error)
    # Equations are anybody's text, in which Brian2 may stumble anywhere; nor need it be one that can be imported.
    except BaseException as error:
        return f"Rule '{config.rule}' cannot be built into a network ({reason_of(error)})."
    return ""


def keep(folder: Path, run: Run, found: Outcome) -> dict[str, Any]:
    """Store what came of a run, and return its row; where that cannot be, it is a failure."""
    if found.result.row["status"] == "failed":
        return _keep_failure(folder, run, found)
    try:
        _write(folder, run, found.result)
    except Exception as error:
        seconds = found.result.row["seconds"]
        return _keep_failure(folder, run, failure(run, reason_of(error), traceback.format_exc(), seconds))
    with suppress(OSError):
        _log(folder, run).unlink(missing_ok=True)
    return found.result.row


def failure(run: Run, reason: str, details: str, seconds: object = None) -> Outcome:
    """Return that a run failed."""
    return Outcome(RunResult({**run.row, "status": "failed", "reason": reason, "seconds": seconds}), details)


def _keep_failure(folder: Path, run: Run, found: Outcome) -> dict[str, Any]:
    # Where the disk is full, the parent still learns of the failure.
    with suppress(StorageError):
        _write(folder, run, found.result)
        details = f"{run.label}\n{run.config.model_dump_json()}\n\n{found.details}"
        write_atomically(_log(folder, run), details.encode())
    return found.result.row


def _write(folder: Path, run: Run, result: RunResult) -> None:
    write_result(folder, result, run.config.model_dump(mode="json"), run.made_of)


def _log(folder: Path, run: Run) -> Path:
    return file_of(folder, "logs", run.run_id)
