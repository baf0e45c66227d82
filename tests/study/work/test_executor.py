"""Processes that runs are made in leave Ctrl-C to the one that started them."""

import importlib
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.catalogue.registry import load_registry, reload_registry
from workbench.study.work.executor import Processes
from workbench.study.work.own_process import _interrupt_held


def blocked() -> set[int]:
    """Return the signals that wait in this process."""
    return set(signal.pthread_sigmask(signal.SIG_BLOCK, ()))


def title_of(rule: str) -> str:
    """Return the title of a rule as the process has it."""
    return reload_registry().rule(rule).title


def test_processes_have_installed_plugins_as_they_are(install_plugin: Callable[..., Path]) -> None:
    """They outlive a study, and import once what was edited and reloaded since."""

    def titles() -> tuple[str, str]:
        here = load_registry().rule("mine").title
        with Processes(1) as processes:
            there = processes.submit(title_of, "mine").result()
        return here, there

    text = """
        from workbench import Rule, hookimpl

        @hookimpl
        def workbench_rules():
            yield Rule(name="mine", title="Old", engine="none")
    """
    path = install_plugin(text)
    assert titles() == ("Old", "Old")
    path.write_text(path.read_text().replace("Old", "Young"))
    importlib.reload(sys.modules["stranger"])
    assert titles() == ("Young", "Young")


def test_processes_are_started_deaf_to_interrupts() -> None:
    before = blocked()
    assert signal.SIGINT not in before
    with Processes(1) as processes:
        inside = processes.submit(blocked).result()
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
