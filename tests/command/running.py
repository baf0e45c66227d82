"""The command line, run in this process."""

import signal
import sys

import pytest

from workbench.command import main as cli


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    """Run the command line and return its exit code."""
    monkeypatch.setattr(sys, "argv", ["workbench", *arguments])
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(SystemExit) as caught:
        cli.main()
    signal.signal(signal.SIGINT, before)
    assert isinstance(caught.value.code, int)
    return caught.value.code
