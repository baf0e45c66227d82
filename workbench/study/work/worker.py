"""What a process of its own does: make one run, and store its result or its failure."""

import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.catalogue.registry import Registry, reload_registry
from workbench.common.errors import StorageError, WorkbenchError, reason_of
from workbench.common.files import write_atomically
from workbench.study.file.spec import RunConfig
from workbench.study.results.folder import file_of
from workbench.study.results.hashed_content import sha256
from workbench.study.results.store import RunResult, write_result
from workbench.study.work.progress import RunProgress
from workbench.study.work.run_list import Run

#: Trains one network. An exception fails the run; one that diverged says so in its row, and keeps its curves.
Train = Callable[[RunConfig, RunProgress], RunResult]


def execute(run: Run, folder: Path, train: Train) -> dict[str, Any]:
    """Make one run, store its result and return its row.

    Parameters
    ----------
    run : Run
        What to do.
    folder : Path
        Of the study's results.
    train : callable
        Whatever it raises becomes the run's status and reason.
    """
    progress = RunProgress(folder, run.run_id, run.label)
    progress(0, 1, "builds the network")
    started = time.perf_counter()
    try:
        result = train(run.config, progress)
        row = {**run.row, "status": "done", "seconds": time.perf_counter() - started, **result.row}
        return store(folder, run, replace(result, row=row))
    # Whatever happens in one run is that run's failure, and the others go on; an exit would end the study in silence.
    except BaseException as error:
        return store_failure(folder, run, reason_of(error), traceback.format_exc(), time.perf_counter() - started)
    finally:
        progress.close()


def trained(config: RunConfig, progress: RunProgress, plugins: tuple[Path, ...] = ()) -> RunResult:
    """Train a network with what the installed plugins and some plugin files offer."""
    from workbench.study.run.training import train

    return train(config, progress, _offered(_contents(plugins)))


def _contents(plugins: tuple[Path, ...]) -> tuple[tuple[Path, str], ...]:
    """Return plugin files with a hash of what they say; without it where one cannot be read, as is told later."""
    found = []
    for path in plugins:
        with suppress(OSError):
            found.append((path, sha256(path.read_bytes())))
    return tuple(found) if len(found) == len(plugins) else tuple((path, "") for path in plugins)


@lru_cache(maxsize=1)
def _offered(contents: tuple[tuple[Path, str], ...]) -> Registry:
    """Return what plugins offer, read once by a process: to ask all of them takes longer than a small run."""
    return reload_registry(path for path, _ in contents)


def refusal(config: RunConfig, plugins: tuple[Path, ...]) -> str:
    """Return why a run cannot be made, found in a second and without training; or an empty text."""
    try:
        from workbench.study.run.assemble import rehearse

        rehearse(config, _offered(_contents(plugins)))
    except WorkbenchError as error:
        return str(error)
    # Equations are anybody's text, in which Brian2 may stumble anywhere; nor need it be one that can be imported.
    except BaseException as error:
        return f"Rule '{config.rule}' cannot be built into a network ({reason_of(error)})."
    return ""


def store(folder: Path, run: Run, result: RunResult) -> dict[str, Any]:
    """Store the result of a run and return its row."""
    write_result(folder, result, run.config.model_dump(mode="json"))
    with suppress(OSError):
        _log(folder, run).unlink(missing_ok=True)
    return result.row


def store_failure(folder: Path, run: Run, reason: str, details: str, seconds: float | None = None) -> dict[str, Any]:
    """Store that a run failed, with the details in a log of its own, and return its row."""
    row = {**run.row, "status": "failed", "reason": reason, "seconds": seconds}
    # Where the disk is full, the parent still learns of the failure.
    with suppress(StorageError):
        write_result(folder, RunResult(row), run.config.model_dump(mode="json"))
        write_atomically(_log(folder, run), f"{run.label}\n{run.config.model_dump_json()}\n\n{details}".encode())
    return row


def _log(folder: Path, run: Run) -> Path:
    return file_of(folder, "logs", run.run_id)
