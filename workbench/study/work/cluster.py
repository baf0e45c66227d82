"""Machines that a Dask scheduler knows, as one executor: found, waited for, and refused where they have other code."""

import functools
import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from workbench.common.errors import StudyError, reason_of
from workbench.common.output import printable
from workbench.study.work.executor import Workers
from workbench.study.work.on_worker import Asked, asked_here, code_here, made_on_worker, refusal_of
from workbench.study.work.own_process import DiedError

Result = TypeVar("Result")
Arguments = ParamSpec("Arguments")

_ADDRESS = re.compile(r"(tcp|tls|ucx|ws|wss)://[^\s/]+:\d+")

#: How long a scheduler may take to answer at first [second].
_ANSWERS = 10.0

#: How often a call is made again that an exception of the worker has ended. How many workers may die under one call is
#: the scheduler's `allowed-failures`.
_RETRIES = 2


class Cluster(Executor):
    """The workers of a Dask scheduler, each of which makes calls in processes of their own.

    Parameters
    ----------
    client : distributed.Client
        Of the scheduler.
    where : str
        What to call it.
    asked : Asked
        By whom.
    """

    def __init__(self, client: Any, where: str, asked: Asked) -> None:
        self._executor = client.get_executor(pure=False, retries=_RETRIES)
        self._where = where
        self._asked = asked

    def submit(
        self, fn: Callable[Arguments, Result], /, *args: Arguments.args, **kwargs: Arguments.kwargs
    ) -> "Future[Result]":
        """Make a call on the first worker that is free."""
        there = self._executor.submit(made_on_worker, self._asked, functools.partial(fn, *args, **kwargs))
        here: Future[Result] = Future()
        here.set_running_or_notify_cancel()
        there.add_done_callback(functools.partial(self._hand_over, here))
        return here

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for the calls, or cancel all, upon which workers kill the processes that make them."""
        # A scheduler that has gone has cancelled them.
        with suppress(OSError, TimeoutError):
            self._executor.shutdown(wait=wait and not cancel_futures)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.shutdown(wait=kind is None)

    def _hand_over(self, here: "Future[Result]", there: "Future[Result]") -> None:
        """Give a future what another one has, in the words of this seam."""
        from distributed.scheduler import KilledWorker

        if there.cancelled():
            here.set_exception(StudyError(_gone(self._where)))
            return
        error = there.exception()
        if error is None:
            here.set_result(there.result())
        elif isinstance(error, KilledWorker):
            here.set_exception(DiedError(_died(error.allowed_failures + 1, error.last_worker.address)))
        elif isinstance(error, DiedError):
            here.set_exception(error)
        else:
            here.set_exception(StudyError(f"{self._where}: {reason_of(error)}"))


def _died(count: int, last: str) -> str:
    return f"The workers died that made it, {count} one after the other, the last at {last}: its log may say why."


@contextmanager
def cluster(scheduler: str, tell: Callable[[str], None]) -> Iterator[Workers]:
    """Connect to a Dask scheduler, and wait until it has a worker.

    Parameters
    ----------
    scheduler : str
        Its address, or the path of its scheduler file.
    tell : callable
        Takes a line about what is waited for.

    Yields
    ------
    Workers
        Those that there are.

    Raises
    ------
    StudyError
        Where there is no such scheduler, it cannot be reached, or a worker has other code.
    """
    address = address_of(scheduler)
    where = f"Scheduler {address}"
    _refuse_missing()
    with _without_tracebacks(), _connected(address, where) as client:
        try:
            threads = _waited_for(client, where, tell)
            _refuse_others(client, where)
        except (OSError, TimeoutError) as error:
            raise StudyError(_gone(where)) from error
        asked = asked_here()
        yield Workers(lambda _: Cluster(client, where, asked), threads, f" by {address}")


def address_of(scheduler: str) -> str:
    """Return the address of a scheduler that is given by it, or by a scheduler file.

    Raises
    ------
    StudyError
        Where it is neither.
    """
    if _ADDRESS.fullmatch(scheduler):
        return scheduler
    if "://" in scheduler or not scheduler.endswith(".json"):
        raise StudyError(
            f"--scheduler: '{printable(scheduler)}' must be an address, such as tcp://10.0.0.1:8786, or a scheduler "
            "file that ends in .json."
        )
    try:
        found = json.loads(Path(scheduler).read_text())["address"]
    except OSError as error:
        raise StudyError(
            f"--scheduler: {scheduler} cannot be read ({error.strerror}). Start one: dask scheduler --scheduler-file "
            f"{scheduler}"
        ) from error
    except (ValueError, KeyError, TypeError):
        found = None
    if not isinstance(found, str) or not _ADDRESS.fullmatch(found):
        raise StudyError(
            f"--scheduler: {scheduler} is no scheduler file: it has no 'address' such as tcp://10.0.0.1:8786."
        )
    return found


def _refuse_missing() -> None:
    try:
        import distributed  # noqa: F401
    except ModuleNotFoundError as error:
        raise StudyError(
            "--scheduler needs Dask's distributed. Install it: pip install 'learning-rule-workbench[dask]'"
        ) from error


@contextmanager
def _connected(address: str, where: str) -> Iterator[Any]:
    import distributed

    connect: Any = distributed.Client
    try:
        client = connect(address, timeout=_ANSWERS, set_as_default=False, name="workbench")
    except (OSError, TimeoutError, ValueError) as error:
        raise StudyError(
            f"{where} does not answer within {_ANSWERS:.0f} s. Start it with `dask scheduler`, or give its address."
        ) from error
    try:
        yield client
    finally:
        # Of one that has gone nobody says farewell.
        with suppress(OSError, TimeoutError):
            client.close()


def _waited_for(client: Any, where: str, tell: Callable[[str], None]) -> int:
    """Return how many calls workers make at a time, when there is one."""
    told = False
    while not (threads := sum(client.nthreads().values())):
        if not told:
            tell(f"{where} has no workers yet, and is waited for. Start one: dask worker {where.split()[1]}")
        told = True
        time.sleep(0.5)
    return int(threads)


def _refuse_others(client: Any, where: str) -> None:
    """Refuse workers with other code than ours."""
    here = code_here()
    for worker, there in client.run(code_here, on_error="return").items():
        # It has gone meanwhile.
        if isinstance(there, OSError):
            continue
        if refused := refusal_of(worker, here, there):
            raise StudyError(f"{where}: {refused} Install the same there, and start it again.")


def _gone(where: str) -> str:
    return f"{where} is gone. Start it, and run the study again to go on."


@contextmanager
def _without_tracebacks() -> Iterator[None]:
    """Keep Dask from printing tracebacks of connections that are lost, which are told in a sentence."""
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.startswith("distributed")]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
