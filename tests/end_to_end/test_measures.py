"""Measures of a plugin beside a study: in its tables and figures, and in the names of its runs."""

from pathlib import Path

import numpy as np
import pytest

from tests.end_to_end.command import STUDY, workbench
from workbench import load_results
from workbench.figures.curves import alignment_curves

PLUGIN = """
import numpy as np

from workbench import EstimatedGradient, Looked, Measure, Measured, hookimpl


def ranks(found: EstimatedGradient) -> Measured:
    return Measured(FACTOR * float(np.corrcoef(found.estimate.ravel(), found.gradient.ravel())[0, 1]))


def norms(look: Looked) -> dict[str, Measured]:
    return {name: Measured(float(np.linalg.norm(weights))) for name, weights in look.weights.items()}


@hookimpl
def workbench_measures():
    yield Measure(
        name="correlation", title="correlation with BPTT", doc="Pearson's, over synapses", of="estimate",
        function=ranks, neutral=0.0, neutral_title="none",
    )
    yield Measure(name="weight_norm", title="norm of weights", unit="%", doc="Euclidean", of="layer", function=norms)
"""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a study with such a plugin beside it, and its results in 'out'."""
    folder = tmp_path_factory.mktemp("measured")
    (folder / "mine.py").write_text(PLUGIN.replace("FACTOR", "1.0"))
    study = 'plugins = ["mine.py"]\n' + STUDY + '[[rule]]\nname = "eprop"\n[[rule]]\nname = "frozen"\n'
    (folder / "study.toml").write_text(study)
    ended = workbench("run", folder / "study.toml", "--out", folder / "out")
    assert ended.code == 0, ended.err
    return folder


def test_measures_of_a_plugin_are_in_the_tables(measured: Path) -> None:
    found = load_results(measured / "out")
    curves = found.curves.merge(found.runs[["run_id", "rule"]], on="run_id")
    own = curves[(curves["measure"] == "correlation") & (curves["rule"] == "eprop")]
    # As often as what is built in, with a reference each.
    cosine = curves[(curves["measure"] == "cosine") & curves["reference"].str.startswith("bptt")]
    assert len(own) == len(cosine[cosine["rule"] == "eprop"]) > 0
    assert own["value"].abs().max() <= 1 + 1e-12
    norms = curves[curves["measure"] == "weight_norm"]
    last = norms[norms["epoch"] == norms["epoch"].max()].set_index(["run_id", "layer"])["value"]
    for run_id in found.runs["run_id"]:
        for layer, weights in found.weights(run_id).items():
            assert last[run_id, layer] == np.linalg.norm(weights)
    # Where the rule makes no estimate, there is a reason.
    none = curves[(curves["measure"] == "correlation") & (curves["rule"] == "frozen") & (curves["layer"] == "hidden1")]
    assert none["value"].isna().all()
    assert none["reason"].str.contains("no estimate").all()


def test_measures_of_a_plugin_are_drawn_as_they_say(measured: Path) -> None:
    """From the results alone, wherever the plugin is."""
    ended = workbench("figures", measured / "out")
    assert ended.code == 0, ended.err
    assert {"correlation_yin_yang.pdf", "weight_norm_yin_yang.csv"} <= {Path(line).name for line in ended.out.split()}
    found = load_results(measured / "out")
    told = {measure.name: measure for measure in found.measures}
    assert told["correlation"].function is None
    figure = alignment_curves(found.runs, found.curves, told["weight_norm"])
    labels = {axis.get_ylabel() for part in figure.subfigs for axis in part.axes}
    assert "norm of weights (%)" in labels


def test_measure_that_was_edited_is_measured_anew(measured: Path) -> None:
    (measured / "mine.py").write_text(PLUGIN.replace("FACTOR", "0.5"))
    before = set(load_results(measured / "out").runs["run_id"])
    ended = workbench("run", measured / "study.toml", "--out", measured / "out")
    assert ended.code == 0, ended.err
    assert not before & set(load_results(measured / "out").runs["run_id"])
