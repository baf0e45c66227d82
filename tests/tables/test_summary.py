"""The numbers of the tables, on small results whose answers are known."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from scipy import stats

from workbench.common.errors import StudyError
from workbench.tables.printed import latex_table, rich_table
from workbench.tables.statistics import t_interval, t_quantile
from workbench.tables.summary import summary_table

ACCURACIES = {
    ("eprop", "symmetric"): [0.96, 0.95, 0.97],
    ("dcll", "random_direct"): [0.90, 0.92, 0.91],
    ("frozen", "none"): [0.85, 0.86, 0.84],
}


def results() -> tuple[pd.DataFrame, pd.DataFrame]:
    runs, curves = [], []
    for (rule, feedback), values in ACCURACIES.items():
        for seed, accuracy in enumerate(values):
            run = f"{rule}{seed}"
            runs.append(
                (run, "digits", rule, rule.upper(), feedback, "64-20-10", seed, "done", "", "{}", accuracy, 100.0, 7.5)
            )
            for epoch, cosine in ((0, 0.1), (4, 0.5 + 0.1 * seed)):
                frozen = rule == "frozen"
                value, reason = (np.nan, "frozen never learns") if frozen else (cosine, "")
                curves.append((run, epoch, 0, "hidden1", "cosine", "bptt_differentiated", value, reason))
                curves.append((run, epoch, 0, "hidden1", "cosine", "bptt_constant", value / 2, reason))
    names = ["run_id", "task", "rule", "title", "feedback", "network", "seed", "status", "reason", "parameters",
             "accuracy", "spikes_per_trial", "seconds"]  # fmt: skip
    return pd.DataFrame(runs, columns=names), pd.DataFrame(
        curves, columns=["run_id", "epoch", "trial", "layer", "measure", "reference", "value", "reason"]
    )


def unfinished(which: str, status: str, reason: str, accuracy: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the results after the runs whose run_id begins with `which` did not finish."""
    runs, curves = results()
    bad = runs["run_id"].str.startswith(which)
    columns = {"status": status, "reason": reason, "accuracy": accuracy}
    return runs.assign(**{name: runs[name].mask(bad, value) for name, value in columns.items()}), curves


def printed(table: pd.DataFrame) -> str:
    console = Console(file=io.StringIO(), width=200, record=True)
    console.print(rich_table(table))
    return console.export_text()


def test_t_interval_is_that_of_scipy() -> None:
    values = [0.91, 0.93, 0.95, 0.96, 0.9]
    expected = stats.t.interval(0.95, 4, loc=np.mean(values), scale=stats.sem(values))
    assert t_interval([*values, np.nan]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("degrees", [*range(1, 33), 99, 100, 999, 1000, 20000])
def test_quantiles_of_t_are_those_of_scipy(degrees: int) -> None:
    assert t_quantile(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=1e-12)


def test_t_interval_of_one_value_is_undefined() -> None:
    assert np.isnan(t_interval([0.9])).all()


def test_t_interval_covers_the_mean_as_often_as_it_says() -> None:
    bounds = np.array([t_interval(row) for row in np.random.default_rng(0).normal(size=(2000, 5))])
    assert np.mean((bounds[:, 0] < 0) & (bounds[:, 1] > 0)) == pytest.approx(0.95, abs=0.015)


def test_summary_has_the_numbers() -> None:
    table = summary_table(*results()).set_index("configuration")
    row = table.loc["eprop:symmetric"]
    assert (row["accuracy"], row["n"], row["seconds"]) == (pytest.approx(96.0), 3, 7.5)
    half = stats.t.ppf(0.975, 2) * 1.0 / np.sqrt(3)
    assert (row["accuracy_low"], row["accuracy_high"]) == (pytest.approx(96 - half), pytest.approx(96 + half))
    assert row["cosine bptt_differentiated hidden1"] == pytest.approx(0.6)
    row = table.loc["frozen"]
    assert np.isnan(row["cosine bptt_differentiated hidden1"])
    assert "frozen never learns" in row["notes"]


def test_weights_beside_the_stack_that_nobody_teaches_have_no_column() -> None:
    runs, curves = results()
    taught = curves.assign(layer="up1")
    kept = curves.assign(layer="down1", value=np.nan, reason="The rule makes no estimate for this layer.")
    table = summary_table(runs, pd.concat([curves, taught, kept]))
    found = [name for name in table.columns if name.startswith("cosine")]
    assert found == ["cosine bptt_differentiated up1", "cosine bptt_differentiated hidden1"]


def test_summary_takes_the_variant_of_bptt_asked_for() -> None:
    table = summary_table(*results(), references=("bptt_constant",)).set_index("configuration")
    assert table.loc["eprop:symmetric", "cosine bptt_constant hidden1"] == pytest.approx(0.3)
    assert "reset constant" in printed(table.reset_index())
    with pytest.raises(StudyError, match=r"'bptt_konstant' is not a variant of BPTT\. Did you mean 'bptt_constant'\?"):
        summary_table(*results(), references=("bptt_konstant",))


def test_a_run_that_did_not_finish_is_shown_and_in_no_mean() -> None:
    runs, curves = unfinished("eprop0", "diverged", "loss not finite", 0.1)
    row = summary_table(runs, curves).set_index("configuration").loc["eprop:symmetric"]
    assert (row["accuracy"], row["n"], row["status"]) == (pytest.approx(96.0), 2, "2 done, 1 diverged")
    assert row["cosine bptt_differentiated hidden1"] == pytest.approx(0.65)
    for text in (printed(summary_table(runs, curves)), latex_table(summary_table(runs, curves))):
        assert "EPROP, symmetric diverged (seed 0): loss not finite." in text
        assert "2 done, 1 diverged" in text


def test_a_configuration_without_a_finished_run_keeps_its_row() -> None:
    runs, curves = unfinished("dcll", "skipped", "needs [a] rate neuron", np.nan)
    row = summary_table(runs, curves).set_index("configuration").loc["dcll:random_direct"]
    assert np.isnan(row["accuracy"])
    assert "needs [a] rate neuron" in printed(summary_table(runs, curves))


def test_means_are_printed_with_half_their_interval() -> None:
    runs, curves = results()
    assert "96.0 \u00b1 2.5" in printed(summary_table(runs, curves))
    assert " \u00b1 " not in printed(summary_table(runs[runs["seed"] == 0], curves)).split("feedback")[1]


def test_latex_is_balanced_and_escaped() -> None:
    runs, curves = results()
    runs["title"] = runs["title"].replace("EPROP", "e_prop & 50%")
    text = latex_table(summary_table(runs, curves))
    assert r"e\_prop \& 50\%" in text
    body = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert [line.replace(r"\&", "").count("&") for line in body[1:]] == [8] * (len(body) - 1)
    assert text.count("{") == text.count("}")
    assert r"\multicolumn{1}{c}{cosine with BPTT (reset differentiated)}" in text


def test_differences_from_the_baseline_are_paired() -> None:
    table = summary_table(*results()).set_index("configuration")
    low, high = t_interval([11, 9, 13])
    found = [table[name]["eprop:symmetric"] for name in ("minus_frozen", "minus_frozen_low", "minus_frozen_high")]
    assert found == pytest.approx([11, low, high])
    assert np.isnan(table["minus_frozen"]["frozen"])
    for text in (printed(table), latex_table(table)):
        assert f"+11.0 \u00b1 {(high - low) / 2:.1f}" in text
        assert "minus frozen" in " ".join(text.split())
    heads = printed(table).split("accuracy (%)")[0] + printed(table).split("accuracy (%)")[1].splitlines()[0]
    assert heads.count("frozen") == 2  # In the title, and above the column.


def test_differences_leave_out_seeds_that_only_one_has() -> None:
    table = summary_table(*unfinished("frozen1", "failed", "no compiler", np.nan)).set_index("configuration")
    assert table["minus_frozen"]["eprop:symmetric"] == pytest.approx(12)


def test_study_without_a_baseline_has_no_differences() -> None:
    runs, curves = results()
    table = summary_table(runs[runs["rule"] != "frozen"], curves)
    assert not [name for name in table if "minus" in str(name)]
    assert "minus" not in printed(table)
    assert "minus" not in latex_table(table)


def test_a_missing_column_is_named() -> None:
    runs, curves = results()
    with pytest.raises(StudyError, match=r"runs: the column 'accuracy' is missing\. Did you mean 'acuracy'\?"):
        summary_table(runs.rename(columns={"accuracy": "acuracy"}), curves)
    with pytest.raises(StudyError, match=r"curves: the column 'layer' is missing\."):
        summary_table(runs, curves.drop(columns="layer"))


def several(column: str, *values: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the results of a study that has its task several times, each time with something else in a column."""
    runs, curves = results()
    parts = [runs.assign(**{column: value}, run_id=runs["run_id"] + value) for value in values]
    parts[-1] = parts[-1].assign(status="failed", reason="The disk was full.", accuracy=np.nan)
    return pd.concat(parts, ignore_index=True), pd.concat([curves.assign(run_id=curves["run_id"] + v) for v in values])


def test_networks_of_one_task_are_not_averaged() -> None:
    table = summary_table(*several("network", "64-20-10", "64-40-10", "64-60-10"))
    assert len(table) == 3 * len(ACCURACIES)
    assert table["n"].tolist() == [3, 3, 0] * len(ACCURACIES)
    text = " ".join(printed(table).split())
    assert "EPROP (network = 64-20-10) symmetric 96.0" in text
    assert "EPROP (network = 64-60-10), symmetric failed (seeds 0, 1, 2): The disk was full." in text


def test_parameters_go_by_their_last_name_where_that_is_clear() -> None:
    def names(*sets: tuple[float, float]) -> list[str]:
        texts = [json.dumps({"network": {"weights": {"std": a}}, "train": {"std": b}}) for a, b in sets]
        return summary_table(*several("parameters", *texts))["rule"].tolist()[:2]

    assert names((1.0, 2.0), (1.0, 3.0)) == ["DCLL (std = 2.0)", "DCLL (std = 3.0)"]
    assert names((1.0, 2.0), (4.0, 3.0)) == [
        "DCLL (network.weights.std = 1.0, train.std = 2.0)",
        "DCLL (network.weights.std = 4.0, train.std = 3.0)",
    ]


@pytest.mark.parametrize("reason", ["The disk was full", "The disk was full."])
def test_reason_ends_with_one_period(reason: str) -> None:
    runs, curves = unfinished("eprop0", "failed", reason, np.nan)
    curves["reason"] = curves["reason"].replace("frozen never learns", "Frozen never learns.")
    notes = " ".join(summary_table(runs, curves)["notes"])
    assert "EPROP, symmetric failed (seed 0): The disk was full." in notes
    assert "undefined in hidden 1: Frozen never learns." in notes
    assert ".." not in notes


def test_rewards_stand_beside_those_of_chance_and_of_the_best_answers() -> None:
    runs, curves = results()
    worth = {"eprop": 0.75, "dcll": 0.6, "frozen": np.nan}
    reward = runs["rule"].map(worth) + 0.01 * runs["seed"]
    table = summary_table(runs.assign(reward=reward, chance_reward=0.5, best_reward=0.8), curves)
    found = table.set_index("configuration")
    row = found.loc["eprop:symmetric"]
    assert row["reward"] == pytest.approx(0.76)
    assert (row["reward_low"], row["reward_high"]) == pytest.approx(stats.t.interval(0.95, 2, 0.76, 0.01 / 3**0.5))
    assert (row["chance_reward"], row["best_reward"]) == (0.5, 0.8)
    assert np.isnan(found.loc["frozen"]["reward"])
    text = printed(table)
    assert "0.760 ± 0.025" in text
    assert "reward at best" in latex_table(table)
    # The control: of tasks that say nothing of it, nothing is shown.
    plain = summary_table(runs.assign(reward=np.nan, chance_reward=np.nan, best_reward=np.nan), curves)
    assert "reward" not in plain
    assert "reward" not in printed(plain) + latex_table(plain)
