"""Figures of alignment: by depth, between all rules, and against what a rule needs to know."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from workbench.common.errors import StudyError
from workbench.declare.configuration import configuration_name
from workbench.figures import (
    Results,
    alignment_by_depth,
    alignment_matrix,
    depth_data,
    make_figures,
    matrix_data,
    trade_off,
    trade_off_data,
)

#: Rule, feedback, title, complaints, accuracy, and the cosine of the lowest and the upper hidden layer.
RULES = [
    ("bptt", "none", "BPTT", 6.0, 0.95, (1.0, 1.0)),
    ("eprop", "symmetric", "e-prop", 4.0, 0.94, (0.7, 0.9)),
    ("eprop", "random_direct", "e-prop", 3.0, 0.9, (0.1, 0.5)),
    ("dcll", "local_readout", "DCLL", 2.5, 0.91, (0.0, 0.3)),
    ("frozen", "none", "Frozen", np.nan, 0.8, (np.nan, np.nan)),
]
NAMES = [
    "bptt_constant",
    "bptt_differentiated",
    "eprop:symmetric",
    "eprop:random_direct",
    "dcll:local_readout",
    "random",
]


class Tables:
    """The two tables of a study."""

    def __init__(self, runs: pd.DataFrame, curves: pd.DataFrame) -> None:
        self.runs, self.curves = runs, curves


def study(seeds: int = 3) -> Tables:
    """Return a study of one task in which each seed adds a hundredth to cosines and accuracies."""
    runs, curves = [], []
    for rule, feedback, title, complaints, accuracy, cosines in RULES:
        for seed in range(seeds):
            run, shift = f"{rule}{feedback}{seed}", 0.01 * (seed - (seeds - 1) / 2)
            runs.append((run, "digits", rule, title, feedback, "64-30-20-10", seed, "done", "", "{}", accuracy + shift,
                         complaints))  # fmt: skip
            for epoch in (0, 4):
                for layer, cosine in zip(("hidden1", "hidden2", "readout"), (*cosines, 1.0), strict=True):
                    value = cosine + shift if epoch == 4 and np.isfinite(cosine) else cosine / 2
                    reason = "" if np.isfinite(value) else "The rule makes no estimate for this layer."
                    curves += [(run, epoch, layer, "", "bptt_differentiated", value, reason),
                               (run, epoch, layer, "", "random", 0.02, "")]  # fmt: skip
                    if rule in ("bptt", "dcll"):
                        level = {"bptt": 0.1, "dcll": 0.2}[rule]
                        curves += [
                            (run, epoch, layer, name, other, level * (index - place) + shift, "")
                            for index, name in enumerate(NAMES)
                            for place, other in enumerate(NAMES[:index])
                        ]
                if rule in ("bptt", "dcll"):
                    curves.append(
                        (run, epoch, "network", "superspike", "bptt_differentiated", np.nan, "Not its readout.")
                    )
    columns = ["run_id", "epoch", "layer", "estimate", "reference", "value", "reason"]
    table = pd.DataFrame(curves, columns=columns).assign(measure="cosine", trial=0)
    names = ["run_id", "task", "rule", "title", "feedback", "network", "seed", "status", "reason", "parameters",
             "accuracy", "complaints"]  # fmt: skip
    return Tables(pd.DataFrame(runs, columns=names).assign(spikes_per_trial=1.0, seconds=1.0), table)


@pytest.fixture(scope="module")
def results() -> Tables:
    return study()


def test_depth_is_that_of_the_last_probe(results: Tables) -> None:
    data = depth_data(results.runs, results.curves)
    own = data[(data["configuration"] == "eprop:random_direct") & (data["kind"] == "rule")]
    assert own.groupby("place")["mean"].first().tolist() == pytest.approx([0.1, 0.5])
    assert sorted(own.loc[own["place"] == 2, "value"]) == pytest.approx([0.49, 0.5, 0.51])
    assert set(data.loc[data["kind"] == "random", "value"]) == {0.02}
    assert "readout" not in set(data["layer"])


def test_lines_of_depth_are_the_means(results: Tables) -> None:
    (axis,) = alignment_by_depth(results.runs, results.curves).axes
    drawn = [np.array(line.get_ydata(), dtype=float) for line in axis.lines]
    for *_, cosines in RULES[:-1]:
        assert any(np.allclose(line, cosines) for line in drawn if line.shape == (2,))


def test_matrix_is_of_one_trainer_and_has_both_halves(results: Tables) -> None:
    data = matrix_data(results.runs, results.curves, "digits").set_index(["layer", "estimate", "reference"])
    assert set(data["trainer"]) == {"bptt"}
    for layer in ("hidden1", "hidden2", "readout"):
        value = data.loc[(layer, "dcll:local_readout", "eprop:symmetric"), "value"]
        assert value == pytest.approx(0.2)
        assert data.loc[(layer, "eprop:symmetric", "dcll:local_readout"), "value"] == pytest.approx(0.2)
    assert data.loc[("network", "superspike", "bptt_differentiated"), "reason"] == "Not its readout."
    other = matrix_data(results.runs, results.curves, "digits", "dcll:local_readout")
    other = other.set_index(["layer", "estimate", "reference"])
    assert other.loc[("hidden1", "dcll:local_readout", "eprop:symmetric"), "value"] == pytest.approx(0.4)
    with pytest.raises(StudyError, match=r"'dcl:local_readout' trained nothing .* Did you mean 'dcll:local_readout'"):
        matrix_data(results.runs, results.curves, "digits", "dcl:local_readout")
    with pytest.raises(StudyError, match=r"^No finished run of 'digits' asked other rules\. Set 'measure\.passive'"):
        matrix_data(results.runs, results.curves[results.curves["estimate"] == ""], "digits")


def test_cells_of_the_matrix_are_its_numbers(results: Tables) -> None:
    figure = alignment_matrix(results.runs, results.curves, "digits")
    first = figure.axes[0]
    # BPTT's two variants first; nothing on the diagonal.
    assert len(first.texts) >= len(NAMES) * (len(NAMES) - 1)
    (image,) = first.images
    values = np.asarray(image.get_array(), dtype=float)
    assert values[1, 0] == values[0, 1] == pytest.approx(0.1)
    assert np.isnan(np.diag(values)).all()
    told = " ".join(text.get_text() for part in figure.subfigs for text in part.texts)
    assert "superspike skipped: Not its readout." in told
    assert "Trained by BPTT" in told


def test_trade_off_marks_who_needs_little_and_is_accurate(results: Tables) -> None:
    data = trade_off_data(results.runs, results.curves).set_index("configuration")
    assert data["accuracy"].to_dict() == pytest.approx(
        {configuration_name(rule, feedback): 100 * accuracy for rule, feedback, _, _, accuracy, _ in RULES}
    )
    assert data.loc["eprop:symmetric", "cosine"] == pytest.approx(0.8)
    # Of three seeds the range, of five the interval, which is wider than a deviation of the mean.
    assert data.loc[["eprop:symmetric"], ["low", "high"]].to_numpy()[0] == pytest.approx([93.0, 95.0])
    five = study(5)
    of_five = trade_off_data(five.runs, five.curves).set_index("configuration")
    assert of_five.loc[["eprop:symmetric"], ["low", "high"]].to_numpy()[0] == pytest.approx(
        [94 - 1.963, 94 + 1.963], abs=1e-3
    )
    # Random feedback needs more than DCLL and is less accurate; what makes no estimate needs nothing.
    assert data["best"].to_dict() == {
        "bptt": True,
        "eprop:symmetric": True,
        "eprop:random_direct": False,
        "dcll:local_readout": True,
        "frozen": True,
    }
    assert data["complaints"].to_dict()["frozen"] == 0
    assert data["cosine"].isna().sum() == 1


def test_a_rule_below_a_network_that_never_learns_is_not_among_the_best(results: Tables) -> None:
    runs = results.runs.copy()
    runs.loc[runs["rule"] == "dcll", "accuracy"] = 0.7
    best = trade_off_data(runs, results.curves).set_index("configuration")["best"]
    assert not best["dcll:local_readout"]
    assert best["frozen"]
    # Where nothing was probed nobody knows whether a rule makes an estimate.
    nothing = results.curves[~results.curves["run_id"].str.startswith("frozen")]
    unknown = trade_off_data(runs, nothing).set_index("configuration")
    assert unknown["complaints"].isna().to_dict()["frozen"]
    assert unknown.loc["dcll:local_readout", "best"]


def test_trade_off_draws_each_rule_where_its_numbers_are(results: Tables) -> None:
    (axis,) = trade_off(results.runs, results.curves).axes
    marks = {}
    for line in axis.lines:
        if line.get_marker() not in ("None", None, ""):
            (x,), (y,) = np.asarray(line.get_xdata(), dtype=float), np.asarray(line.get_ydata(), dtype=float)
            marks[float(x), round(float(y), 6)] = line.get_markersize()
    assert set(marks) == {(complaints, 100 * accuracy) for _, _, _, complaints, accuracy, _ in RULES[:-1]} | {(0, 80.0)}
    # The better aligned, the larger.
    assert marks[4.0, 94.0] > 1.5 * marks[3.0, 90.0]


def test_all_of_them_are_among_the_figures_of_a_study(results: Results, tmp_path: Path) -> None:
    names = {path.name for path in make_figures(results, tmp_path)}
    for stem in ("cosine_by_depth", "trade_off", "matrix_digits"):
        assert {f"{stem}.pdf", f"{stem}.png", f"{stem}.csv"} <= names
    assert "Cosine of a random update with BPTT: 0.02" in (tmp_path / "summary.txt").read_text()


def test_results_without_them_are_drawn_as_before(results: Tables, tmp_path: Path) -> None:
    own = results.curves[results.curves["estimate"] == ""].drop(columns="estimate")
    names = {path.name for path in make_figures(Tables(results.runs.drop(columns="complaints"), own), tmp_path)}
    assert "cosine_by_depth.pdf" in names
    assert not {"trade_off.pdf", "matrix_digits.pdf"} & names


def test_own_curves_are_not_those_of_others(results: Tables) -> None:
    """At their first probe others would have said something else of a rule than it says of itself."""
    data = depth_data(results.runs, results.curves)
    assert len(data[data["kind"] == "rule"]) == 2 * len(RULES) * 3
