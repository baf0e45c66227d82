"""The list of what a study would run, which runs nothing; the training is a fake one."""

import io
import math
from pathlib import Path

import pytest
from rich.console import Console

from tests.study.work.test_runner import STUDY, a_registry, train
from workbench.command.listing import print_listing
from workbench.study.work.listing import Listing, list_study
from workbench.study.work.runner import run_study

SWEPT = STUDY + "[[sweep]]\ntrain.batch = [1, 2]\n"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    (tmp_path / "study.toml").write_text(SWEPT)
    return tmp_path / "study.toml"


def listed(study: Path) -> Listing:
    return list_study(study, study.parent / "out", registry=a_registry())


def printed(listing: Listing) -> str:
    terminal = Console(file=io.StringIO(), width=160, record=True)
    print_listing(listing, terminal)
    return terminal.export_text()


def test_nothing_is_run_or_written(study: Path) -> None:
    listing = listed(study)
    assert [(item.condition, item.rule, item.runs, item.stored) for item in listing.planned] == [
        (f"batch {batch}", rule, 3, 0) for batch in (1, 2) for rule in ("eprop:symmetric", "still")
    ]
    assert all(math.isnan(item.seconds) for item in listing.planned)
    assert not (study.parent / "out").exists()
    assert printed(listing).endswith("12 runs, 12 to go; time one at a time: unknown.\n")


def test_time_is_what_stored_runs_took(study: Path) -> None:
    """Also those of the study as it was before it was swept."""
    study.write_text(STUDY.replace("[train]", "[train]\nbatch = 1"))
    out = study.parent / "out"
    before = run_study(study, out, 2, registry=a_registry(), train=train, console=Console(file=io.StringIO()))
    study.write_text(SWEPT)
    listing = listed(study)
    assert [item.stored for item in listing.planned] == [3, 3, 0, 0]
    for rule, item in zip(("eprop", "still"), listing.planned[2:], strict=True):
        mean = before.runs.loc[before.runs["rule"] == rule, "seconds"].mean()
        assert item.seconds == pytest.approx(3 * mean)
    assert all(item.seconds == 0 for item in listing.planned[:2])
    assert "12 runs, 6 to go; time one at a time: " in printed(listing)


def test_search_is_counted_and_its_settings_are_still_unknown(study: Path) -> None:
    study.write_text(STUDY + "[search]\ndraws = 4\nseeds = [7, 8]\ntrain.batch = [1, 2, 3]\n")
    listing = listed(study)
    assert listing.draws == 2 * 4 * 2
    assert "A search of 16 runs comes first" in printed(listing)
