"""A study whose neurons stand for classes: accuracy is that of their votes, before and after training."""

from pathlib import Path

import numpy as np
import pytest

import workbench
from tests.networks import CAPACITY, RULES
from workbench import Network, Trials
from workbench.catalogue.registry import load_registry
from workbench.common.errors import ModelError, WorkbenchError
from workbench.declare.decision import LABEL_ASSIGNMENT, Decision
from workbench.declare.recording import Recording
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.measures import performance
from workbench.measures.label_assignment import assigned, responses, voted
from workbench.model.setup import Setup
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


def test_neurons_that_do_not_reach_the_readout_are_not_asked(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    beside = """[[network.populations]]
name = "inh"
size = 3
neuron = "lif"
[[network.projections]]
source = "hidden1"
target = "inh"
mean = 8.0
[train]"""
    path.write_text(STUDY.replace("[train]", beside))
    spec = load_study(path)
    assert assemble(expand(spec, load_registry())[0], load_registry()).setup.network.below_readout == ("hidden1",)
    path.write_text(
        STUDY.replace(
            "[train]", beside.replace("[train]", '[[network.projections]]\nsource = "inh"\ntarget = "readout"\n[train]')
        )
    )
    with pytest.raises(WorkbenchError, match="'hidden1', 'inh' do"):
        workbench.run_study(path, out=tmp_path / "out")
    path.write_text(STUDY.replace("hidden = [12]", 'hidden = [12]\nneuron = "linear_rate"'))
    with pytest.raises(WorkbenchError, match="spiking neurons"):
        workbench.run_study(path, out=tmp_path / "graded")


def test_outside_a_study_nobody_has_said_which_class_a_neuron_stands_for() -> None:
    score = np.full((2, 2), np.nan)
    recording = Recording(np.zeros(2), np.zeros((2, 2)), {}, score=score)
    trials = Trials.from_raster(np.zeros((2, 3, 1)), np.eye(2))
    measured = performance.accuracy(recording, trials)
    assert np.isnan(measured.value)
    assert "no neuron stands for a class" in measured.reason
    network = Network(n_inputs=1, hidden=(2,), n_outputs=2, n_steps=3, decision=LABEL_ASSIGNMENT)
    setup = Setup(network=network, rule=RULES["frozen"], feedback="none", **CAPACITY)
    state = State({"hidden1": np.ones((1, 2)), "readout": np.ones((2, 2))}, {}, {})
    assert simulator(setup, "numpy").run(state, trials, Plan())[0].prediction.tolist() == [-1, -1]


def test_network_without_neurons_to_stand_for_classes_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(STUDY.replace("hidden = [12]", "hidden = []"))
    with pytest.raises(WorkbenchError, match="to stand for classes"):
        workbench.run_study(path, out=tmp_path / "out")


def test_readout_is_not_asked() -> None:
    assert LABEL_ASSIGNMENT.assigns
    with pytest.raises(ModelError, match="is not asked"):
        Decision(name="both", code="score = y", assigns=True)


def test_inputs_that_are_drawn_are_those_of_the_seed(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    text = STUDY.replace("seeds = [0]", "seeds = [0, 1]").replace("hidden_std = 5.0", "hidden_std = 20.0")
    text = text.replace(
        'name = "yin_yang"\nparameters = { train = 60, validation = 40, test = 40 }',
        'name = "digits"\nparameters = { coding = "poisson" }',
    )
    path.write_text(text)
    registry = load_registry()
    first, second = (item for item in expand(load_study(path), registry) if item.rule == "frozen")
    one, two, again = (assemble(config, registry) for config in (first, second, first))
    assert again.data.test.same_as(one.data.test)
    assert not two.data.test.same_as(one.data.test)
    assert two.loaded.test.same_as(one.loaded.test)
    assert not one.data.train.drawn_anew(1).same_as(one.data.train)
