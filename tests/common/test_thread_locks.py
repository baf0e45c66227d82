"""A forked process finds no lock taken by a thread that it does not have."""

import subprocess
import sys
import threading

import pytest

from workbench.common.thread_locks import Lock, lock

FORKED = """
import os, signal, threading
from workbench.common.thread_locks import lock
held, holding, let_go = {made}, threading.Event(), threading.Event()
def hold():
    with held:
        holding.set()
        let_go.wait()
threading.Thread(target=hold).start()
holding.wait()
timer = threading.Timer({seconds}, let_go.set)
timer.start()
child = os.fork()
if child == 0:
    os._exit(0 if held.acquire(blocking=False) else 1)
timer.cancel()
let_go.set()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.parametrize(
    ("made", "seconds", "code"),
    [
        ("lock()", 0.1, "0"),
        # The negative control: it is taken for good, since nobody lets it go before the fork.
        ("threading.Lock()", 3600, "1"),
    ],
)
def test_a_fork_waits_until_a_lock_is_free(made: str, seconds: float, code: str) -> None:
    text = FORKED.format(made=made, seconds=seconds)
    told = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == code


def test_the_thread_that_holds_a_lock_does_not_wait_for_itself() -> None:
    made = lock()
    with made, made:
        assert not taken_elsewhere(made)
    assert taken_elsewhere(made)


def taken_elsewhere(made: Lock) -> bool:
    """Return whether another thread can take a lock."""
    taken: list[bool] = []

    def take() -> None:
        taken.append(made.acquire(blocking=False))  # type: ignore[attr-defined]
        if taken[0]:
            made.release()  # type: ignore[attr-defined]

    thread = threading.Thread(target=take)
    thread.start()
    thread.join()
    return taken[0]
