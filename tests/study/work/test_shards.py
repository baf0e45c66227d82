"""Parts of a study, made apart and brought together, are the study; the training is a fake one."""

import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from tests.end_to_end.command import OF_THE_DAY
from tests.study.search import test_search
from tests.study.work.test_runner import STUDY, a_registry, train
from workbench.common.errors import StudyError
from workbench.study.results.collecting import collect
from workbench.study.results.tables import Results, load_results
from workbench.study.work.runner import run_study
from workbench.study.work.worker import Train

SWEPT = STUDY + '[[sweep]]\ntrain.batch = [1, 2]\n[[contrast]]\nof = "eprop"\nminus = "still"\n'
SEARCHED = STUDY.replace("probe = 2", "probe = 0") + test_search.SEARCH

Run = Callable[..., Results]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(out: str, shard: str | None = None, text: str = SWEPT, by: Train = train) -> Results:
        (tmp_path / "study.toml").write_text(text)
        said = Console(file=io.StringIO(), width=200)
        return run_study(
            tmp_path / "study.toml", tmp_path / out, 1, shard=shard, registry=a_registry(), train=by, console=said
        )

    return run


def assert_same(one: Results, other: Results) -> None:
    """Fail unless two results have the same tables, bit for bit, but for times and machines."""
    pd.testing.assert_frame_equal(
        one.runs.drop(columns=OF_THE_DAY), other.runs.drop(columns=OF_THE_DAY), check_exact=True
    )
    pd.testing.assert_frame_equal(one.curves, other.curves, check_exact=True)
    assert (one.missing, one.contrasts) == (other.missing, other.contrasts)


@pytest.mark.parametrize("count", [1, 4, 5, 13])
def test_parts_together_are_the_study_in_any_order(run: Run, tmp_path: Path, count: int) -> None:
    whole = run("whole")
    parts = [f"part{number}" for number in range(1, count + 1)]
    made = [run(part, f"{number}/{count}") for number, part in enumerate(parts, 1)]
    assert sum(len(part.runs) for part in made) == len(whole.runs) == 12
    assert all(part.missing == 12 - len(part.runs) for part in made)
    together = collect(tmp_path / "out", [tmp_path / part for part in reversed(parts)])
    assert_same(together, whole)
    assert_same(load_results(tmp_path / "out"), whole)
    # Nothing is left to do, and nothing is done again.
    before = sorted((tmp_path / "out" / "runs").iterdir())
    stamps = [path.stat().st_mtime_ns for path in before]
    assert_same(run("out"), whole)
    assert [path.stat().st_mtime_ns for path in sorted((tmp_path / "out" / "runs").iterdir())] == stamps


def test_parts_of_a_search_choose_what_it_chooses(run: Run, tmp_path: Path) -> None:
    whole = run("whole", text=SEARCHED, by=test_search.train)
    for number in (1, 2):
        part = run(f"part{number}", f"{number}/2", SEARCHED, test_search.train)
        # All seeds of one rule, and its draws alone.
        assert part.runs["rule"].nunique() == 1
        assert len(part.runs) == 3
        assert set(test_search.drawn(part)["rule"]) == set(part.runs["rule"])
    together = collect(tmp_path / "out", [tmp_path / "part2", tmp_path / "part1"])
    assert_same(together, whole)
    pd.testing.assert_frame_equal(test_search.drawn(together), test_search.drawn(whole))
    trained = (tmp_path / "part1" / "search" / "notes").read_text()
    again = run("out", text=SEARCHED, by=test_search.train)
    assert_same(again, whole)
    assert not (tmp_path / "out" / "search" / "notes").exists()
    assert trained.count("trained") == 24


def test_part_without_runs_of_a_search_has_nothing_to_do(run: Run, tmp_path: Path) -> None:
    part = run("part3", "3/3", SEARCHED, test_search.train)
    assert part.runs.empty
    assert part.missing == 6


def test_what_no_part_has_is_missing(run: Run, tmp_path: Path) -> None:
    run("part1", "1/3")
    run("part3", "3/3")
    found = collect(tmp_path / "out", [tmp_path / "part1", tmp_path / "part3"])
    assert (len(found.runs), found.missing) == (8, 4)
    run("part2", "2/3")
    assert collect(tmp_path / "out", [tmp_path / f"part{number}" for number in (1, 2, 3)]).missing == 0


def test_parts_of_two_versions_are_refused(run: Run, tmp_path: Path) -> None:
    run("part1", "1/2")
    run("part2", "2/2", SWEPT.replace("seeds = [0, 1, 2]", "seeds = [0, 1]"))
    with pytest.raises(StudyError, match=r"part1 and .*part2 are no parts of one study"):
        collect(tmp_path / "out", [tmp_path / "part1", tmp_path / "part2"])
    run("other", "1/2", SWEPT.replace("epochs = 5", "epochs = 4"))
    with pytest.raises(StudyError, match="another run than one before it in the place 1 of the study"):
        collect(tmp_path / "out", [tmp_path / "part1", tmp_path / "other"])


def test_damaged_part_is_told_and_leaves_nothing_half_collected(run: Run, tmp_path: Path) -> None:
    part = run("part1", "1/2")
    run_id = part.runs["run_id"][0]
    (tmp_path / "part1" / "weights" / f"{run_id}.npz").write_bytes(b"other")
    with pytest.raises(StudyError, match=rf"{run_id}.npz is damaged.* Run that part again to mend it."):
        collect(tmp_path / "out", [tmp_path / "part1"])
    run("part1", "1/2")
    assert len(collect(tmp_path / "out", [tmp_path / "part1"]).runs) == 6


@pytest.mark.parametrize("text", ["0/2", "3/2", "2", "1/0", "a/b", "1/2/3", "-1/2", ""])
def test_part_that_is_none_is_told(run: Run, text: str) -> None:
    with pytest.raises(StudyError, match=r"--shard: '.*' must be the number of a part and of all parts, such as 2/4"):
        run("out", text)


def test_nothing_to_collect_is_told(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="There is nothing to collect"):
        collect(tmp_path / "out", [])
    with pytest.raises(StudyError, match="holds no results of a study"):
        collect(tmp_path / "out", [tmp_path])
