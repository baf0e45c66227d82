"""One study, run once, that the other tests compare with."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.end_to_end.command import Ended, workbench, write_study


@dataclass(frozen=True)
class Whole:
    """A study that nobody disturbed: its file, its results, and how its command ended."""

    study: Path
    out: Path
    ended: Ended


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """Return the study, run with two processes."""
    folder = tmp_path_factory.mktemp("whole")
    study = write_study(folder)
    return Whole(study, folder / "out", workbench("run", study, "--out", folder / "out", "--jobs", "2"))
