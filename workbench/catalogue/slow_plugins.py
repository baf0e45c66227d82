"""Tell of plugins that are at work for long, by one thread for all of them: each is asked for much less."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

#: After so long [second] the user is told.
PATIENCE = 10.0

#: How often [second] somebody looks.
_BETWEEN = 1.0


class _Lookout:
    """A thread that looks now and then whether somebody is late, as long as anybody is at work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at_work: dict[object, tuple[float, Callable[[], None]]] = {}
        self._looks = False

    def begin(self, tell: Callable[[], None]) -> object:
        mark = object()
        with self._lock:
            self._at_work[mark] = time.monotonic() + PATIENCE, tell
            if not self._looks:
                self._looks = True
                threading.Thread(target=self._look, name="slow plugins", daemon=True).start()
        return mark

    def end(self, mark: object) -> None:
        with self._lock:
            self._at_work.pop(mark, None)

    def _look(self) -> None:
        while self._looks:
            time.sleep(_BETWEEN)
            now = time.monotonic()
            with self._lock:
                late = [mark for mark, (due, _) in self._at_work.items() if due <= now]
                told = [self._at_work.pop(mark)[1] for mark in late]
                self._looks = bool(self._at_work)
            for tell in told:
                tell()


@lru_cache(maxsize=1)
def _lookout() -> _Lookout:
    return _Lookout()


@contextmanager
def told_when_late(tell: Callable[[], None]) -> Iterator[None]:
    """Call a function, once, if what is done here takes longer than `PATIENCE`.

    Parameters
    ----------
    tell : callable
        From another thread.
    """
    lookout = _lookout()
    mark = lookout.begin(tell)
    try:
        yield
    finally:
        lookout.end(mark)
