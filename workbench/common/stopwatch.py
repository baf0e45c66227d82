"""How long this process has compiled: what a network costs once, and not by the trial."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Adds up the time that is spent in one kind of work.

    Attributes
    ----------
    seconds : float
        So far [second].
    """

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Add what the block takes, however it ends."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - started


#: Of Brian2's code and the compiler, and of JAX.
COMPILATION = Stopwatch()
