"""Planned comparisons against textbook numbers and simulated studies."""

import io
import json
import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from scipy.stats import t, ttest_rel

from workbench.tables.contrasts import contrasts_paper, contrasts_table, holm, resolved
from workbench.tables.paper import rich_paper

PLANNED = [{"of": "eprop:symmetric", "minus": "frozen", "measure": "accuracy"}]


def a_study(of: Sequence[float], minus: Sequence[float], **columns: object) -> pd.DataFrame:
    """Return the runs of two rules with these accuracies, seed by seed; one that is NaN has diverged."""
    rows = [
        {
            "rule": rule, "feedback": feedback, "seed": seed, "accuracy": value, "run_id": f"{rule}{seed}",
            "status": "diverged" if math.isnan(value) else "done", "loss": 1 - value,
        }
        for rule, feedback, values in (("eprop", "symmetric", of), ("frozen", "none", minus))
        for seed, value in enumerate(values)
    ]  # fmt: skip
    shared = {"task": "digits", "task_title": "Digits", "network": "", "reason": "", "chance": 0.1, "condition": "{}"}
    return pd.DataFrame([{**shared, **row, **columns} for row in rows])


OF, MINUS = [0.91, 0.93, 0.90, 0.95, 0.92], [0.85, 0.90, 0.88, 0.89, 0.91]


def test_difference_is_taken_seed_by_seed() -> None:
    (row,) = contrasts_table(a_study(OF, MINUS), PLANNED).to_dict("records")
    apart = 100 * (np.array(OF) - np.array(MINUS))
    assert row["n"] == 5
    assert row["difference"] == pytest.approx(apart.mean())
    half = t.ppf(0.975, 4) * apart.std(ddof=1) / math.sqrt(5)
    assert (row["low"], row["high"]) == pytest.approx((apart.mean() - half, apart.mean() + half))
    assert row["p"] == pytest.approx(ttest_rel(OF, MINUS).pvalue)
    assert row["p_holm"] == row["p"]
    assert row["effect"] == pytest.approx(apart.mean() / apart.std(ddof=1) * (1 - 3 / 15))
    assert apart.min() <= row["boot_low"] <= apart.mean() <= row["boot_high"] <= apart.max()
    assert row["boot_low"] == contrasts_table(a_study(OF, MINUS), PLANNED)["boot_low"][0]


def test_order_of_seeds_does_not_matter_and_their_pairing_does() -> None:
    runs = a_study(OF, MINUS)
    first = contrasts_table(runs, PLANNED)
    pd.testing.assert_frame_equal(contrasts_table(runs.iloc[::-1].reset_index(drop=True), PLANNED), first)
    other = contrasts_table(a_study(OF, MINUS[::-1]), PLANNED)
    assert other["difference"][0] == pytest.approx(first["difference"][0])
    assert other["p"][0] != pytest.approx(first["p"][0])


def test_diverged_run_is_in_no_pair_and_counts_as_chance_beside_it() -> None:
    (row,) = contrasts_table(a_study([math.nan, *OF[1:]], MINUS), PLANNED).to_dict("records")
    apart = 100 * (np.array(OF) - np.array(MINUS))
    assert (row["n"], row["lost"]) == (4, 1)
    assert row["difference"] == pytest.approx(apart[1:].mean())
    assert row["difference_with_lost"] == pytest.approx((apart[1:].sum() + 10 - 85) / 5)


@pytest.mark.parametrize(
    ("of", "minus", "reason"),
    [
        (OF[:1], MINUS[:1], "Fewer than two seeds"),
        ([math.nan, 0.9], MINUS[:2], "Fewer than two seeds"),
        ([0.75, 0.5], [0.5, 0.25], "All seeds have the same difference"),
    ],
)
def test_what_is_undefined_has_its_reason(of: list[float], minus: list[float], reason: str) -> None:
    (row,) = contrasts_table(a_study(of, minus), PLANNED).to_dict("records")
    assert reason in row["reason"]
    assert math.isnan(row["p"])
    assert math.isnan(row["p_holm"])


def test_comparisons_are_corrected_for_their_number() -> None:
    """By hand: 0.01 times 5, 0.03 times 4, then never less than those before; what is undefined was planned, too."""
    found = holm(np.array([0.03, 0.01, math.nan, 0.04, 0.2]))
    assert found[[0, 1, 3, 4]].tolist() == pytest.approx([0.12, 0.05, 0.12, 0.4])
    assert math.isnan(found[2])
    assert holm(np.array([0.5, 0.9])).tolist() == [1.0, 1.0]


def test_conditions_are_compared_within_and_counted_together() -> None:
    parts = [a_study(OF, MINUS[::step], condition=json.dumps({"depth": depth})) for depth, step in ((1, 1), (2, -1))]
    table = contrasts_table(pd.concat(parts, ignore_index=True), PLANNED)
    assert table["task_title"].tolist() == ["Digits, depth 1", "Digits, depth 2"]
    assert table["p_holm"].min() == pytest.approx(2 * table["p"].min())


def test_repetitions_are_pairs_of_their_own() -> None:
    parts = [a_study(OF[fold:], MINUS[fold:], condition=json.dumps({"task.fold*": fold})) for fold in (0, 1)]
    (row,) = contrasts_table(pd.concat(parts, ignore_index=True), PLANNED).to_dict("records")
    assert row["n"] == 9
    assert row["task_title"] == "Digits"


@pytest.mark.parametrize("pairs", [3, 5, 20])
def test_so_many_pairs_find_what_they_are_said_to_resolve_in_four_of_five_cases(pairs: int) -> None:
    generator = np.random.default_rng(pairs)
    values = generator.normal(resolved(pairs), 1.0, size=(20_000, pairs))
    statistic = values.mean(axis=1) / values.std(axis=1, ddof=1) * math.sqrt(pairs)
    found = float((np.abs(statistic) > t.ppf(0.975, pairs - 1)).mean())
    assert found == pytest.approx(0.8, abs=0.015)


def test_interval_of_the_bootstrap_stays_within_what_accuracies_can_differ_by() -> None:
    (row,) = contrasts_table(a_study([1.0, 1.0, 0.3], [0.0, 0.1, 0.2]), PLANNED).to_dict("records")
    assert row["high"] > 100
    assert row["boot_high"] <= 100


def test_printed_table_says_how_many_were_compared_and_what_is_lost() -> None:
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(rich_paper(contrasts_paper(contrasts_table(a_study([math.nan, *OF[1:]], MINUS), PLANNED))))
    text = console.export_text()
    assert "corrected for 1 planned (Holm)" in " ".join(text.split())
    assert "diverged runs counted as chance" in text
