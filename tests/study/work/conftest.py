"""A study whose training is a fake one, by what is added to its file."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from tests.study.work.test_runner import STUDY, a_registry, train
from workbench.study.results.tables import Results
from workbench.study.work.runner import run_study


@pytest.fixture
def run_with(tmp_path: Path) -> Callable[[str], Results]:
    """Run the study with more in its file, in `out`."""

    def run(text: str) -> Results:
        (tmp_path / "study.toml").write_text(STUDY + text)
        said = Console(file=io.StringIO(), width=200)
        return run_study(tmp_path / "study.toml", tmp_path / "out", 2, registry=a_registry(), train=train, console=said)

    return run
