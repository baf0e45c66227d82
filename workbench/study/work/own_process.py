"""A process of its own for calls, never this one: a crash there must not end a study. It is kept for a later one."""

import importlib.util
import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import current_process, resource_tracker
from typing import Any, TypeVar

from workbench.common.errors import reason_of
from workbench.common.output import Steady

Result = TypeVar("Result")

#: One thread each: there are as many processes as are wanted at work.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "NUMEXPR_NUM_THREADS",
            "VECLIB_MAXIMUM_THREADS", "NPROC")  # fmt: skip
_IDLE_SECONDS = 300.0

#: How long it takes at most until a process ends whose call nobody wants any more.
_SECONDS_BETWEEN_LOOKS = 0.5

#: How often a process is begun for one call, an earlier one that has died meanwhile included.
_BEGINNINGS = 3

#: What processes read once, and those of a later study would read anew.
_READ_ONCE = ("CXX", "HOME", "PATH", "WORKBENCH_CACHE", "WORKBENCH_DATA", "XDG_CACHE_HOME", "XLA_FLAGS")

#: Processes that nobody makes calls in, by what they were started for. They are not loky's reusable ones, which belong
#: to whoever uses joblib in this process.
_KEPT: dict[Hashable, list["OwnProcess"]] = {}


class DiedError(Exception):
    """The process of a call died: it was killed, ran out of memory or crashed."""


class BeginningError(Exception):
    """Processes end before they make any call."""


class OwnProcess:
    """A process that calls are made in, one at a time; it starts with the first of them, and again where it has died.

    Parameters
    ----------
    kind : hashable
        What it is started for.

    Attributes
    ----------
    ended : bool
        Whether it was told to end, and makes no more calls.
    """

    def __init__(self, kind: Hashable = None) -> None:
        self.kind = kind
        self.ended = False
        self._owner = os.getpid()
        self._executor: Any = None
        self._lock = threading.Lock()

    def made(self, call: Callable[[], Result], wanted: Callable[[], bool] | None = None) -> Result:
        """Make a call, and return what it returns.

        Parameters
        ----------
        call : callable
            A function that can be imported, with its arguments.
        wanted : callable, optional
            Is asked all the time whether somebody waits for the call; where not, the process is killed.

        Raises
        ------
        DiedError
            Where the process has died, or was killed.
        BeginningError
            Where it ends before it makes any call.
        """
        from joblib.externals.loky.process_executor import ShutdownExecutorError

        future = self._submitted(call)
        while wanted is not None and not wait([future], _SECONDS_BETWEEN_LOOKS).done:
            if not wanted():
                self.end()
        try:
            result: Result = future.result()
        except (BrokenProcessPool, ShutdownExecutorError) as error:
            raise DiedError("The process died: it was killed, ran out of memory or crashed.") from error
        return result

    def end(self) -> None:
        """Kill it; where the system cannot list what it has started, such as a compiler, it ends after its call."""
        # It is with these that loky finds what a process has started.
        self._shut(shutil.which("pgrep") is not None or importlib.util.find_spec("psutil") is not None)

    def close(self) -> None:
        """End it when its call has ended."""
        self._shut(kill=False)

    def _shut(self, kill: bool) -> None:
        with self._lock:
            self.ended = True
            executor, self._executor = self._executor, None
        # That of the process from which this one was forked is not ours to end.
        if executor is not None and self._owner == os.getpid():
            executor.shutdown(kill_workers=kill)

    def _submitted(self, call: Callable[[], Any]) -> Any:
        reason = ""
        # One of an earlier call may have died since; a new one may be killed while it begins, but not again and again.
        for _ in range(_BEGINNINGS):
            try:
                with self._lock, _interrupt_held():
                    if self.ended:
                        raise DiedError("The process was ended.")
                    self._executor = self._executor or _started()
                    future = self._executor.submit(call)
                    # To end loky's processes before it has handed on what was submitted ends a thread with an error.
                    while not (future.running() or future.done()):
                        time.sleep(0.001)
                    return future
            except BrokenProcessPool as error:
                self._executor, reason = None, reason_of(error)
        raise BeginningError(reason)


def _started() -> Any:
    """Return what makes calls in a new process, which has begun."""
    # Which a finished study has no use for.
    from joblib.externals.loky import ProcessPoolExecutor

    # Where this process was made to have no others, they end with it by themselves.
    if current_process().daemon:
        current_process().daemon = False
    # XLA sizes its pool of threads by `NPROC`; its flag alone leaves two of them at work.
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false".strip()
    executor = ProcessPoolExecutor(
        max_workers=1,
        timeout=_IDLE_SECONDS,
        initializer=_begin,
        initargs=(os.getpid(),),
        env=dict.fromkeys(_THREADS, "1") | {"XLA_FLAGS": flags},
    )
    # That it has begun is known before any call is made in it.
    executor.submit(os.getpid).result()
    return executor


def taken(read: Hashable, most: int) -> OwnProcess:
    """Return a process, one that an earlier study has left if there is such.

    Parameters
    ----------
    read : hashable
        What plugins were read as; processes that have others are of no use.
    most : int
        How many idle ones are left at most.
    """
    kind = (os.getpid(), tuple(os.environ.get(name) for name in _READ_ONCE), read)
    idle = _KEPT.setdefault(kind, [])
    # Those that are of no use would take memory from it. Those of the process that this one was forked from are its.
    useless = [process for other in list(_KEPT) if other != kind for process in _KEPT.pop(other, [])]
    useless += [idle.pop() for _ in range(len(idle) - most)]
    for process in useless:
        process.close()
    with suppress(IndexError):
        return idle.pop()
    return OwnProcess(kind)


def give_back(process: OwnProcess) -> None:
    """Keep a process for a later call or study, unless it was ended."""
    if not process.ended:
        _KEPT.setdefault(process.kind, []).append(process)


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
    from joblib.externals.loky import process_executor

    # Where psutil is installed, as it is with Dask, loky ends a process that has grown by 300 MB since its first call,
    # and warns of it. What is imported and compiled here takes as much.
    process_executor._USE_PSUTIL = False
    import workbench.study.run.training  # noqa: F401
