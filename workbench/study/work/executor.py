"""Where calls are made: whatever is a `concurrent.futures.Executor`; here processes of this machine.

Runs are submitted to one of these and nothing else is known of it. Where the process of a call dies, it is the executor
that tries again, a few times; then the future raises a `DiedError`. A `WorkbenchError` says that none can be made.
"""

import functools
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from workbench.catalogue.edited_code import what_was_read
from workbench.common.errors import StudyError
from workbench.study.work.own_process import BeginningError, DiedError, OwnProcess, give_back, taken

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")


@dataclass(frozen=True)
class Workers:
    """What runs are made by.

    Attributes
    ----------
    executor : callable
        Takes how many calls are made at a time at most, and returns an executor, as a context manager.
    count : int
        How many calls are made at a time.
    where : str
        What to say of it; empty on this machine.
    """

    executor: Callable[[int], Executor]
    count: int
    where: str = ""


class Processes(Executor):
    """Some processes that calls are made in, never in this one: a crash there must not end the study.

    They start with the first calls. A call whose process dies is tried once more, and then alone: the others may have
    taken its memory. Where an exception leaves the context, such as that of Ctrl-C, they are killed, since nobody waits
    for what they do any more. Else they are kept for a later study.

    Parameters
    ----------
    count : int
        How many.
    """

    def __init__(self, count: int) -> None:
        self._count = max(count, 1)
        self._threads = ThreadPoolExecutor(self._count, initializer=_leave_interrupts)
        self._turns = _Turns()
        self._at_work: set[OwnProcess] = set()
        self._lock = threading.Lock()
        self._over = False
        # What was edited and reloaded here, they have as it was.
        self._read = what_was_read()

    def submit(
        self, fn: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> "Future[Result]":
        """Make a call as soon as one of the processes is free."""
        return self._threads.submit(self._made, functools.partial(fn, *args, **kwargs))

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for the calls, or kill the processes that make some and forget the others."""
        if not wait:
            with self._lock:
                self._over = True
                at_work = list(self._at_work)
            # No others begin meanwhile.
            self._threads.shutdown(wait=False, cancel_futures=True)
            for process in at_work:
                process.end()
        self._threads.shutdown(wait=True, cancel_futures=cancel_futures or not wait)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.shutdown(wait=kind is None)

    def _made(self, call: Callable[[], Result]) -> Result:
        with suppress(DiedError), self._turns.beside_others():
            return self._tried(call)
        with self._turns.alone():
            return self._tried(call)

    def _tried(self, call: Callable[[], Result]) -> Result:
        with self._lock:
            if self._over:
                raise CancelledError
            process = taken(self._read, self._count)
            self._at_work.add(process)
        try:
            return process.made(call)
        except BeginningError as error:
            raise StudyError(f"The processes that train end before they begin ({error}).") from error
        finally:
            self._at_work.discard(process)
            give_back(process)


class _Turns:
    """Calls beside each other, or one alone, for which the others wait."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._under_way = 0
        self._alone = 0

    @contextmanager
    def beside_others(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: not self._alone)
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._changed:
            self._alone += 1
            self._changed.wait_for(lambda: not self._under_way)
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._alone -= 1
                self._changed.notify_all()


def _leave_interrupts() -> None:
    """Leave Ctrl-C to the thread that submits."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def processors() -> int:
    """Return the number of processors that this process may use."""
    from joblib import cpu_count

    return int(cpu_count())
