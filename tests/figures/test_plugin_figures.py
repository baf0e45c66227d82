"""Figures that plugins offer: drawn with all others, and refused where they are none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from tests.figures.test_figures import Tables, synthetic
from workbench.common.errors import PluginError
from workbench.declare.study_figure import StudyFigure
from workbench.figures.alignment_and_accuracy import alignment_and_accuracy
from workbench.figures.all_figures import make_figures
from workbench.figures.of_plugins import of_plugins
from workbench.tables.alignment import alignment_and_accuracy_data

PLUGIN = """
import pandas as pd
from matplotlib.figure import Figure

from workbench import StudyFigure, hookimpl


def losses(results):
    figure = Figure()
    figure.subplots().plot(results.runs["seed"], results.runs["accuracy"], "o")
    return figure, results.runs[["seed", "accuracy"]].assign(panel="a")


@hookimpl
def workbench_figures():
    yield StudyFigure(name="losses", caption="Losses by seed.", function=losses)
    yield StudyFigure(name="nothing", caption="Nothing.", function=lambda results: None)
"""


def drawn(function: Callable[[Any], Any]) -> list[Any]:
    return list(of_plugins(synthetic(2), [StudyFigure(name="mine", caption="Mine.", function=function)]))


def test_figure_of_a_plugin_file_is_drawn_with_its_data(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(PLUGIN)
    results = synthetic(3)
    paths = make_figures(results, tmp_path / "out", plugins=[tmp_path / "mine.py"])
    names = {path.name for path in paths}
    assert {"losses.pdf", "losses.png", "losses.csv"} <= names
    assert not any(name.startswith("nothing") for name in names)
    assert len(pd.read_csv(tmp_path / "out" / "losses.csv")) == len(results.runs)
    without = {path.name for path in make_figures(results, tmp_path / "without")}
    assert names - without == {"losses.pdf", "losses.png", "losses.csv"}


def test_figure_is_of_the_runs_that_are_shown() -> None:
    """What it is handed are the results themselves, not a copy of other kind."""
    seen: list[object] = []
    drawn(lambda results: seen.append(results))
    assert [type(one) for one in seen] == [Tables]


def fails(_: object) -> None:
    raise KeyError("loss")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (fails, r"Figure 'mine' cannot be drawn: KeyError: 'loss' \(.*test_plugin_figures.py, line"),
        (lambda _: Figure(), "Figure 'mine' must return a figure of Matplotlib, and its data"),
        (lambda _: (Figure(), pd.DataFrame({"x": [1]})), "with the column 'panel'"),
    ],
)
def test_what_is_no_figure_is_refused(function: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(PluginError, match=message):
        drawn(function)


@pytest.mark.parametrize(
    ("given", "message"), [({"name": "a b"}, "`name` must be letters"), ({"caption": ""}, "`caption` says what")]
)
def test_record_that_is_none_is_refused(given: dict[str, str], message: str) -> None:
    with pytest.raises(PluginError, match=message):
        StudyFigure(**{"name": "mine", "caption": "Mine.", **given}, function=fails)


def test_rank_correlation_is_that_of_the_marks() -> None:
    results = synthetic(3)
    data = alignment_and_accuracy_data(results.runs, results.curves)
    assert "bptt" not in set(data["configuration"])
    for _, panel in data.groupby("panel"):
        ranks = panel[["cosine", "accuracy"]].rank()
        assert panel["rank_correlation"].iloc[0] == pytest.approx(ranks.corr().iloc[0, 1], abs=1e-12)
        assert set(panel["n"]) == {len(panel)}
    figure = alignment_and_accuracy(results.runs, results.curves)
    marks = [
        line for part in figure.subfigs for axis in part.axes for line in axis.lines if line.get_marker() != "None"
    ]
    assert len(marks) == len(data)


def test_study_without_alignment_has_no_such_figure() -> None:
    results = synthetic(3)
    assert alignment_and_accuracy_data(results.runs, results.curves[results.curves["measure"] == "loss"]).empty
