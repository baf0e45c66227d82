"""Run a study: every run in a process of its own, each result stored as it comes, nothing done twice."""

import functools
import importlib.metadata
import os
import platform
import shutil
import signal
import subprocess
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib
from rich.console import Console

import workbench
from workbench.errors import DivergedError, StudyError, WorkbenchError
from workbench.registry import Registry, load_registry
from workbench.study.progress import RunProgress, shown
from workbench.study.spec import RunConfig, StudySpec, canonical, checksum, expand, load_study, run_id, skip_reason
from workbench.study.store import (
    RUN_COLUMNS,
    Results,
    RunResult,
    compact,
    finished,
    opened,
    read_result,
    write_atomically,
    write_result,
)

#: Trains one network. It may raise DivergedError; any other exception fails the run.
Train = Callable[[RunConfig, RunProgress], RunResult]

_PACKAGES = ("brian2", "jax", "jaxlib", "joblib", "numpy", "pandas", "scikit-learn", "scipy")

# Fields of the configuration, as the column `parameters` calls them.
_PARAMETERS = {
    "task_parameters": "task",
    "parameters": "rule",
    "network": "network",
    "train": "train",
    "measure": "measure",
}


@dataclass(frozen=True, eq=False)
class Run:
    """A run to be made.

    Attributes
    ----------
    config : RunConfig
        What to do.
    row : dict
        Its row of `runs`, as far as it is known before.
    """

    config: RunConfig
    row: dict[str, object]

    @property
    def run_id(self) -> str:
        """The name of its result."""
        return str(self.row["run_id"])

    @property
    def label(self) -> str:
        """What people call it."""
        feedback = "" if self.config.feedback == "none" else f" {self.config.feedback}"
        return f"{self.config.task} {self.config.rule}{feedback} seed {self.config.seed}"


def run_study(
    path: str | Path,
    out: str | Path | None = None,
    jobs: int | None = None,
    *,
    registry: Registry | None = None,
    train: Train | None = None,
    console: Console | None = None,
) -> Results:
    """Run what a study file describes and is not stored yet, and return its tables.

    Parameters
    ----------
    path : str or Path
        Of the study file.
    out : str or Path, optional
        Folder of the results; ``results/<study>`` by default.
    jobs : int, optional
        Runs at a time; as many as there are processors by default.
    registry : Registry, optional
        Rules, tasks and neuron models; what is installed by default.
    train : callable, optional
        Takes the configuration and the `RunProgress` of a run, and returns a `RunResult`.
    console : rich.console.Console, optional
        Where to show the progress.

    Raises
    ------
    StudyError
        Where nothing can be run; and, after everything else was run and stored, where a run failed or diverged.
    """
    if jobs is not None and jobs < 1:
        raise StudyError(f"A study runs at least 1 job at a time, not {jobs}.")
    jobs = jobs or joblib.cpu_count()
    console = console or Console()
    spec = load_study(path)
    runs = plan(spec, load_registry() if registry is None else registry)
    folder = Path("results") / spec.name if out is None else Path(out)
    rows: dict[str, dict[str, Any]] = {}
    with opened(folder):
        done = finished(folder)
        missing = [run for run in runs if run.run_id not in done]
        state = f"all {len(runs)} runs are done."
        if missing:
            state = f"{len(missing)} of {len(runs)} runs to go, {jobs} at a time. Results: {folder}"
        console.print(f"{spec.path}: {state}", markup=False, highlight=False, soft_wrap=True)
        try:
            with shown(folder, len(missing), console) as end:
                for run, row in _ended(missing, folder, jobs, train):
                    rows[run.run_id] = row
                    end(_told(run, row))
        finally:
            # Also after Ctrl-C, so that the tables hold what there is.
            results = compact(folder, [run.run_id for run in runs])
    rows = {str(row["run_id"]): dict(row) for _, row in results.runs.iterrows()} | rows
    _complain(spec, folder, [(run, rows[run.run_id]) for run in runs])
    return results


def plan(spec: StudySpec, registry: Registry) -> list[Run]:
    """Return the runs of a study, each with the id that its content gives it.

    Parameters
    ----------
    spec : StudySpec
        The study.
    registry : Registry
        Rules, tasks and neuron models.

    Raises
    ------
    StudyError
        Where the study does not fit the registry, or the data of a task cannot be loaded.
    """
    tasks: dict[object, tuple[str, int, int]] = {}
    runs = []
    everywhere = {"versions": canonical(_versions()), "commit": _commit(spec.path.resolve().parent)}
    for config in expand(spec, registry):
        key = (config.task, config.task_parameters)
        if key not in tasks:
            tasks[key] = _facts(spec, registry, config)
        task_checksum, n_inputs, n_outputs = tasks[key]
        offer = registry.rules[config.rule]
        models = [registry.neuron(name) for name in (config.network.neuron, config.network.readout)]
        parameters = config.model_dump(
            mode="json", exclude={"network": {"hidden"}, "train": {"chunk"}}, include=set(_PARAMETERS)
        )
        row = (
            dict.fromkeys(RUN_COLUMNS)
            | everywhere
            | {
                "run_id": run_id(config, offer.item, task_checksum, workbench.__version__, models),
                "study": spec.name,
                "task": config.task,
                "rule": config.rule,
                "title": offer.item.title,
                "feedback": config.feedback,
                "network": "-".join(map(str, (n_inputs, *config.network.hidden, n_outputs))),
                "seed": config.seed,
                "status": "failed",
                "reason": "",
                "parameters": canonical({_PARAMETERS[name]: value for name, value in parameters.items()}),
                "distribution": f"{offer.source.distribution} {offer.source.version}".strip(),
            }
        )
        runs.append(Run(config, row))
    return runs


def _facts(spec: StudySpec, registry: Registry, config: RunConfig) -> tuple[str, int, int]:
    try:
        data = registry.task(config.task).data(**dict(config.task_parameters))
    except WorkbenchError as error:
        raise StudyError(f"{spec.path}: task '{config.task}': {error}") from error
    # A task is anybody's code, which may raise anything.
    except Exception as error:
        raise StudyError(f"{spec.path}: task '{config.task}' cannot be loaded ({_reason(error)}).") from error
    return checksum(data), data.n_inputs, data.n_outputs


def _versions() -> dict[str, str]:
    found = {"workbench": workbench.__version__, "python": platform.python_version()}
    for package in _PACKAGES:
        with suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found


def _commit(folder: Path) -> str:
    """Return the git commit of a folder, or an empty text where it is in no repository."""
    git = shutil.which("git")
    if git is None:
        return ""
    found = subprocess.run([git, "-C", folder, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip() if found.returncode == 0 else ""


def _ended(runs: list[Run], folder: Path, jobs: int, train: Train | None) -> Iterator[tuple[Run, dict[str, Any]]]:
    """Make runs, and yield each with its row when it has ended, in any order."""
    possible = []
    for run in runs:
        reason = skip_reason(run.config)
        if reason:
            yield run, _store(folder, run, RunResult({**run.row, "status": "skipped", "reason": reason}))
        else:
            possible.append(run)
    batches = [(possible, jobs)]
    while batches:
        batch, width = batches.pop()
        left = {run.run_id: run for run in batch}
        try:
            for row in _parallel(batch, folder, width, train):
                yield left.pop(row["run_id"]), row
        except BrokenProcessPool as error:
            for name in finished(folder) & left.keys():
                result = read_result(folder, name)
                yield left.pop(name), result.row if result else {}
            begun = [run for name, run in left.items() if RunProgress(folder, name, "").begun]
            if not begun:
                raise StudyError(f"The processes that train end before they begin ({_reason(error)}).") from error
            rest = [run for run in left.values() if run not in begun]
            batches += [(rest, width)] if rest else []
            for run in begun:
                RunProgress(folder, run.run_id, run.label).close()
            if len(begun) == 1:
                reason = "The process died: it was killed, ran out of memory or crashed."
                yield begun[0], _store_failure(folder, begun[0], reason, str(error))
            else:
                # Nobody knows which of them it was, so each is tried again alone.
                batches += [([run], 1) for run in begun]


def _parallel(runs: Iterable[Run], folder: Path, jobs: int, train: Train | None) -> Iterator[dict[str, Any]]:
    with joblib.parallel_config(backend="loky", inner_max_num_threads=1):
        # With `n_jobs=1` joblib would train in this very process: a crash there would end the study, and Brian2's
        # device would be shared. Two workers that are given one job at a time are one process at a time as well.
        pool = joblib.Parallel(n_jobs=max(jobs, 2), pre_dispatch=jobs, batch_size=1, return_as="generator_unordered")
        # Workers outlive a study and may have begun in another working directory.
        rows: Iterator[dict[str, Any]] = pool(joblib.delayed(_execute)(run, folder.resolve(), train) for run in runs)
    return rows


def _execute(run: Run, folder: Path, train: Train | None) -> dict[str, Any]:
    """Make one run, store its result and return its row: this is what a worker process does."""
    _prepare_process()
    progress = RunProgress(folder, run.run_id, run.label)
    progress(0, 1, "starts")
    started = time.perf_counter()
    try:
        try:
            result = (train or _training())(run.config, progress)
            row = {**run.row, "status": "done", "seconds": time.perf_counter() - started, **result.row}
            result = RunResult(row, result.curves)
        except DivergedError as error:
            seconds = time.perf_counter() - started
            row = {**run.row, "status": "diverged", "reason": _reason(error), "seconds": seconds}
            result = RunResult(row)
        return _store(folder, run, result)
    # Whatever happens in one run is that run's failure, and the others go on.
    except Exception as error:
        return _store_failure(folder, run, _reason(error), traceback.format_exc(), time.perf_counter() - started)
    finally:
        progress.close()


def _training() -> Train:
    from workbench.study.training import train

    return train


@functools.cache
def _prepare_process() -> None:
    """Make a worker process use one thread, leave Ctrl-C to its parent, and end when its parent has ended."""
    # XLA sizes its pool of threads by `NPROC`; its flag alone leaves two of them at work.
    os.environ["NPROC"] = "1"
    os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false".strip()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        # Without this it would go on with all jobs that were handed to it, beside those of a resumed study.
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _store(folder: Path, run: Run, result: RunResult) -> dict[str, Any]:
    write_result(folder, result, run.config.model_dump(mode="json"))
    _log(folder, run).unlink(missing_ok=True)
    return result.row


def _store_failure(folder: Path, run: Run, reason: str, details: str, seconds: float | None = None) -> dict[str, Any]:
    row = {**run.row, "status": "failed", "reason": reason, "seconds": seconds}
    # Where the disk is full, the parent still learns of the failure.
    with suppress(OSError):
        write_result(folder, RunResult(row), run.config.model_dump(mode="json"))
        write_atomically(_log(folder, run), f"{run.label}\n{run.config.model_dump_json()}\n\n{details}".encode())
    return row


def _log(folder: Path, run: Run) -> Path:
    return folder / "logs" / f"{run.run_id}.txt"


def _reason(error: BaseException) -> str:
    """Return what went wrong, on one line: a message of the workbench, or the root cause of anything else."""
    if not isinstance(error, WorkbenchError):
        while cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
            error = cause
    text = str(error) if isinstance(error, WorkbenchError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())


def _told(run: Run, row: dict[str, Any]) -> str:
    text = f"{run.label}: {row['status']}"
    if row["reason"]:
        text += f", {row['reason']}"
    if row["accuracy"] is not None:
        text += f", accuracy {100 * row['accuracy']:.1f} %"
    return text if row["seconds"] is None else f"{text}, {row['seconds']:.0f} s"


def _complain(spec: StudySpec, folder: Path, ended: list[tuple[Run, dict[str, Any]]]) -> None:
    """Raise where runs failed or diverged, so that nobody takes the tables for complete."""
    bad = [(run, row) for run, row in ended if row["status"] in {"failed", "diverged"}]
    if not bad:
        return
    statuses = [row["status"] for _, row in bad]
    counts = " and ".join(f"{statuses.count(status)} {status}" for status in sorted(set(statuses)))
    told = "; ".join(f"{run.label} {row['status']} ({row['reason'].rstrip('.')})" for run, row in bad[:3])
    told += f"; {len(bad) - 3} more" if len(bad) > 3 else ""
    remedy = "Give the diverged ones a lower learning rate."
    if "failed" in statuses:
        remedy = f"The tracebacks are in {folder / 'logs'}; run the study again to try the failed ones again."
    raise StudyError(f"{spec.path}: of {len(ended)} runs {counts}: {told}. {remedy}")
