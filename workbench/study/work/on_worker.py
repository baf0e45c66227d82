"""What a Dask worker does with a call: refuse one of other code than its own, and make it in a process of its own."""

import json
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import workbench
from workbench.catalogue.edited_code import what_was_read
from workbench.common.errors import StudyError
from workbench.engine.compiled.code_hash import code_that_makes_results
from workbench.study.work.own_process import BeginningError, give_back, taken
from workbench.study.work.provenance import versions

Result = TypeVar("Result")


@dataclass(frozen=True)
class Code:
    """What decides about results, besides what plugins offer.

    Attributes
    ----------
    version : str
        Of the workbench.
    checksum : str
        Of the code that makes results.
    versions : str
        Of the packages beneath, in JSON.
    """

    version: str
    checksum: str
    versions: str

    def differs(self, other: "Code") -> str:
        """Return in what other code differs, from `here` and `there` on; empty where it does not."""
        if self.version != other.version:
            return f"the workbench {other.version}, and here is {self.version}"
        if self.checksum != other.checksum:
            return f"the workbench {self.version} with other code than here"
        here, there = json.loads(self.versions), json.loads(other.versions)
        for name in sorted({*here, *there}):
            if here.get(name) != there.get(name):
                return f"{name} {there.get(name, 'not at all')}, and here is {here.get(name, 'none')}"
        return ""


@lru_cache(maxsize=1)
def code_here() -> Code:
    """Return what decides about results that are made in this process."""
    return Code(workbench.__version__, code_that_makes_results(), json.dumps(versions(), sort_keys=True))


@dataclass(frozen=True)
class Asked:
    """By whom a worker is asked to make calls.

    Attributes
    ----------
    code : Code
        Of that process.
    read : hashable
        What its plugins were read as.
    """

    code: Code
    read: Hashable


def asked_here() -> Asked:
    """Return by whom workers are asked that are asked by this process."""
    return Asked(code_here(), what_was_read())


def refusal_of(address: str, here: Code, there: "Code | BaseException") -> str:
    """Return why a worker cannot be asked, by what it says of its code; an empty text where it can."""
    if not isinstance(there, Code):
        return f"Worker {address} has not this version of the workbench ({type(there).__name__}: {there})."
    found = here.differs(there)
    return f"Worker {address} has {found}: results of different code are never mixed." if found else ""


def made_on_worker(asked: Asked, call: Callable[[], Result]) -> Result:
    """Make a call in a process of its own on the Dask worker that this is, as long as somebody waits for it.

    Raises
    ------
    StudyError
        Where the worker has other code, or no process begins there.
    DiedError
        Where the process has died.
    """
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()
    if refused := refusal_of(worker.address, asked.code, code_here()):
        raise StudyError(refused)

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        return task is not None and task.state != "cancelled" and worker.status.name in {"running", "paused"}

    process = taken(asked.read, worker.state.nthreads)
    try:
        return process.made(call, wanted)
    except BeginningError as error:
        raise StudyError(f"Processes on worker {worker.address} end before they begin ({error}).") from error
    finally:
        give_back(process)
