"""Planned comparisons and repetitions, from the study file to what is printed; the training is a fake one."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from tests.study.work.test_runner import a_registry, train
from workbench.command.printing import print_summary
from workbench.common.errors import StudyError
from workbench.figures.all_figures import make_figures
from workbench.study.results.collecting import collect
from workbench.study.results.tables import Results, load_results
from workbench.study.work.runner import run_study
from workbench.tables.conditions import axes
from workbench.tables.contrasts import contrasts_table
from workbench.tables.data import prepared
from workbench.tables.measured import measured_table
from workbench.tables.sweep import sweep_data

Run = Callable[[str], Results]

CONTRAST = '[[contrast]]\nof = "eprop"\nminus = "still"\n'
REPEATED = "[[sweep]]\ntrain.batch = [1, 2]\nreplicate = true\n"


def test_planned_comparison_is_printed_stored_and_written(run_with: Run, tmp_path: Path) -> None:
    results = run_with(CONTRAST)
    assert results.contrasts == [{"of": "eprop:symmetric", "minus": "still", "measure": "accuracy"}]
    assert load_results(tmp_path / "out").contrasts == results.contrasts
    terminal = Console(file=io.StringIO(), width=160, record=True)
    print_summary(results, terminal)
    assert "Planned comparisons" in terminal.export_text()
    make_figures(results, tmp_path / "figures")
    (row,) = pd.read_csv(tmp_path / "figures" / "contrasts.csv").to_dict("records")
    assert (row["n"], row["difference"]) == (3, 0.0)
    # The fake training is the same for both rules.
    assert "All seeds have the same difference" in row["reason"]


TWICE = '[[rule]]\nname = "eprop"\nparameters = { behaviour = "also well" }\n'
OF_TWO_SETS = """[[contrast]]
of = "e-prop (behaviour = also well), symmetric"
minus = "e-prop (behaviour = well), symmetric"
"""
VARIANTS = '[[variant]]\nname = "plain"\n[[variant]]\nname = "fast"\ntrain.batch = 2\n'
BATCHES = "[[sweep]]\ntrain.learning_rate = [0.1, 0.2]\n"
OF_VARIANTS = '[[contrast]]\nof = "eprop"\nof_at = ["variant=fast"]\nminus = "eprop"\nminus_at = ["variant=plain"]\n'


def test_two_sets_of_parameters_of_one_rule_are_compared_by_what_tables_call_them(
    run_with: Run, tmp_path: Path
) -> None:
    results = run_with(
        TWICE + OF_TWO_SETS + '[[contrast]]\nof = "still"\nminus = "e-prop (behaviour = well), symmetric"\n'
    )
    names = {name: list(own["run_id"]) for name, own in prepared(results.runs).groupby("configuration")}
    also, well = (next(own for name, own in names.items() if text in str(name)) for text in ('"also well"', '"well"'))
    one, other = results.contrasts
    assert (set(one["of_runs"]), set(one["minus_runs"])) == (set(also), set(well))
    assert (other["of"], set(other["minus_runs"])) == ("still", set(well))
    assert load_results(tmp_path / "out").contrasts == results.contrasts
    table = contrasts_table(results.runs, results.contrasts)
    assert table["of"].tolist() == ["e-prop (behaviour = also well), symmetric", "Still"]
    assert table["minus"].tolist() == ["e-prop (behaviour = well), symmetric"] * 2
    # The fake training is the same for all.
    assert table[["n", "difference"]].to_numpy().tolist() == [[3, 0], [3, 0]]
    assert table["p"].isna().all()


def test_variants_are_compared_within_each_value_of_the_other_axes(run_with: Run) -> None:
    results = run_with(VARIANTS + BATCHES + OF_VARIANTS)
    table = contrasts_table(results.runs, results.contrasts)
    assert table["task_title"].tolist() == ["Toy, learning_rate 0.1", "Toy, learning_rate 0.2"]
    assert set(table["of"]) == {"e-prop, symmetric, fast"}
    assert set(table["minus"]) == {"e-prop, symmetric, plain"}
    fast = [json.loads(text) == {"variant": "fast", "learning_rate": 0.2} for text in results.runs["condition"]]
    better = results.runs.assign(accuracy=results.runs["accuracy"].where(~np.array(fast), 1.0))
    first, second = contrasts_table(better, results.contrasts)["difference"]
    mean = float(results.runs.loc[fast, "accuracy"][results.runs["rule"] == "eprop"].mean())
    assert (first, second) == (0.0, pytest.approx(100 * (1 - mean)))


def test_what_an_axis_does_not_change_is_compared_with_each_of_its_values(run_with: Run) -> None:
    """A run that stands at all values of an axis stands at those that are named."""
    text = '[[sweep]]\nrule.behaviour = ["well", "also well"]\n[[contrast]]\nof = "eprop"\nminus = "still"\n'
    text += 'of_at = ["behaviour=also well"]\nminus_at = ["behaviour=well"]\n'
    (row,) = contrasts_table((results := run_with(text)).runs, results.contrasts).to_dict("records")
    assert (row["of"], row["minus"]) == ("e-prop, symmetric, behaviour also well", "Still, behaviour well")
    assert (row["task_title"], row["n"]) == ("Toy", 3)


def test_parts_of_a_study_are_compared_once_they_are_together(run_with: Run, tmp_path: Path) -> None:
    whole = run_with(TWICE + OF_TWO_SETS)
    parts = [tmp_path / f"part{number}" for number in (1, 2)]
    for number, folder in enumerate(parts, 1):
        run_study(
            tmp_path / "study.toml", folder, 2, registry=a_registry(), train=train, shard=f"{number}/2",
            console=Console(file=io.StringIO()),
        )  # fmt: skip
    together = collect(tmp_path / "together", parts)
    assert together.contrasts == whole.contrasts
    pd.testing.assert_frame_equal(
        contrasts_table(together.runs, together.contrasts), contrasts_table(whole.runs, whole.contrasts)
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            TWICE + CONTRAST,
            r"'eprop' may be 'e-prop \(behaviour = well\), symmetric' or 'e-prop \(behaviour = also well",
        ),
        (
            TWICE + '[[contrast]]\nof = "e-prop (behaviour = wel), symmetric"\nminus = "still"\n',
            r"no rule 'e-prop \(behaviour = wel\), symmetric'. Did you mean 'e-prop \(behaviour = well\), symmetric'",
        ),
        (
            VARIANTS + OF_VARIANTS.replace("=fast", "=fst"),
            "'of_at': axis 'variant' has no label 'fst'. Did you mean 'fast'",
        ),
        (VARIANTS + OF_VARIANTS.replace("variant=fast", "varant=fast"), "'of_at': 'varant=fast' must be .*'variant'"),
        (
            VARIANTS + BATCHES + OF_VARIANTS.replace('fast"]', 'fast", "learning_rate=0.1"]'),
            "'of_at' and 'minus_at' must have the same axes, and 'learning_rate' is in one of them alone",
        ),
        (VARIANTS + OF_VARIANTS.replace("=fast", "=plain"), "'of' and 'minus' are both 'eprop'"),
        (
            VARIANTS + OF_VARIANTS.replace('fast"]', 'fast", "variant=plain"]'),
            "'of_at' has several labels on axis 'variant'. Choose one",
        ),
        (
            VARIANTS
            + '[[rule]]\nname = "eprop"\nfeedback = "random_direct"\nvariants = ["fast"]\n[[rule]]\nname = "eprop"\n'
            'feedback = "random_chained"\nvariants = ["plain"]\n[[contrast]]\nof = "eprop:random_direct"\n'
            'minus = "eprop:random_chained"\n',
            "no task and condition has both 'eprop:random_direct' and 'eprop:random_chained'",
        ),
        ('[[contrast]]\nof = "eprp"\nminus = "still"\n', r"\[\[contrast\]\] 1: the study has no rule 'eprp'. .*'eprop"),
        ('[[contrast]]\nof = "still"\nminus = "still"\n', "'of' and 'minus' are both 'still'"),
        ('[[contrast]]\nof = "eprop"\n', "'minus' is missing"),
        (CONTRAST + 'measure = "speed"\n', "'measure' must be 'accuracy', 'loss', 'reward' or 'spikes_per_trial'"),
        (
            '[[rule]]\nname = "eprop"\nfeedback = "random_direct"\n' + CONTRAST,
            "'eprop' may be 'eprop:symmetric' or 'eprop:random_direct'",
        ),
    ],
)
def test_mistake_is_told_before_anything_is_run(run_with: Run, tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(StudyError, match=message):
        run_with(text)
    assert not (tmp_path / "out").exists()


def test_repetitions_count_as_seeds_and_are_no_condition(run_with: Run) -> None:
    results = run_with(REPEATED + CONTRAST)
    assert len(results.runs) == 2 * 2 * 3
    assert {json.loads(text)["train.batch*"] for text in results.runs["condition"]} == {1, 2}
    assert axes(results.runs) == {}
    table = prepared(results.runs)
    assert set(table["task"]) == {"toy"}
    assert set(table["configuration"]) == {"eprop:symmetric", "still"}
    assert sorted(table.loc[table["rule"] == "still", "seed"]) == [0, 1, 2, 3, 4, 5]


def test_measured_table_has_each_mean_once_and_counts_what_is_undefined(run_with: Run) -> None:
    results = run_with("")
    table = measured_table(results.runs, results.curves)
    assert not table.duplicated(["task", "configuration", "estimate", "layer", "measure", "reference", "epoch"]).any()
    first, second = (table[(table["epoch"] == epoch) & (table["configuration"] == "still")].iloc[0] for epoch in (0, 1))
    assert (first["n"], first["undefined"], first["reason"]) == (0, 3, "not trained yet")
    still = results.runs.loc[results.runs["rule"] == "still", "run_id"]
    values = results.curves[results.curves["run_id"].isin(still) & (results.curves["epoch"] == 1)]["value"]
    assert (second["n"], second["undefined"]) == (3, 0)
    assert second["mean"] == pytest.approx(values.mean())


def test_spikes_along_an_axis_are_shown_where_there_are_any(run_with: Run) -> None:
    results = run_with("[[sweep]]\ntrain.batch = [1, 2]\n")
    silent = results.runs.assign(spikes_per_trial=0.0)
    assert set(sweep_data(silent, results.curves, "batch")["measure"]) == {"test accuracy (%)"}
    shown = sweep_data(results.runs.assign(spikes_per_trial=3.0), results.curves, "batch")
    assert set(shown["measure"]) == {"test accuracy (%)", "hidden spikes\nper trial"}
