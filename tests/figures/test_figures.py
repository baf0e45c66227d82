"""The figures show what the results hold: every configuration, its gaps, its references, and nothing made up."""

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import get_args
from unittest.mock import Mock

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from matplotlib.text import Text

from tests.figures.conftest import FEW, SAVE
from tests.users import snapshot
from workbench.audit.locality.dependency_graph import Kind
from workbench.common.errors import StudyError
from workbench.figures import (
    accuracy_data,
    accuracy_dots,
    alignment_curves,
    alignment_data,
    learning_curves,
    learning_data,
    legend,
    make_figures,
    rule_colour,
)
from workbench.figures.locality import ARROWS
from workbench.figures.style import MM, style
from workbench.tables.appearance import looks

FEEDBACK = ("symmetric", "random_direct", "random_chained")
CONFIGURATIONS = [("bptt", "none"), ("frozen", "none"), *itertools.product(("dcll", "eprop"), FEEDBACK)]
TITLES = {"bptt": "BPTT", "frozen": "frozen", "dcll": "DCLL", "eprop": "e-prop"}
VARIANTS = ("bptt_constant", "bptt_differentiated")
EPOCHS = (0, 1, 2, 4, 8, 10)
SUMMARIES = ["summary.csv", "summary.md", "summary.tex", "summary.txt"]


@dataclass(frozen=True)
class Tables:
    runs: pd.DataFrame
    curves: pd.DataFrame


def synthetic(n_seeds: int) -> Tables:
    """Return results of two tasks; one run has diverged, one value is undefined, frozen has no alignment."""
    rng = np.random.default_rng(1)
    runs, curves = [], []
    for (task, outputs), (rule, feedback), seed in itertools.product(
        (("digits", 10), ("yin_yang", 3)), CONFIGURATIONS, range(n_seeds)
    ):
        run = f"{task}-{rule}-{feedback}-{seed}"
        diverged = (task, rule, feedback, seed) == ("digits", "dcll", "random_chained", 1)
        accuracy = np.nan if diverged else 0.95 - 0.1 * (rule == "frozen") + 0.01 * rng.standard_normal()
        status, reason = ("diverged", "the loss is not finite") if diverged else ("done", "")
        runs.append((run, task, rule, TITLES[rule], feedback, f"64-60-60-{outputs}", seed, status, reason, "{}",
                     accuracy, 120.0, 20.0, 1 / outputs, 1.2 / outputs))  # fmt: skip
        for epoch in EPOCHS:
            share = 1 - np.exp(-epoch / 2)
            learned = 1 / outputs + (0.95 - 1 / outputs) * share
            rows = [("network", "accuracy", "validation", learned), ("network", "loss", "validation", 2.3 - 2 * share),
                    ("network", "spikes_per_trial", "validation", 100.0 + epoch)]  # fmt: skip
            for layer, variant in itertools.product(("hidden1", "hidden2", "readout"), VARIANTS):
                gap = (layer, rule, feedback, seed, epoch) == ("hidden1", "eprop", "symmetric", 0, 2)
                own = np.nan if gap or (rule == "frozen" and layer != "readout") else 0.5 + 0.05 * rng.random()
                rows += [
                    (layer, "cosine", variant, 1.0 if layer == "readout" else own),
                    (layer, "ceiling", variant, 0.85),
                ]
                rows += [(layer, "magnitude", variant, own * 2), (layer, "sign_agreement", variant, 0.5 + own / 3)]
            rows += [(layer, "cosine", "random", 0.01 * rng.standard_normal()) for layer in ("hidden1", "hidden2")]
            curves += [(run, epoch, epoch * 100, *row, "zero gradient" if np.isnan(row[-1]) else "") for row in rows]
    names = ["run_id", "task", "rule", "title", "feedback", "network", "seed", "status", "reason", "parameters",
             "accuracy", "spikes_per_trial", "seconds", "chance", "validation_chance"]  # fmt: skip
    columns = ["run_id", "epoch", "trial", "layer", "measure", "reference", "value", "reason"]
    return Tables(pd.DataFrame(runs, columns=names), pd.DataFrame(curves, columns=columns))


@pytest.fixture(scope="module")
def three() -> Tables:
    return synthetic(3)


@pytest.fixture(scope="module")
def five() -> Tables:
    return synthetic(5)


def axes(figure: Figure) -> list[Axes]:
    return [ax for part in figure.subfigs for ax in part.axes]


def texts(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.findobj(Text) if isinstance(text, Text))


def test_widths_are_those_of_journals(three: Tables) -> None:
    one = three.runs[three.runs["task"] == "digits"]
    assert learning_curves(one, three.curves).get_size_inches()[0] == pytest.approx(89 * MM)
    assert learning_curves(three.runs, three.curves).get_size_inches()[0] == pytest.approx(183 * MM)


def test_learning_has_a_row_per_measure_and_a_column_per_task(three: Tables) -> None:
    panels = axes(learning_curves(three.runs, three.curves))
    assert [ax.get_title() for ax in panels] == ["digits", "yin yang", "", "", "", ""]
    assert [ax.get_ylabel().replace("\n", " ") for ax in panels[::2]] == [
        "validation accuracy (%)",
        "validation loss",
        "hidden spikes per trial",
    ]


def test_chance_is_that_of_the_split(three: Tables) -> None:
    data = learning_data(three.runs, three.curves).groupby("task")["chance"].first()
    assert data.to_dict() == {"digits": pytest.approx(12), "yin_yang": pytest.approx(40)}
    on_test = accuracy_data(three.runs).groupby("task")["chance"].first()
    assert on_test.to_dict() == {"digits": pytest.approx(0.1), "yin_yang": pytest.approx(1 / 3)}
    levels = [np.asarray(line.get_ydata()) for line in axes(learning_curves(three.runs, three.curves))[0].lines]
    assert any(np.allclose(level, 12.0) for level in levels)


def test_unknown_chance_is_not_drawn(three: Tables) -> None:
    runs = three.runs.drop(columns=["chance", "validation_chance"])
    assert learning_data(runs, three.curves)["chance"].isna().all()
    levels = [np.asarray(line.get_ydata()) for line in axes(learning_curves(runs, three.curves))[0].lines]
    assert not any(np.allclose(level, 12.0) for level in levels)
    accuracy_dots(runs)


def test_alignment_has_a_row_per_variant_and_a_column_per_layer(three: Tables) -> None:
    digits = three.runs[three.runs["task"] == "digits"]
    figure = alignment_curves(digits, three.curves)
    assert [ax.get_title() for ax in axes(figure)][:3] == ["digits: hidden 1", "digits: hidden 2", "digits: readout"]
    labels = [axes(figure)[index].get_ylabel() for index in (0, 3)]
    assert labels == ["cosine with BPTT\n(reset constant)", "cosine with BPTT\n(reset differentiated)"]
    assert "all rules coincide" in texts(figure)
    assert "ceiling" in texts(figure)
    assert "random update" in texts(figure)
    assert len(axes(alignment_curves(three.runs, three.curves))) == 12


@pytest.mark.parametrize("measure", ["cosine", "magnitude"])
def test_where_rules_coincide_is_said_within_the_panel(three: Tables, measure: str) -> None:
    """Their line is at the upper end of cosines, and at the lower end where another layer has large magnitudes."""
    curves = three.curves
    large = (curves["measure"] == "magnitude") & (curves["layer"] == "hidden1")
    same = (curves["measure"] == "magnitude") & (curves["layer"] == "readout")
    curves = curves.assign(value=curves["value"].mask(large, 30 * curves["value"]).mask(same, 1.0))
    digits = three.runs[three.runs["task"] == "digits"]
    figure = alignment_curves(digits, curves, measure)
    figure.canvas.draw()
    labels = [text for text in figure.findobj(Text) if isinstance(text, Text) and "coincide" in text.get_text()]
    assert labels
    for label in labels:
        assert label.axes is not None
        panel, place = label.axes.get_window_extent(), label.get_window_extent()
        assert panel.y0 < place.y0 < place.y1 < panel.y1


def test_undefined_values_are_gaps_with_a_note_never_zero(three: Tables) -> None:
    digits = three.runs[three.runs["task"] == "digits"]
    data = alignment_data(digits, three.curves)
    rules = data[data["kind"] == "rule"]
    assert (rules["value"].dropna() > 0.4).all()
    gap = rules[(rules["configuration"] == "eprop:symmetric") & (rules["layer"] == "hidden1") & (rules["epoch"] == 2)]
    assert gap["mean"].isna().all()
    assert set(gap["n"]) == {2}
    figure = alignment_curves(digits, three.curves)
    assert "e-prop, symmetric: 2 of 36 values undefined in hidden 1: zero gradient." in texts(figure)
    assert "frozen: undefined in hidden 1, hidden 2: zero gradient." in texts(figure)
    colour = rule_colour("frozen")
    assert not [line for line in axes(figure)[0].lines if same_color(line.get_color(), colour)]
    broken = [np.asarray(line.get_ydata(), dtype=float) for line in axes(figure)[0].lines]
    assert any(np.isnan(line).sum() == 1 and len(line) == len(EPOCHS) for line in broken)


def test_a_diverged_run_is_named_and_in_no_mean(three: Tables) -> None:
    figure = accuracy_dots(three.runs)
    assert "digits: DCLL, random chained diverged (seed 1): the loss is not finite." in texts(figure)
    data = accuracy_data(three.runs)
    own = data[(data["task"] == "digits") & (data["configuration"] == "dcll:random_chained")]
    assert set(own["n"]) == {2}
    assert own["mean"].iloc[0] == pytest.approx(own["value"].mean())
    learning = learning_data(three.runs, three.curves)
    own = learning[(learning["task"] == "digits") & (learning["configuration"] == "dcll:random_chained")]
    assert set(own["seed"]) == {0, 2}


def test_a_configuration_without_results_keeps_its_row(three: Tables) -> None:
    frozen = three.runs["rule"] == "frozen"
    status = three.runs["status"].mask(frozen, "skipped")
    figure = accuracy_dots(three.runs.assign(status=status, accuracy=three.runs["accuracy"].mask(frozen)))
    assert "skipped" in [text.get_text() for text in axes(figure)[0].texts]
    assert "frozen" in [label.get_text() for label in axes(figure)[0].get_yticklabels()]


@pytest.mark.parametrize("figure", [accuracy_dots, learning_curves])
def test_three_seeds_are_shown_themselves_and_five_as_intervals(three: Tables, five: Tables, figure: object) -> None:
    drawn = {
        n: accuracy_dots(tables.runs) if figure is accuracy_dots else learning_curves(tables.runs, tables.curves)
        for n, tables in ((3, three), (5, five))
    }
    assert "95 % t interval" in texts(drawn[5])
    assert "95 % t interval" not in texts(drawn[3])
    assert "{" not in texts(drawn[5])
    if figure is learning_curves:
        assert not axes(drawn[3])[0].collections
        assert len(axes(drawn[5])[1].collections) == len(CONFIGURATIONS)
        assert "thin lines: the seeds, where fewer than 5 finished" in texts(drawn[5])


def test_differences_are_taken_seed_by_seed(three: Tables) -> None:
    runs = three.runs.set_index("run_id")["accuracy"]
    data = accuracy_data(three.runs, ("frozen", "none"))
    own = data[(data["task"] == "digits") & (data["configuration"] == "bptt")].set_index("seed")["value"]
    for seed in range(3):
        expected = 100 * (runs[f"digits-bptt-none-{seed}"] - runs[f"digits-frozen-none-{seed}"])
        assert own[seed] == pytest.approx(expected)
    assert "frozen" not in set(data["rule"])
    with pytest.raises(StudyError, match=r"The baseline 'oja' needs one run per task and seed."):
        accuracy_dots(three.runs, ("oja", "none"))


def test_unknown_measure(three: Tables) -> None:
    with pytest.raises(StudyError, match=r"'cosin' is not a measure. Did you mean 'cosine'"):
        alignment_curves(three.runs, three.curves, "cosin")


def test_measure_that_was_not_recorded(three: Tables) -> None:
    with pytest.raises(StudyError, match=r"recorded 'cosine_step'. Set 'measure.probe' above 0."):
        alignment_curves(three.runs, three.curves, "cosine_step")


def test_two_strangers_of_one_colour_are_pointed_out(three: Tables) -> None:
    runs = three.runs.copy()
    assert "share a colour" not in texts(learning_curves(runs, three.curves))
    figure = learning_curves(runs, three.curves, {"dcll": "#111111", "eprop": "#111111"})
    assert "DCLL and e-prop share a colour" in texts(figure)


def test_make_figures_writes_each_figure_with_its_data(three: Tables, tmp_path: Path) -> None:
    digits = three.runs[three.runs["task"] == "digits"]
    before = snapshot()
    paths = make_figures(Tables(digits, three.curves), tmp_path / "figures")
    assert snapshot() == before
    names = [
        "accuracy",
        "accuracy_minus_frozen",
        "alignment_and_accuracy",
        "learning",
        "cosine_digits",
        "magnitude_digits",
        "sign_agreement_digits",
        "ceiling_digits",
        "cosine_by_depth",
    ]
    expected = {f"{name}{suffix}" for name in names for suffix in (".pdf", ".png", ".csv")}
    assert {path.name for path in paths} == expected | {"measured.csv", *SUMMARIES}
    assert paths[-1].name == "summary.txt"
    assert {*paths, tmp_path / "figures" / "workbench-figures.json"} == set((tmp_path / "figures").iterdir())
    assert all(path.stat().st_size > 0 for path in paths)
    pdf = (tmp_path / "figures" / "cosine_digits.pdf").read_bytes()
    assert b"/CIDFontType2" in pdf
    assert b"/Type3" not in pdf
    assert b"CreationDate" not in pdf
    data = pd.read_csv(tmp_path / "figures" / "cosine_digits.csv")
    assert sorted(data["panel"].unique()) == list("abcdef")


def test_pictures_have_300_dots_per_inch(
    three: Tables, tmp_path: Path, few_dots: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other tests draw with fewer, and find theirs, so that the comparison sees them."""
    figure = accuracy_dots(three.runs)
    sizes = []
    for dots in (SAVE.RESOLUTION, few_dots):
        monkeypatch.setattr(SAVE, "RESOLUTION", dots)
        _, picture, _ = SAVE.save(figure, accuracy_data(three.runs), tmp_path / f"dots_{dots}")
        sizes.append(int.from_bytes(picture.read_bytes()[16:20], "big"))
    assert few_dots == 300
    assert sizes == [int(figure.get_figwidth() * dots) for dots in (FEW, 300)]


def test_make_figures_of_two_networks_has_no_baseline(three: Tables, tmp_path: Path) -> None:
    """Each seed of the baseline is there twice, and nobody can say which of them another rule is to be held to."""
    parts = [three.runs, three.runs.assign(run_id=three.runs["run_id"] + "b", network="64-90-90-10")]
    curves = [three.curves, three.curves.assign(run_id=three.curves["run_id"] + "b")]
    both = Tables(*(pd.concat(tables, ignore_index=True) for tables in (parts, curves)))
    names = {path.stem for path in make_figures(both, tmp_path)}
    assert "accuracy" in names
    assert not {name for name in names if name.startswith("accuracy_minus")}


def test_make_figures_of_nothing_finished_leaves_the_tables(three: Tables, tmp_path: Path) -> None:
    runs = three.runs.assign(status="failed", reason="no compiler", accuracy=np.nan)
    paths = make_figures(Tables(runs, three.curves), tmp_path)
    assert [path.name for path in paths] == ["measured.csv", *SUMMARIES]
    assert "no compiler" in paths[3].read_text()


def test_make_figures_that_is_interrupted_leaves_what_was_there(
    three: Tables, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = three.runs[(three.runs["task"] == "digits") & (three.runs["rule"] == "bptt")]
    one = Tables(runs, three.curves[three.curves["measure"] == "loss"])
    make_figures(one, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert {"accuracy.pdf", "learning.pdf", "summary.txt"} <= {path.name for path in before}
    other = Tables(runs.assign(accuracy=runs["accuracy"] - 0.1), one.curves)
    with monkeypatch.context() as patch:
        patch.setattr(pd.DataFrame, "to_csv", Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            make_figures(other, tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    make_figures(other, tmp_path)
    after = {path: path.read_bytes() for path in tmp_path.iterdir()}
    assert after.keys() == before.keys()
    assert all(after[tmp_path / name] != before[tmp_path / name] for name in ("accuracy.csv", "summary.txt"))


def test_make_figures_without_results_or_room(three: Tables, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="The study has no runs"):
        make_figures(Tables(three.runs.iloc[:0], three.curves), tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(StudyError, match="cannot write the figures"):
        make_figures(three, tmp_path / "file")


def test_style_leaves_no_trace() -> None:
    before = dict(mpl.rcParams)
    with style():
        assert mpl.rcParams["pdf.fonttype"] == 42
    assert dict(mpl.rcParams) == before


def test_legend_has_colour_and_stroke_together_where_pathways_have_colours() -> None:
    pathways = ("symmetric", "random_direct", "learned", "weight_mirror")
    rows = [("eprop", pathway, "") for pathway in pathways] + [("frozen", "none", "")]
    table = pd.DataFrame(rows, columns=["rule", "feedback", "parameters"])
    table = table.assign(title=table["rule"], configuration=table["rule"] + table["feedback"])
    shown = list(looks(table).values())
    with style():
        alone, both = legend.handles(shown)
        rules, strokes = legend.handles(list(looks(table[table["feedback"] != "learned"]).values()))
    assert (alone, len({entry.get_color() for entry in both})) == ([], 5)
    assert [entry.get_label() for entry in both] == [look.label for look in shown]
    assert [entry.get_label() for entry in rules] == ["eprop", "frozen"]
    assert (len(strokes), {entry.get_color() for entry in strokes}) == (4, {"#404040"})


def test_whatever_weighs_a_signal_has_an_arrow() -> None:
    assert set(get_args(Kind)) | {"acted on"} == set(ARROWS)
