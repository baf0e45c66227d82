"""Some runs of a study, failed ones once more, or no more than so many; the training is a fake one."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.study.search import test_search
from tests.study.work.test_listing import SWEPT, printed
from tests.study.work.test_runner import STUDY, a_registry, assert_same_tables, notes, train
from workbench.command.printing import print_summary
from workbench.common.errors import StudyError
from workbench.study.results.tables import Results, load_results
from workbench.study.work.listing import list_study
from workbench.study.work.runner import run_study
from workbench.study.work.selection import Selection
from workbench.study.work.verdict import IncompleteError
from workbench.tables.conditions import selected

Run = Callable[..., Results]

SEARCHED = STUDY.replace("probe = 2", "probe = 0") + test_search.SEARCH.replace("draws = 24", "draws = 4")


@pytest.fixture
def said() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def run(tmp_path: Path, said: io.StringIO) -> Run:
    def run(out: str = "out", text: str = SWEPT, by: Any = train, **selection: Any) -> Results:
        (tmp_path / "study.toml").write_text(text)
        console = Console(file=said, width=200)
        return run_study(
            tmp_path / "study.toml", tmp_path / out, 1, registry=a_registry(), train=by, console=console, **selection
        )

    return run


@pytest.mark.parametrize(
    ("only", "made"),
    [
        (["rule=eprop", "seed=0"], {("eprop", 0, 1), ("eprop", 0, 2)}),
        (["rule=eprop:symmetric", "seed=0", "seed=2", "batch=2"], {("eprop", 0, 2), ("eprop", 2, 2)}),
        (["feedback=none", "seed=1"], {("still", 1, 1), ("still", 1, 2)}),
        (["task=toy", "seed=1", "batch=1"], {("still", 1, 1), ("eprop", 1, 1)}),
    ],
)
def test_chosen_runs_are_made_alone(
    run: Run, tmp_path: Path, said: io.StringIO, only: list[str], made: set[tuple[str, int, int]]
) -> None:
    results = run(only=only)
    told = zip(results.runs["rule"], results.runs["seed"], results.runs["condition"], strict=True)
    assert {(rule, seed, int(condition.rpartition(" ")[2][:-1])) for rule, seed, condition in told} == made
    assert len(notes(tmp_path / "out")) == len(made)
    assert results.missing == 12 - len(made)
    assert f"study.toml: {len(made)} of {len(made)} chosen runs to go, 1 at a time. " in said.getvalue()
    run(only=only)
    assert f"study.toml: all {len(made)} chosen runs are done." in said.getvalue()
    whole = run()
    assert len(notes(tmp_path / "out")) == 12
    assert_same_tables(whole, run("whole"))
    # What is not chosen stays in the tables.
    assert len(run(only=only).runs) == 12


@pytest.mark.parametrize(
    ("only", "message"),
    [
        (
            "rul=eprop",
            r"^--only: 'rul=eprop' must be an axis of the study and a label, .*\. Did you mean 'rule'\?",
        ),
        ("rule", r"^--only: 'rule' must be an axis of the study and a label"),
        ("rule=epropp", r"^--only: axis 'rule' has no label 'epropp'\. Did you mean 'eprop'\?"),
        ("seed=3", r"^--only: axis 'seed' has no label '3'\. There are: '0', '1', '2'\."),
        ("batch=4", r"^--only: axis 'batch' has no label '4'\. There are: '1', '2'\."),
    ],
)
def test_choice_of_nothing_is_told(run: Run, tmp_path: Path, only: str, message: str) -> None:
    with pytest.raises(StudyError, match=message):
        run(only=[only])
    assert not (tmp_path / "out").exists()


def test_choices_that_exclude_each_other_are_told(run: Run) -> None:
    with pytest.raises(StudyError, match=r"--only: no run of the study has rule=eprop and feedback=none at once\."):
        run(only=["rule=eprop", "feedback=none"])


def test_figures_spell_it_alike(run: Run) -> None:
    runs = run().runs
    assert len(selected(runs, ["batch=1"])) == 6
    assert len(selected(runs, ["batch=1", "batch=2"])) == 12
    with pytest.raises(StudyError, match=r"^--where: axis 'batch' has no label '4'\. There are: '1', '2'\."):
        selected(runs, ["batch=4"])


def test_limit_leaves_the_others_for_the_next_call(run: Run, tmp_path: Path, said: io.StringIO) -> None:
    for count in (5, 10, 12, 12):
        results = run(limit=5)
        assert (len(results.runs), results.missing) == (count, 12 - count)
        assert len(notes(tmp_path / "out")) == count
    assert "study.toml: 12 of 12 runs to go, 5 of them now, 1 at a time. " in said.getvalue()
    assert_same_tables(results, run("whole"))
    assert run("chosen", only=["rule=still"], limit=2).runs["rule"].tolist() == ["still", "still"]


def test_limit_must_be_positive(run: Run) -> None:
    with pytest.raises(StudyError, match=r"--limit must be at least 1 run, not 0\."):
        run(limit=0)


def test_limit_counts_draws_of_a_search(run: Run, tmp_path: Path, said: io.StringIO) -> None:
    results = run("part", SEARCHED, test_search.train, limit=5)
    assert (len(results.runs), results.missing) == (0, 6)
    assert "study.toml: --limit: 3 of 8 draws of the search are left." in said.getvalue()
    print_summary(results, Console(file=(summary := io.StringIO()), width=200))
    assert not summary.getvalue()
    results = run("part", SEARCHED, test_search.train, limit=5)
    assert (len(results.runs), results.missing) == (2, 4)
    run("part", SEARCHED, test_search.train, limit=5)
    assert_same_tables(load_results(tmp_path / "part"), run("whole", SEARCHED, test_search.train))


def test_search_of_chosen_runs_is_theirs_alone(run: Run, tmp_path: Path) -> None:
    whole = run("whole", SEARCHED, test_search.train)
    part = run("part", SEARCHED, test_search.train, only=["rule=still", "seed=2"])
    assert (part.runs["rule"].tolist(), part.runs["seed"].tolist(), part.missing) == (["still"], [2], 5)
    assert set(test_search.drawn(part)["rule"]) == {"still"}
    assert part.runs["run_id"][0] == whole.runs["run_id"][5]


def test_failed_and_diverged_runs_are_made_once_more(run: Run, tmp_path: Path) -> None:
    diverging = STUDY.replace('behaviour = "well"', 'behaviour = "diverge"')
    for count, asked in ((6, {}), (6, {}), (7, {"retry": "failed"}), (7, {"retry": "failed", "only": ["seed=0"]})):
        with pytest.raises(IncompleteError, match="1 diverged"):
            run(text=diverging, **asked)
        assert len(notes(tmp_path / "out")) == count
        assert load_results(tmp_path / "out").runs["status"].tolist() == ["done"] * 4 + ["diverged", "done"]


def test_kind_of_runs_that_is_none_is_told(run: Run) -> None:
    with pytest.raises(StudyError, match=r"--retry: 'faild' is no kind of stored runs\. Did you mean 'failed'\?"):
        run(retry="faild")


def test_list_says_what_one_call_would_make(run: Run, tmp_path: Path) -> None:
    run(only=["rule=eprop"], limit=2)

    def listed(**selection: Any) -> str:
        asked = Selection(**selection)
        found = list_study(tmp_path / "study.toml", tmp_path / "out", selection=asked, registry=a_registry())
        return printed(found)

    assert "12 runs, 10 to go; time one at a time: " in listed()
    assert "12 runs, 10 to go, 3 of them now; time one at a time: " in listed(limit=3)
    assert "6 runs, 4 to go; time" in listed(only=("rule=eprop",))
    assert "6 runs, 4 to go, 1 of them now; time" in listed(only=("rule=eprop",), limit=1)
    assert "still" not in listed(only=("rule=eprop",))
    assert "6 runs, 5 to go; time" in listed(shard="1/2")
    assert "4 runs, 3 to go; time" in listed(shard="1/2", only=("rule=eprop",))
