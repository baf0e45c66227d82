"""Figures of what is far from the usual: wide intervals, narrow ranges, titles of any letters, many rules."""

import itertools
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.text import Text

from workbench.figures import Results, accuracy_dots, alignment_curves, make_figures
from workbench.figures.drawings import drawings
from workbench.study.results.tables import Results as Tables
from workbench.tables.data import learning_data
from workbench.tables.text import file_stem

MEASURES = ("cosine", "cosine_per_trial", "cosine_step", "magnitude", "sign_agreement")
LAYERS = ("hidden1", "hidden2", "readout")


def study(
    titles: tuple[str, ...] = ("A", "B"), task: str = "digits", task_title: str = "Digits", seeds: int = 5
) -> Tables:
    """Return results whose intervals reach beyond what values can be, and whose panels have ranges of their own."""
    rng = np.random.default_rng(2)
    runs, curves = [], []
    for (number, title), seed in itertools.product(enumerate(("BPTT", *titles, "Frozen")), range(seeds)):
        rule = "bptt" if number == 0 else "frozen" if number > len(titles) else f"rule{number}"
        run = f"{rule}-{seed}"
        share = rng.random() ** 6
        runs.append((run, task, task_title, rule, title, "none", "64-30-20-10", seed, "done", "", "{}",
                     1 - 0.6 * share, 100.0, 1.0, np.nan if rule == "frozen" else 6.0 - number))  # fmt: skip
        for epoch in (0, 1, 4):
            curves += [(run, epoch, "network", "accuracy", "validation", 1 - 0.5 * share, ""),
                       (run, epoch, "network", "loss", "validation", 2.4 + share, ""),
                       (run, epoch, "network", "spikes_per_trial", "validation", 1 + 50 * share, "")]  # fmt: skip
            for layer, variant in itertools.product(LAYERS, ("bptt_constant", "bptt_differentiated")):
                # Each panel lies elsewhere, and the last ones highest.
                level = 0.3 * LAYERS.index(layer) + 0.4 * (variant == "bptt_differentiated")
                undefined = rule == "frozen" and layer != "readout"
                told = "The rule makes no estimate for this layer." if undefined else ""
                for measure in MEASURES:
                    value = np.nan if undefined else 1 - share if rule == "bptt" else level - 0.5 * share
                    curves.append((run, epoch, layer, measure, variant, value + (measure == "magnitude"), told))
                curves.append((run, epoch, layer, "ceiling", variant, rng.uniform(-0.6, 1), ""))
            curves += [(run, epoch, layer, "cosine", "random", 0.05, "") for layer in LAYERS]
    names = ["run_id", "task", "task_title", "rule", "title", "feedback", "network", "seed", "status", "reason",
             "parameters", "accuracy", "spikes_per_trial", "seconds", "complaints"]  # fmt: skip
    columns = ["run_id", "epoch", "layer", "measure", "reference", "value", "reason"]
    table = pd.DataFrame(curves, columns=columns).assign(estimate="", trial=0)
    return Tables(pd.DataFrame(runs, columns=names), table)


def panels(figure: Figure) -> list[Axes]:
    return [ax for part in figure.subfigs for ax in part.axes if ax.axison and ax.get_label() != "<colorbar>"]


def outside(ax: Axes) -> list[tuple[float, float]]:
    """Return the points of lines, dots and bands that lie beyond the ranges of the axes."""
    points = [np.column_stack([np.asarray(line.get_xdata(), dtype=float), np.asarray(line.get_ydata(), dtype=float)])
              for line in ax.lines if line.get_transform() == ax.transData]  # fmt: skip
    for drawn in ax.collections:
        if isinstance(drawn, PolyCollection):
            points += [np.asarray(path.vertices) for path in drawn.get_paths()]
        elif drawn.get_offset_transform() == ax.transData:
            points.append(np.asarray(drawn.get_offsets()))
    every = np.concatenate([np.asarray(part, dtype=float).reshape(-1, 2) for part in points])
    every = every[np.isfinite(every).all(axis=1)]
    (left, right), (bottom, top) = ax.get_xlim(), sorted(ax.get_ylim())
    within = (every[:, 0] >= left) & (every[:, 0] <= right) & (every[:, 1] >= bottom) & (every[:, 1] <= top)
    return [(float(x), float(y)) for x, y in every[~within]]


@pytest.fixture(scope="module")
def drawn() -> dict[str, tuple[Figure, pd.DataFrame]]:
    """Every figure of a study with the data behind it, by name."""
    return {drawing.name: (drawing.figure, drawing.data) for drawing in drawings(study())}


@pytest.fixture
def figures(drawn: dict[str, tuple[Figure, pd.DataFrame]]) -> dict[str, Figure]:
    """Every figure of a study, by name."""
    return {name: figure for name, (figure, _) in drawn.items()}


def test_everything_that_is_drawn_lies_within_the_axes(figures: dict[str, Figure]) -> None:
    assert {"accuracy", "learning", "cosine_by_depth", "trade_off", *(f"{name}_digits" for name in MEASURES)} <= set(
        figures
    )
    for name, figure in figures.items():
        for ax in panels(figure):
            assert outside(ax) == [], name
    # The control.
    ax = panels(accuracy_dots(study().runs))[0]
    ax.set_xlim(ax.get_xlim()[0], 90)
    assert outside(ax)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("accuracy", 0, 100), ("cosine_digits", -1, 1), ("cosine_step_digits", -1, 1), ("sign_agreement_digits", 0, 1)],
)
def test_intervals_end_where_values_do(
    drawn: dict[str, tuple[Figure, pd.DataFrame]], name: str, low: float, high: float
) -> None:
    _, data = drawn[name]
    assert data["low"].min() >= low
    assert data["high"].max() == high
    # The control: the interval by itself reaches further.
    assert (data["mean"] + (data["mean"] - data["low"])).max() > high


def test_interval_of_a_loss_ends_at_0_where_no_loss_is_below() -> None:
    results = study()
    of_loss = results.curves["measure"].eq("loss")
    spread = results.curves["value"].where(~of_loss, (results.curves["value"] - 2.4) ** 4)
    data = learning_data(results.runs, results.curves.assign(value=spread))
    assert data.loc[data["measure"] == "loss", "low"].min() == 0
    # The control: an interval of values of both signs goes on.
    both = results.curves["value"].where(~of_loss, results.curves["value"] - 2.6)
    data = learning_data(results.runs, results.curves.assign(value=both))
    assert data.loc[data["measure"] == "loss", "low"].min() < 0


def test_a_logarithmic_axis_has_two_numbers_at_least(figures: dict[str, Figure]) -> None:
    scales = []
    for name, figure in figures.items():
        for ax in panels(figure):
            low, high = ax.get_ylim()
            scales.append(ax.get_yscale())
            if ax.get_yscale() in {"log", "function"} and ax.yaxis.get_visible():
                places = [place for place in ax.yaxis.get_majorticklocs() if low <= place <= high]
                assert len(set(ax.yaxis.get_major_formatter().format_ticks(places)) - {""}) >= 2, name
    assert {"log", "function"} <= set(scales)


def test_single_trials_are_not_held_to_the_ceiling_of_batches(figures: dict[str, Figure]) -> None:
    def legend(figure: Figure) -> str:
        return " ".join(text.get_text() for text in figure.findobj(Text) if isinstance(text, Text))

    assert "ceiling" in legend(figures["cosine_digits"])
    assert "range over the networks of a panel, of all rules and seeds" in legend(figures["cosine_digits"])
    for name in ("cosine_per_trial_digits", "magnitude_digits"):
        assert "ceiling" not in legend(figures[name])
        assert "range over the networks" not in legend(figures[name])


TITLES = (
    r"Cost in $ and \$",
    r"$\frac{",
    "[/x] [bold]",
    "\x1b[31mred\x1b[0m",
    "a/b\nc",
    "W" * 5000,
    "e^{x}_$",
)


def test_titles_of_any_letters_are_drawn_as_they_are(tmp_path: Path) -> None:
    results = study(TITLES, "a/../\x1b$b", "$\\frac{ [/x] \x1b", seeds=2)
    reason = "$\\frac{ [/x] \x1b" + "x" * 5000
    results.runs.loc[results.runs["rule"] == "rule2", ["status", "reason"]] = "diverged", reason
    results = Tables(results.runs, results.curves[results.curves["measure"].isin(["cosine", "loss"])])
    paths = make_figures(results, tmp_path)
    names = {path.name for path in paths}
    assert names <= {path.name for path in tmp_path.iterdir()}
    assert {"accuracy.pdf", "learning.pdf", "cosine_by_depth.pdf", "trade_off.pdf"} <= names
    assert len([name for name in names if name.endswith(".pdf")]) == 7
    figure = accuracy_dots(results.runs)
    shown = {text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)}
    assert "$\\frac{ [/x] \\x1b" in shown
    assert {r"Cost in $ and \$", r"$\frac{", "[/x] [bold]", "\\x1b[31mred\\x1b[0m", "a/b c"} <= shown
    assert max(map(len, shown)) < 600
    assert not any("\x1b" in text for text in shown)
    written = (tmp_path / "summary.txt").read_text() + (tmp_path / "summary.tex").read_text()
    assert "\x1b" not in written
    assert "[/x] [bold]" in written


def pair(results: Results) -> tuple[pd.DataFrame, pd.DataFrame]:
    return results.runs, results.curves


def test_rules_of_one_title_are_told_apart() -> None:
    results = study(("Same", "Same"))
    figure = alignment_curves(*pair(results))
    shown = [text.get_text() for text in figure.findobj(Text) if isinstance(text, Text)]
    assert {"Same (rule1)", "Same (rule2)"} <= set(shown)


def test_names_of_files_stay_different() -> None:
    names = ["a/b", "a_b", "a b", "W" * 5000, "W" * 5001, "..", "\x1b", "\ud800"]
    stems = [file_stem(name) for name in names]
    assert len(set(stems)) == len(names)
    assert stems[1] == "a_b"
    assert all(re.fullmatch(r"[\w()-]{1,70}", stem) for stem in stems)
