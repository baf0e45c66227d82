"""Studies that vary a key: without training, by rules of a file beside them, from tables in place of a file."""

import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.end_to_end.command import PLUGIN, workbench
from workbench import load_results, make_figures, run_study
from workbench.common.errors import StudyError
from workbench.figures.sweep import sweep_curves
from workbench.tables.sweep import sweep_data

SWEPT = """plugins = ["mine.py"]
seeds = [0, 1]
question = "How far does depth take a rule from the gradient?"
[network]
neuron_parameters = { tau_syn = "5 ms" }
weights = { hidden_mean = 12.0, hidden_std = 5.0 }
[train]
epochs = 0
[measure]
probe = 16
[[task]]
name = "yin_yang"
parameters = { train = 16, validation = 48, test = 48 }
[[rule]]
name = "eprop"
[[rule]]
name = "copy"
[[rule]]
name = "frozen"
[[sweep]]
name = "depth"
labels = [1, 2]
network.hidden = [[8], [8, 8]]
[[variant]]
name = "plain"
[[variant]]
name = "fast"
network.neuron_parameters.tau_mem = "10 ms"
"""


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results of the study, run by the command line in another folder."""
    folder = tmp_path_factory.mktemp("swept")
    (folder / "study.toml").write_text(SWEPT)
    (folder / "mine.py").write_text(PLUGIN)
    found = workbench("run", folder / "study.toml", "--out", folder / "out")
    assert found.code == 0, found.err
    return folder / "out"


def test_study_without_training_measures_at_the_initial_weights(swept: Path) -> None:
    found = load_results(swept)
    assert found.runs["status"].eq("done").all()
    assert found.runs["epochs"].eq(0).all()
    assert len(found.runs) == 2 * 2 * 3 * 2
    for run_id in found.runs["run_id"]:
        initial, trained = (found.weights(run_id, moment) for moment in ("initial", "trained"))
        assert all((initial[name] == trained[name]).all() for name in initial)
    assert found.curves["epoch"].eq(0).all()


def test_rule_of_a_file_beside_the_study_does_what_its_equations_do(swept: Path) -> None:
    """Its equations are e-prop's, and so are its cosines; each condition has its own."""
    found = load_results(swept)
    data = sweep_data(found.runs, found.curves, "depth")
    of_layer = data["measure"].eq("cosine, hidden 1\n(reset differentiated)")
    cosines = data[of_layer].set_index(["rest", "x", "seed"])
    own, copy = (cosines.loc[cosines["rule"] == rule, "value"] for rule in ("eprop", "copy"))
    pd.testing.assert_series_equal(own, copy)
    assert set(own.index.get_level_values("rest")) == {"plain", "fast"}
    assert own.nunique() == 2 * 2 * 2


def test_same_study_as_tables_is_the_same_study(swept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is run again: its runs have the same names, and are stored."""
    monkeypatch.chdir(swept.parent)
    tables = tomllib.loads(SWEPT) | {"name": swept.parent.name}
    found = run_study(tables, swept)
    pd.testing.assert_frame_equal(found.runs, load_results(swept).runs)
    with pytest.raises(StudyError, match=r"study.toml: 'sweeps' is not a key. Did you mean 'sweep'"):
        run_study({"sweeps": []}, tmp_path / "out")
    with pytest.raises(StudyError, match="A study's 'name' must be one of letters"):
        run_study({"name": "../up"}, tmp_path / "out")


def test_figures_are_along_each_axis_or_of_one_condition(swept: Path, tmp_path: Path) -> None:
    found = load_results(swept)
    names = {path.stem for path in make_figures(found, tmp_path / "all")}
    assert names == {"along_depth", "along_variant", "measured", "summary"}
    one = {path.stem for path in make_figures(found, tmp_path / "one", ["depth=2", "variant=fast"])}
    assert "cosine_by_depth" in one
    assert not one & {"along_depth", "along_variant"}


def test_figure_shows_every_run_at_its_value(swept: Path) -> None:
    found = load_results(swept)
    data = sweep_data(found.runs, found.curves, "depth")
    figure = sweep_curves(found.runs, found.curves, "depth")
    panels = [axis for part in figure.subfigs for axis in part.axes]
    assert len(panels) == data["measure"].nunique() * 2
    dots = [len(np.asarray(line.get_xdata())) for panel in panels for line in panel.lines if line.get_marker() == "."]
    assert sum(dots) == len(data)
