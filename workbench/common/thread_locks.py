"""Locks of threads, which processes that are forked off find free."""

import os
import threading
from contextlib import AbstractContextManager

Lock = AbstractContextManager[bool]

#: Why a thread is refused what it is in the middle of using.
WITHIN_ITSELF = (
    "The workbench is called for a network in the middle of a call for the same one, as by the handler of a signal. "
    "Call it when that one has ended."
)


def lock() -> Lock:
    """Return a lock that no forked process finds taken by a thread that it does not have.

    The thread that holds it may take it again: to wait for itself would be to wait for ever.
    """
    made = threading.RLock()
    # Who forks waits until nobody is in the middle of what the lock guards.
    os.register_at_fork(before=made.acquire, after_in_parent=made.release, after_in_child=made.release)
    return made
