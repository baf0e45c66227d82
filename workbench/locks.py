"""Locks of threads, which processes that are forked off find free."""

import os
import threading
from contextlib import AbstractContextManager

Lock = AbstractContextManager[bool]


def lock(*, again: bool = False) -> Lock:
    """Return a lock that no forked process finds taken by a thread that it does not have.

    Parameters
    ----------
    again : bool
        Whether the thread that holds it may take it again.
    """
    made = threading.RLock() if again else threading.Lock()
    # Who forks waits until nobody is in the middle of what the lock guards.
    os.register_at_fork(before=made.acquire, after_in_parent=made.release, after_in_child=made.release)
    return made
