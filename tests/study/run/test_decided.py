"""A study whose neurons stand for classes: accuracy is that of their votes, before and after training."""

from pathlib import Path

import numpy as np
import pytest

import workbench
from workbench.catalogue.registry import load_registry
from workbench.common.errors import ModelError, WorkbenchError
from workbench.declare.decision import LABEL_ASSIGNMENT, Decision
from workbench.declare.recording import Recording
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.measures.label_assignment import assigned, responses, voted
from workbench.study.file.grid import expand
from workbench.study.file.reading import load_study
from workbench.study.run.assemble import assemble

STUDY = """question = "Which class does a neuron stand for?"
seeds = [0]
[network]
hidden = [12]
decision = "label_assignment"
[train]
epochs = 1
batch = 5
[measure]
probe = 0
[[task]]
name = "yin_yang"
parameters = { train = 60, validation = 40, test = 40 }
network = { weights = { hidden_mean = 8.0, hidden_std = 5.0 } }
[[rule]]
name = "frozen"
[[rule]]
name = "stdp"
"""


def test_accuracy_is_that_of_the_votes(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(STUDY)
    results = workbench.run_study(path, out=tmp_path / "out")
    assert set(results.runs.status) == {"done"}
    config = next(item for item in expand(load_study(path), load_registry()) if item.rule == "frozen")
    parts = assemble(config, load_registry())
    run = simulator(parts.setup)

    def counts(name: str) -> np.ndarray:
        return responses(run.run(parts.state, getattr(parts.data, name), Plan())[0], "hidden1", 12)

    classes = assigned(counts("train"), parts.data.train.label, 3)
    wanted = (voted(counts("test"), classes, 3) == parts.data.test.label).mean()
    (row,) = [row for row in results.runs.to_dict("records") if row["rule"] == "frozen"]
    assert row["accuracy"] == wanted
    # The readout says something else.
    recording, _ = run.run(parts.state, parts.data.test, Plan())
    assert (recording.prediction == parts.data.test.label).mean() != wanted


def test_trial_without_an_answer_is_of_no_class() -> None:
    score = np.array([[0.0, 2.0], [np.nan, np.nan]])
    assert Recording(np.zeros(2), np.zeros((2, 2)), {}, score=score).prediction.tolist() == [1, -1]


def test_network_without_neurons_to_stand_for_classes_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(STUDY.replace("hidden = [12]", "hidden = []"))
    with pytest.raises(WorkbenchError, match="stand for classes, and there are none"):
        workbench.run_study(path, out=tmp_path / "out")


def test_readout_is_not_asked() -> None:
    assert LABEL_ASSIGNMENT.assigns
    with pytest.raises(ModelError, match="is not asked"):
        Decision(name="both", code="score = y", assigns=True)
