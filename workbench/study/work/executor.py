"""The processes that runs are made in: started once, reused by later studies, and ended with whoever started them."""

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import resource_tracker
from typing import Any, TypeVar

from workbench.catalogue.edited_code import what_was_read
from workbench.common.output import Steady

Result = TypeVar("Result")

#: One thread each: there are as many processes as are wanted at work.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "NUMEXPR_NUM_THREADS",
            "VECLIB_MAXIMUM_THREADS", "NPROC")  # fmt: skip
_IDLE_SECONDS = 300.0

#: What processes read once, and those of a later study would read anew.
_READ_ONCE = ("CXX", "HOME", "PATH", "WORKBENCH_CACHE", "WORKBENCH_DATA", "XDG_CACHE_HOME", "XLA_FLAGS")

#: Processes that nobody makes calls in, by what they were started for. They are not loky's reusable ones, which belong
#: to whoever uses joblib in this process.
_KEPT: dict[object, Any] = {}


class Processes:
    """Some processes that calls are made in, never in this one: a crash there must not end the study.

    A context manager: they start with the first call. Where an exception leaves it while calls are made, such as that
    of Ctrl-C, they are killed, since nobody waits for what they do any more; where the system has no `pgrep`, they end
    when what they do is done. Else they are kept for a later study.

    Parameters
    ----------
    count : int
        How many.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._running: set[Future[Any]] = set()
        self._executor: Any = None
        # What was edited and reloaded here, they have as it was.
        self._kind = (count, os.getpid(), tuple(os.environ.get(name) for name in _READ_ONCE), what_was_read())

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        executor, self._executor = self._executor, None
        if executor is None:
            return
        # To kill those that are idle or starting would gain nothing, and leave warnings of what they held.
        if kind is not None and not all(call.done() for call in self._running):
            # It is by `pgrep` that loky finds what a process has started, such as a compiler, and kills it first.
            executor.shutdown(kill_workers=shutil.which("pgrep") is not None)
        elif _KEPT.setdefault(self._kind, executor) is not executor:
            # Another thread has made a study meanwhile.
            executor.shutdown()

    def _submit(self, function: Callable[..., Result], arguments: tuple[Any, ...]) -> "Future[Result]":
        try:
            future: Future[Result] = self._started().submit(function, *arguments)
        except BrokenProcessPool:
            # One of them has died, under an earlier call or while nobody made one.
            self._executor = None
            future = self._started().submit(function, *arguments)
        return future

    def _started(self) -> Any:
        """Return what submits calls to the processes: those of an earlier study, if there are such, or new ones."""
        if self._executor is None:
            self._executor = _KEPT.pop(self._kind, None)
            # Those that are of no use would take memory from these.
            for kind in list(_KEPT):
                other = _KEPT.pop(kind, None)
                if other is not None:
                    other.shutdown()
        if self._executor is None:
            # Which a finished study has no use for.
            from joblib.externals.loky import ProcessPoolExecutor

            # XLA sizes its pool of threads by `NPROC`; its flag alone leaves two of them at work.
            flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false".strip()
            self._executor = ProcessPoolExecutor(
                max_workers=self.count,
                timeout=_IDLE_SECONDS,
                initializer=_begin,
                initargs=(os.getpid(),),
                env=dict.fromkeys(_THREADS, "1") | {"XLA_FLAGS": flags},
            )
        return self._executor

    def results(
        self, calls: Iterable[tuple[Callable[..., Result], tuple[Any, ...]]], width: int | None = None
    ) -> Iterator[Result]:
        """Make calls, some at a time, and yield what they return as they end.

        Parameters
        ----------
        calls : iterable of (callable, tuple)
            Functions that can be imported, with their arguments.
        width : int, optional
            How many at a time; as many as there are processes by default.

        Raises
        ------
        concurrent.futures.process.BrokenProcessPool
            Where a process has died; nobody knows of which call.
        """
        waiting = iter(calls)
        self._running = set()
        while True:
            for function, arguments in islice(waiting, (width or self.count) - len(self._running)):
                with _interrupt_held():
                    self._running.add(self._submit(function, arguments))
            if not self._running:
                return
            ended, self._running = wait(self._running, return_when=FIRST_COMPLETED)
            for future in ended:
                yield future.result()


def processors() -> int:
    """Return the number of processors that this process may use."""
    from joblib import cpu_count

    return int(cpu_count())


@contextmanager
def _interrupt_held() -> Iterator[None]:
    """Let processes that are started meanwhile leave Ctrl-C to this one, which hears of it afterwards."""
    # Python 3.11's tracker unblocks the signal wherever it is started.
    resource_tracker.ensure_running()
    # They inherit what is blocked from their first instant on; so does loky's thread, which replaces those that end.
    # Not ignored: one that comes meanwhile would be lost, and Brian2 sets a handler of its own when it is imported.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(parent: int) -> None:
    """End when the parent has ended, print without ever failing, import what every run needs."""
    sys.stdout, sys.stderr = Steady(sys.stdout), Steady(sys.stderr)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        # Without this it would go on with all jobs that were handed to it, beside those of a resumed study.
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    import workbench.study.run.training  # noqa: F401
