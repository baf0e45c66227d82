"""The search for settings: the same effort for each rule, the same again from one seed, and its edges told.

The training is a fake one whose best settings are known.
"""

import io
import json
import math
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from tests.study.work.test_runner import STUDY, a_registry
from workbench.common.errors import SilentError, StudyError
from workbench.figures.all_figures import make_figures
from workbench.study.file.run_config import RunConfig
from workbench.study.file.space import Dimension
from workbench.study.results.folder import ids_of
from workbench.study.results.store import RunResult
from workbench.study.results.tables import Results, load_results
from workbench.study.search.sampler import sampler
from workbench.study.work.progress import RunProgress
from workbench.study.work.runner import run_study
from workbench.tables.search import at_edges, at_other_spikes, choices_table, stability, wanted_spikes

SEARCH = """[search]
draws = 24
epochs = 2
train.learning_rate = { low = 1e-4, high = 1.0, log = true }
network.weights.hidden_std = [0.0, 3.0, 9.0]
"""
#: Where the fake training is best: within the space for one rule, beyond it for the other.
BEST = {"eprop": 1e-2, "still": 1e2}


def train(config: RunConfig, progress: RunProgress) -> RunResult:
    """Return accuracies that fall with the distance from the best rate; weights without a spread are silent."""
    with (progress.folder / "notes").open("a") as file:
        file.write("trained\n")
    if config.network.weights.hidden_std == 0:
        raise SilentError("No neuron of 'hidden1' ever spikes.")
    score = 1 - abs(math.log10(config.train.learning_rate / BEST[config.rule])) / 8
    look = {
        "epoch": config.train.epochs, "trial": 1, "layer": "network", "measure": "accuracy", "estimate": "",
        "reference": "validation", "value": score, "reason": "",
    }  # fmt: skip
    spikes = 10 * config.network.weights.hidden_std
    curves: list[dict[str, object]] = [
        look, look | {"measure": "loss", "value": 1 - score}, look | {"measure": "spikes_per_trial", "value": spikes},
    ]  # fmt: skip
    kept = {"initial": {"hidden1": np.zeros((1, 1))}, "trained": {"hidden1": np.ones((1, 1))}}
    # The test split says the opposite, so that whoever chooses by it is seen.
    row: dict[str, object] = {
        "accuracy": 1 - score,
        "validation_accuracy": score,
        "loss": score,
        "epochs": config.train.epochs,
    }
    return RunResult(row, curves, kept)


Run = Callable[..., Results]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def run(search: str = SEARCH, out: str = "out", study: str = STUDY) -> Results:
        path = tmp_path / "study.toml"
        path.write_text(study.replace("probe = 2", "probe = 0") + search)
        said = Console(file=io.StringIO(), width=200)
        return run_study(path, tmp_path / out, 2, registry=a_registry(), train=train, console=said)

    return run


def drawn(results: Results) -> pd.DataFrame:
    """Return the draws, which are there."""
    assert results.draws is not None
    return results.draws


def rates(draws: pd.DataFrame) -> list[float]:
    return [json.loads(text)["train.learning_rate"] for text in draws["values"]]


@pytest.mark.parametrize("kind", ["random", "tpe"])
def test_best_draw_on_the_validation_split_is_what_the_study_is_carried_out_with(run: Run, kind: str) -> None:
    results = run(SEARCH + f'sampler = "{kind}"\n')
    draws = drawn(results)
    assert draws.groupby("rule").size().to_dict() == {"eprop": 24, "still": 24}
    for rule, own in draws.groupby("rule"):
        (chosen,) = own[own["chosen"]].to_dict("records")
        assert chosen["score"] == own["score"].max()
        used = [json.loads(text)["train"] for text in results.runs.loc[results.runs["rule"] == rule, "parameters"]]
        assert {each["learning_rate"] for each in used} == set(rates(own[own["chosen"]]))
        # Those of the study, not of a draw.
        assert {each["epochs"] for each in used} == {5}
    assert not draws["task"].str.contains("draw").any()


def test_rules_are_compared_at_as_many_spikes(run: Run) -> None:
    """The best of the draws that have them, which is not the best of all."""
    draws = drawn(run(SEARCH + "spikes = 30.0\n"))
    fits = np.array([json.loads(text)["network.weights.hidden_std"] == 3 for text in draws["values"]])
    assert draws["score"].notna().tolist() == fits.tolist()
    assert set(draws["spikes"].dropna()) == {30.0, 90.0}
    assert draws.loc[draws["chosen"], "spikes"].tolist() == [30.0, 30.0]
    for _, own in draws[fits].groupby("rule"):
        assert own.sort_values("score")["chosen"].iloc[-1]
    free = drawn(run(SEARCH, out="free"))
    assert free["score"].notna().sum() > fits.sum()
    assert set(free.loc[free["chosen"], "spikes"]) != {30.0}
    table = choices_table(draws)
    assert (table["fitting"] < table["trained"]).all()
    assert at_other_spikes(draws) == at_other_spikes(free) == []


def test_rule_without_a_draw_at_these_spikes_is_told_of(run: Run) -> None:
    draws = drawn(run(SEARCH + "spikes = 70.0\nspikes_within = 0.2\n"))
    assert draws["score"].isna().all()
    assert set(draws.loc[draws["chosen"], "spikes"]) == {90.0}
    told = at_other_spikes(draws)
    assert len(told) == 2
    assert "no draw of" in told[0]
    assert "has the 70 hidden spikes per trial that are wanted; the nearest, with 90, is taken" in told[0]
    assert wanted_spikes(draws) == 70


def test_draws_that_are_silent_are_spent_and_not_tried_again(run: Run, tmp_path: Path) -> None:
    draws = drawn(run())
    silent = [json.loads(text)["network.weights.hidden_std"] == 0 for text in draws["values"]]
    assert sum(silent) > 5
    assert draws["score"].isna().tolist() == silent
    assert (draws["status"] == "diverged").tolist() == silent
    trained = (tmp_path / "out" / "search" / "notes").read_text().count("trained")
    assert trained == len(draws)
    again = drawn(run())
    assert (tmp_path / "out" / "search" / "notes").read_text().count("trained") == trained
    pd.testing.assert_frame_equal(again, draws)


@pytest.mark.parametrize("kind", ["random", "tpe"])
def test_one_seed_gives_the_same_draws_and_another_one_others(run: Run, kind: str) -> None:
    text = SEARCH + f'sampler = "{kind}"\n'
    one, same = drawn(run(text, "one")), drawn(run(text, "same"))
    pd.testing.assert_frame_equal(one, same)
    other = drawn(run(text + "seed = 1\n", "other"))
    assert not set(rates(one)) & set(rates(other))


def test_rule_that_comes_to_a_study_changes_no_draw_of_the_others(run: Run) -> None:
    both = drawn(run(out="both"))
    one = drawn(run(out="one", study=STUDY.replace('[[rule]]\nname = "eprop"\n', "")))
    assert one["values"].tolist() == both.loc[both["rule"] == "still", "values"].tolist()


def test_optimum_at_an_edge_is_told_and_one_within_is_not(run: Run) -> None:
    (told,) = at_edges(drawn(run()))
    assert "Still" in told
    assert "learning_rate (high)" in told


def test_ranks_by_half_of_the_draws_are_compared_with_those_by_all(run: Run) -> None:
    """Of two rules nothing is told; a third one makes ranks."""
    assert stability(drawn(run())) == []
    draws = drawn(run())
    third = draws[draws["rule"] == "still"].assign(rule="third", title="Third", score=lambda own: own["score"] - 0.5)
    (told,) = stability(pd.concat([draws, third], ignore_index=True))
    assert "3 rules by 12 and by 24 draws" in told
    assert "Kendall's tau 1.00" in told


def test_share_of_the_space_near_the_best_is_of_independent_draws_alone(run: Run) -> None:
    table = choices_table(drawn(run())).set_index("label")
    scores = drawn(run()).groupby("rule")["score"]
    near = scores.apply(lambda own: (own >= own.max() - 0.05).mean())
    assert table["near"].tolist() == pytest.approx(near.tolist())
    guided = choices_table(drawn(run(SEARCH + 'sampler = "tpe"\n', "guided")))
    assert guided["near"].isna().all()
    assert guided["undefined"].str.contains("do not tell of the space").all()


def test_each_repetition_is_searched_for_itself(run: Run) -> None:
    results = run(SEARCH + "[[sweep]]\ntrain.batch = [1, 2]\nreplicate = true\n")
    table = choices_table(drawn(results))
    assert len(table) == 2 * 2
    assert table["draws"].eq(24).all()
    assert len(results.runs) == 2 * 2 * 3


def test_rule_with_two_sets_of_parameters_is_searched_for_twice(run: Run) -> None:
    twice = STUDY + '[[rule]]\nname = "still"\nparameters = { behaviour = "other" }\n'
    results = run(study=twice)
    draws = drawn(results)
    assert draws.groupby("cell").size().tolist() == [24, 24, 24]
    table = choices_table(draws)
    assert table["label"].tolist() == ["e-prop, symmetric", "Still", "Still"]
    for (_, own), score in zip(draws.groupby("cell"), table["score"], strict=True):
        assert score == own["score"].max()
    # Each with the settings that were chosen for it.
    used = {json.loads(text)["train"]["learning_rate"] for text in results.runs["parameters"]}
    assert used == set(rates(draws[draws["chosen"]]))
    assert "3 rules by 12" in stability(draws)[0]


def test_parameters_of_a_surrogate_are_searched_where_it_has_them(run: Run) -> None:
    surrogates = '[[sweep]]\nnetwork.surrogate = ["arctan", "straight_through"]\n'
    found = drawn(run(surrogates + SEARCH + "network.surrogate_parameters.beta = { low = 1.0, high = 9.0 }\n"))
    searched = {text: {"network.surrogate_parameters.beta" in json.loads(own) for own in values}
                for text, values in found.groupby("condition")["values"]}  # fmt: skip
    assert searched == {'{"surrogate": "arctan"}': {True}, '{"surrogate": "straight_through"}': {False}}


def test_loss_is_the_better_the_smaller(run: Run) -> None:
    draws = drawn(run(SEARCH + 'by = "loss"\n'))
    best = draws[draws["chosen"]].set_index("rule")
    assert best["score"].lt(0).all()
    assert best.loc["eprop", "score"] == draws.loc[draws["rule"] == "eprop", "score"].max()


def test_killed_search_goes_on_with_what_is_stored(run: Run, tmp_path: Path) -> None:
    whole = drawn(run())
    for run_id in ids_of(tmp_path / "out" / "search", "runs")[::2]:
        (tmp_path / "out" / "search" / "runs" / f"{run_id}.json").unlink()
    (tmp_path / "out" / "draws.json").unlink()
    pd.testing.assert_frame_equal(drawn(run()), whole)
    assert (tmp_path / "out" / "search" / "notes").read_text().count("trained") == len(whole) * 3 // 2


def test_draws_are_read_with_the_tables_and_drawn(run: Run, tmp_path: Path) -> None:
    draws = drawn(run())
    pd.testing.assert_frame_equal(drawn(load_results(tmp_path / "out")), draws)
    names = {path.name for path in make_figures(load_results(tmp_path / "out"), tmp_path / "figures")}
    assert {"search.pdf", "search.csv", "choices.csv", "choices.txt"} <= names
    (tmp_path / "out" / "draws.json").write_text("{}")
    with pytest.raises(StudyError, match=r"draws.json is damaged"):
        load_results(tmp_path / "out")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[search]\ndraws = 0\ntrain.batch = [1]\n", r"'search.draws' must be a whole number"),
        ("[search]\ndraws = 2\n", "there is nothing to search for"),
        ("[search]\ndraws = 2\nseeds = [2]\ntrain.batch = [1]\n", "seed 2 is one of the study's"),
        ("[search]\ndraws = 2\ntrain.batch = 3\n", r"\[search\]: 'train.batch' must be .* not 3"),
        ("[search]\ndraws = 2\ntrain.batch = { low = 3 }\n", "'train.batch' must have 'low' and 'high'"),
        ("[search]\ndraws = 2\ntrain.batch = { low = 3, high = 2 }\n", "'low' below its 'high'"),
        ("[search]\ndraws = 2\ntrain.batch = { low = 0, high = 2, log = true }\n", "'low' above 0 and below"),
        ("[search]\ndraws = 2\ntrain.batch = { low = '3 ms', high = 4 }\n", "ends of one unit"),
        ("[search]\ndraws = 2\ntrain.batch = { low = 3, high = 4, step = 1 }\n", "and nothing else"),
        ("[search]\ndraws = 2\ntrain.batches = [1, 2]\n", r"'train.batches' is not a key. Did you mean"),
        ("[search]\ndraws = 2\ntask.size = [1, 2]\n", "no task of the study has a parameter 'size'"),
        ("[search]\ndraws = 2\nnetwork.surrogate_parameters.bta = [1, 2]\n", "no surrogate of the study has .* 'bta'"),
        ("search = { size = [1] }\n[search]\ndraws = 2\n", "no rule 'still' has a parameter 'size'"),
        ("[search]\ndraws = 2\ntrain.batch = [1]\n[[sweep]]\ntrain.batch = [2]\n", "'train.batch' is swept, too"),
    ],
)
def test_mistake_is_told_before_anything_is_trained(run: Run, tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(StudyError, match=message):
        run(text)
    assert not (tmp_path / "out" / "search" / "notes").exists()


@pytest.mark.parametrize("kind", ["random", "tpe"])
@pytest.mark.parametrize(
    "dimension",
    [
        Dimension("a", low=1e-3, high=10.0, log=True),
        Dimension("a", low=-2.0, high=3.0),
        Dimension("a", low=1, high=4, whole=True),
        Dimension("a", low=1, high=100, log=True, whole=True),
        Dimension("a", choices=("x", "y", "z")),
        Dimension("a", low=0.002, high=0.05, unit="second"),
    ],
)
def test_draws_reach_all_of_the_space_and_nothing_else(kind: str, dimension: Dimension) -> None:
    drawing = sampler(kind, [dimension], np.random.default_rng(1))
    found = []
    for _ in range(60):
        found.append(drawing.draw()["a"])
        drawing.tell(0.0)
    if dimension.choices:
        assert {dimension.value(number) for number in found} == set(dimension.choices)
        return
    assert dimension.low <= min(found) <= max(found) <= dimension.high
    low, high, *ends = (
        math.log(number) if dimension.log else number
        for number in (dimension.low, dimension.high, min(found), max(found))
    )
    assert ends[0] < low + 0.2 * (high - low)
    assert ends[1] > high - 0.2 * (high - low)
    if dimension.whole:
        assert all(isinstance(dimension.value(number), int) for number in found)
    if dimension.unit:
        assert str(dimension.value(0.0123456)) == "12.35 ms"


def test_numbers_near_an_end_are_at_the_edge_and_words_never() -> None:
    rate = Dimension("a", low=1e-3, high=1.0, log=True)
    assert [rate.edge(number) for number in (1e-3, 1.3e-3, 1.5e-3, 0.5, 0.75, 1.0)] == [
        "low",
        "low",
        "",
        "",
        "high",
        "high",
    ]
    numbers = Dimension("a", choices=(20.0, 2.0, 5.0))
    assert [numbers.edge(index) for index in range(3)] == ["high", "low", ""]
    assert Dimension("a", choices=("b", "c", "d")).edge(0) == ""
    assert Dimension("a", choices=(1.0, 2.0)).edge(0) == ""


def test_search_without_optuna_says_what_to_install(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(StudyError, match=r"needs optuna. Install it with `pip install optuna`, or take 'random'"):
        run(SEARCH + 'sampler = "tpe"\n')
    assert len(drawn(run()))
