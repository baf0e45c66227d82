"""Processes that runs are made in: one for each call, tried again where it dies, killed where nobody waits."""

import functools
import importlib
import os
import signal
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path

import pytest

from workbench.catalogue.registry import load_registry, reload_registry
from workbench.common.errors import StudyError
from workbench.study.work import own_process
from workbench.study.work.executor import Processes
from workbench.study.work.own_process import DiedError, _interrupt_held


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


def note(file: Path) -> None:
    """Write down when a call begins and ends, and by which process."""
    with file.open("a") as notes:
        notes.write(f"{time.monotonic()} {os.getpid()}\n")


def die(file: Path, times: int) -> str:
    """Die, beside whatever else is done, until it was done so many times."""
    note(file)
    if len(file.read_text().splitlines()) <= times:
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


def spend(file: Path, seconds: float) -> str:
    """Take some time."""
    note(file)
    time.sleep(seconds)
    note(file)
    return "spent"


def end_at_once(_: int) -> None:
    """Stand for what a process does first, and end it."""
    os._exit(1)


def test_call_whose_process_dies_is_tried_once_more_and_alone(tmp_path: Path) -> None:
    with Processes(2) as processes:
        spent = processes.submit(spend, tmp_path / "spent", 2.0)
        died = processes.submit(die, tmp_path / "died", 1)
        waiting = processes.submit(spend, tmp_path / "waiting", 0.0)
        assert (spent.result(), died.result(), waiting.result()) == ("spent", "alive", "spent")
        with pytest.raises(DiedError, match=r"The process died: it was killed, ran out of memory or crashed\."):
            processes.submit(die, tmp_path / "dead", 9).result()
        # The others go on.
        assert processes.submit(spend, tmp_path / "waiting", 0.0).result() == "spent"

    def times(name: str) -> list[float]:
        return [float(line.split()[0]) for line in (tmp_path / name).read_text().splitlines()]

    first, again = times("died")
    assert first < times("spent")[1] <= again
    assert again <= times("waiting")[0]
    assert len(times("dead")) == 2


def test_interrupted_calls_are_killed_and_the_others_forgotten(tmp_path: Path) -> None:
    def interrupted() -> None:
        with Processes(1) as processes:
            calls.extend(processes.submit(spend, tmp_path / f"{number}", 600.0) for number in (1, 2))
            while not (tmp_path / "1").exists():
                time.sleep(0.02)
            raise KeyboardInterrupt

    calls: list[Future[str]] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert all(call.done() for call in calls)
    assert not (tmp_path / "2").exists()
    process = int((tmp_path / "1").read_text().split()[1])
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


def test_processes_that_do_not_begin_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_process, "_begin", end_at_once)
    monkeypatch.setattr(own_process, "_KEPT", {})
    with Processes(1) as processes, pytest.raises(StudyError, match="processes that train end before they begin"):
        processes.submit(os.getpid).result()


def test_process_that_nobody_waits_for_is_killed(tmp_path: Path) -> None:
    process = own_process.OwnProcess()
    with pytest.raises(DiedError):
        process.made(functools.partial(spend, tmp_path / "call", 600.0), lambda: not (tmp_path / "call").exists())
    assert process.ended
    with pytest.raises(DiedError, match="The process was ended"):
        process.made(os.getpid)
