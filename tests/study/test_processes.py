"""Processes that runs are made in leave Ctrl-C to the one that started them."""

import signal

import pytest

from workbench.study.processes import Processes, _interrupt_held


def blocked() -> set[int]:
    """Return the signals that wait in this process."""
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, ()))


def test_processes_are_started_deaf_to_interrupts() -> None:
    before = blocked()
    assert signal.SIGINT not in before
    with Processes(1) as processes:
        (inside,) = processes.results([(blocked, ())])
    assert inside == before | {signal.SIGINT}
    assert blocked() == before


def test_interrupt_that_comes_meanwhile_is_heard_afterwards() -> None:
    done = []

    def interrupted() -> None:
        with _interrupt_held():
            signal.raise_signal(signal.SIGINT)
            done.append("started")

    # Whoever starts the tests may have told them to ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            interrupted()
    finally:
        signal.signal(signal.SIGINT, before)
    assert done == ["started"]
    assert signal.SIGINT not in blocked()
