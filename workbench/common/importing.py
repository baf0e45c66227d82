"""Import Brian2 without what it does to the process besides."""

import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from workbench.common.errors import ModelError, root_of

_IMPORTING = threading.RLock()


def import_brian2() -> None:
    """Import Brian2, unless somebody has, and leave the process as it was.

    By itself, Brian2 takes over Ctrl-C, which only the main thread may do, warnings, and what is said of an error that
    nobody catches, and keeps files in the folder of temporary files. Who wants that imports Brian2 first.

    Raises
    ------
    ModelError
        Where it cannot be imported, for instance because a file of preferences is broken.
    """
    with _IMPORTING:
        if "brian2" in sys.modules:
            return
        hook, logger = sys.excepthook, logging.getLogger("py.warnings")
        handlers, caught = list(logger.handlers), logging._warnings_showwarning is not None  # type: ignore[attr-defined]
        try:
            with _handlers_of_signals_kept():
                from brian2.utils.logger import BrianLogger
        except Exception as error:
            raise ModelError(f"Brian2 cannot be imported: {root_of(error)}") from error
        finally:
            sys.excepthook = hook
            logger.handlers[:] = handlers
            logging.captureWarnings(caught)
        _keep_no_files(BrianLogger)


@contextmanager
def _handlers_of_signals_kept() -> Iterator[None]:
    """Let this thread set no handler of a signal."""
    thread, set_handler = threading.get_ident(), signal.signal

    def refuse(number: int, handler: Any) -> Any:
        return signal.getsignal(number) if threading.get_ident() == thread else set_handler(number, handler)

    signal.signal = refuse  # type: ignore[assignment]
    try:
        yield
    finally:
        signal.signal = set_handler


def _keep_no_files(logger: Any) -> None:
    """Drop Brian2's log and its copy of the script, which a process that is killed would leave."""
    if logger.file_handler is not None:
        logging.getLogger("brian2").removeHandler(logger.file_handler)
        logger.file_handler.close()
    for path in (logger.tmp_log, logger.tmp_script):
        with suppress(OSError, TypeError):
            Path(path).unlink()
    logger.file_handler = logger.tmp_log = logger.tmp_script = None
