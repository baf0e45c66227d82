"""Which rule is the best so far, and of how many of its seeds that is said."""

from pathlib import Path
from typing import Any

from tests.study.work.test_listing import SWEPT
from tests.study.work.test_runner import STUDY, a_registry
from workbench.study.file.reading import load_study
from workbench.study.work.best import BestSoFar
from workbench.study.work.run_list import Planner, Run


def runs_of(folder: Path, text: str) -> list[Run]:
    (folder / "study.toml").write_text(text)
    return Planner(load_study(folder / "study.toml"), a_registry()).all_runs()


def ended(accuracy: float | None, status: str = "done") -> dict[str, Any]:
    return {"status": status, "validation_accuracy": accuracy}


def test_mean_of_the_seeds_that_have_ended_decides(tmp_path: Path) -> None:
    runs = runs_of(tmp_path, STUDY)
    best = BestSoFar(runs, {})
    eprop, still = runs[:3], runs[3:]
    assert best.noted(still[0], ended(None)) == ""
    told = best.noted(eprop[0], ended(0.8))
    assert told == "Best so far: eprop:symmetric, validation accuracy 80.0 % (mean of 1 of 3 seeds)"
    assert "eprop:symmetric, validation accuracy 80.0" in best.noted(still[0], ended(0.7))
    assert "still, validation accuracy 80.5 % (mean of 2 of 3 seeds)" in best.noted(still[1], ended(0.91))
    told = best.noted(still[2], ended(None, "diverged"))
    assert told.endswith("still, validation accuracy 80.5 % (mean of 2 of 3 seeds, 1 diverged)")
    # One that failed has nothing to be judged by.
    assert best.noted(eprop[1], ended(0.99, "failed")) == told


def test_conditions_are_not_held_against_each_other(tmp_path: Path) -> None:
    runs = runs_of(tmp_path, SWEPT)
    best = BestSoFar(runs, {})
    first = best.noted(runs[0], ended(0.9))
    assert first == "Best so far in toy batch 1: eprop:symmetric, validation accuracy 90.0 % (mean of 1 of 3 seeds)"
    other = next(run for run in runs if dict(run.config.condition) == {"batch": 2})
    assert "Best so far in toy batch 2: eprop:symmetric, validation accuracy 10.0 %" in best.noted(other, ended(0.1))


def test_one_seed_is_no_mean(tmp_path: Path) -> None:
    (run, _) = runs_of(tmp_path, STUDY.replace("[0, 1, 2]", "[4]"))
    assert BestSoFar([run], {}).noted(run, ended(0.5)).endswith("validation accuracy 50.0 % (one seed)")
