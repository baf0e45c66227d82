"""Training refuses what it was not asked for, and says so where it has ruined a network."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.end_to_end.command import STUDY as TINY
from tests.end_to_end.command import write_study
from workbench.audit.probe import probe
from workbench.catalogue.registry import load_registry
from workbench.common.errors import SimulationError, StudyError
from workbench.common.stopwatch import COMPILATION
from workbench.declare.recording import Recording
from workbench.study.file.grid import expand
from workbench.study.file.reading import load_study
from workbench.study.file.run_config import RunConfig
from workbench.study.results.checkpoints import drop_checkpoint
from workbench.study.results.identity import checksum, identify
from workbench.study.results.store import RunResult
from workbench.study.run import measuring as looks
from workbench.study.run import training
from workbench.study.run.assemble import assemble
from workbench.study.run.passive import look_at_others
from workbench.study.run.state import UnderWay
from workbench.study.work.progress import RunProgress

STUDY = """question = "Is it what was planned?"
seeds = [0]
[[task]]
name = "yin_yang"
parameters = { train = 10, validation = 10, test = 10 }
[[rule]]
name = "eprop"
"""


class Started(Exception):
    """The training would begin."""


def test_rule_that_was_edited_since_the_study_began_is_not_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A result would stand under the name of the rule as it was."""

    def started(*_: object) -> None:
        raise Started

    monkeypatch.setattr(training, "_start", started)
    (tmp_path / "study.toml").write_text(STUDY)
    registry = load_registry()
    (config,) = expand(load_study(tmp_path / "study.toml"), registry)
    data = registry.task("yin_yang").data(**dict(config.task_parameters))
    planned = identify(config, registry, checksum(data))
    with pytest.raises(Started):
        training.train(config, RunProgress(tmp_path, planned, ""), registry)
    other = config.model_copy(update={"seed": 1})
    with pytest.raises(
        StudyError, match=r"^Rule 'eprop', task 'yin_yang' or a neuron model was edited since the study"
    ):
        training.train(other, RunProgress(tmp_path, planned, ""), registry)


#: Trains the tiny study's network by a rule at a learning rate.
Trained = Callable[[str, float], RunResult]


def planned(folder: Path, rule: str, rate: float) -> tuple[RunConfig, str]:
    """Return the one run of the tiny study without gradients to compare with, and its name."""
    text = TINY.replace("probe = 16", "probe = 0").replace("learning_rate = 0.02", f"learning_rate = {rate}")
    registry = load_registry()
    (config,) = expand(load_study(write_study(folder, (rule,), text)), registry)
    return config, identify(config, registry, checksum(registry.task("yin_yang").data(**dict(config.task_parameters))))


@pytest.fixture
def trained(tmp_path: Path) -> Trained:
    def train(rule: str, rate: float) -> RunResult:
        config, run_id = planned(tmp_path, rule, rate)
        for name in ("checkpoints", "progress"):
            (tmp_path / name).mkdir(exist_ok=True)
        return training.train(config, RunProgress(tmp_path, run_id, ""), load_registry())

    return train


@pytest.mark.parametrize(
    ("rule", "rate", "reason", "epochs"),
    [
        (
            "frozen",
            100.0,
            r"^Epoch 4, learning rate 100: The validation loss has risen from 1\.\d+ to \d+(\.\d+)?, and ",
            4,
        ),
        ("eprop", 5.0, r"^Epoch 2, learning rate 5: No neuron of 'hidden1' spikes any more\. Lower the learning ra", 2),
        ("eprop", 1.7e308, r"^Epoch 1, learning rate 1\.7e\+308: The .* not finite any more\. Lower the learning r", 0),
    ],
)
def test_training_that_ruins_a_network_diverges_and_keeps_its_curves(
    trained: Trained, rule: str, rate: float, reason: str, epochs: int
) -> None:
    found = trained(rule, rate)
    assert found.row["status"] == "diverged"
    assert re.match(reason, str(found.row["reason"]))
    assert "accuracy" not in found.row
    losses = [row["epoch"] for row in found.curves if row["measure"] == "loss"]
    assert losses == list(range(epochs + 1))


def test_training_that_learns_does_not_diverge(trained: Trained) -> None:
    assert "status" not in trained("eprop", 0.2).row


def test_weights_of_a_recurrent_layer_are_trained_and_measured(tmp_path: Path) -> None:
    text = TINY.replace("hidden = [8]", "hidden = [8]\nrecurrent = true")
    registry = load_registry()
    (config,) = expand(load_study(write_study(tmp_path, ("eprop",), text)), registry)
    for name in ("checkpoints", "progress"):
        (tmp_path / name).mkdir()
    run_id = identify(config, registry, checksum(registry.task("yin_yang").data(**dict(config.task_parameters))))
    run = RunProgress(tmp_path, run_id, "")
    result = training.train(config, run, registry)
    cosines = {row["layer"]: row["value"] for row in result.curves if row["measure"] == "cosine" and row["epoch"] == 4}
    assert list(cosines) == ["hidden1", "hidden1_recurrent", "readout"]
    assert all(isinstance(value, float) and abs(value) > 0.1 for value in cosines.values())
    kept = run.restore()
    assert kept is not None
    first = assemble(config, registry).state.weights["hidden1_recurrent"]
    moved = np.abs(kept.arrays["weights/hidden1_recurrent"] - first).max(axis=1) > 0
    # Those of neurons that never spike stay what they are.
    assert moved.mean() > 0.5
    assert result.weights["initial"]["hidden1_recurrent"].tobytes() == first.tobytes()
    for name, array in result.weights["trained"].items():
        assert array.tobytes() == kept.arrays[f"weights/{name}"].tobytes()


class Killed(Exception):
    """The process ends here."""


class Doomed(RunProgress):
    """Progress of a run that is killed as soon as it has stored its second epoch, after a day and a night."""

    def save(self, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
        super().save(arrays, {**meta, "seconds": 86400.0})
        if meta["epoch"] == 2:
            raise Killed


def test_learned_feedback_goes_on_where_a_killed_run_left_it(tmp_path: Path) -> None:
    """In a network with delays, so that these are trained, too."""
    text = TINY.replace("hidden = [8]", 'hidden = [8, 6]\ndelays = { readout = "2 ms" }')
    registry = load_registry()
    path = write_study(tmp_path, ("eprop",), text)
    path.write_text(path.read_text() + 'feedback = "kolen_pollack"\n')
    (config,) = expand(load_study(path), registry)
    assert config.feedback == "learned"
    run_id = identify(config, registry, checksum(registry.task("yin_yang").data(**dict(config.task_parameters))))
    for name in ("checkpoints", "progress"):
        (tmp_path / name).mkdir()
    with pytest.raises(Killed):
        training.train(config, Doomed(tmp_path, run_id, ""), registry)
    resumed = training.train(config, RunProgress(tmp_path, run_id, ""), registry)
    drop_checkpoint(tmp_path, run_id)
    run = RunProgress(tmp_path, run_id, "")
    whole = training.train(config, run, registry)
    # As texts, in which undefined numbers are equal.
    assert json.dumps(whole.curves) == json.dumps(resumed.curves)
    for moment in ("initial", "trained"):
        for name, array in whole.weights[moment].items():
            assert array.tobytes() == resumed.weights[moment][name].tobytes()
    assert not np.array_equal(whole.weights["initial"]["hidden1"], whole.weights["trained"]["hidden1"])
    kept, first = run.restore(), assemble(config, registry).state
    assert kept is not None
    for layer, above in (("hidden1", "hidden2"), ("hidden2", "readout")):
        moved = kept.arrays[f"feedback/{layer}"] - kept.arrays[f"weights/{above}"].T
        before = first.feedback[layer] - first.weights[above].T
        # 12 batches in each of 4 epochs.
        assert moved == pytest.approx(0.999**48 * before, rel=1e-9, abs=1e-12)


def test_local_readouts_are_looked_at_layer_by_layer(trained: Trained) -> None:
    curves = trained("dcll", 0.05).curves
    looks = [row for row in curves if row["measure"] == "local_accuracy"]
    assert {row["layer"] for row in looks} == {"hidden1"}
    assert [row["epoch"] for row in looks] == list(range(5))
    assert all(isinstance(row["value"], float) and 0 <= row["value"] <= 1 for row in looks)
    # Another readout than that of the network, with another answer.
    of_network = [row["value"] for row in curves if row["measure"] == "accuracy"]
    assert [row["value"] for row in looks] != of_network


def test_gradients_that_are_carried_along_train_as_those_that_go_back(trained: Trained) -> None:
    ahead, back = (trained(rule, 0.1).curves for rule in ("rtrl", "bptt"))
    losses = [[row["value"] for row in curves if row["measure"] == "loss"] for curves in (ahead, back)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-9)
    assert losses[0][-1] != pytest.approx(losses[0][0], rel=1e-2)


def test_seconds_count_those_before_a_kill(trained: Trained, tmp_path: Path) -> None:
    config, run_id = planned(tmp_path, "frozen", 0.02)
    (tmp_path / "checkpoints").mkdir()
    with pytest.raises(Killed):
        training.train(config, Doomed(tmp_path, run_id, ""), load_registry())
    resumed = trained("frozen", 0.02)
    drop_checkpoint(tmp_path, run_id)
    whole = trained("frozen", 0.02)
    assert resumed.curves == whole.curves
    assert 0 < float(str(whole.row["seconds"])) < 86400 < float(str(resumed.row["seconds"]))


def test_what_is_compiled_counts_apart(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if a look at the network had compiled for longer than all of the run took."""
    before = trained("frozen", 0.02)
    assert float(str(before.row["seconds"])) > 0
    assert float(str(before.row["compile_seconds"])) < 86400

    def look(run: UnderWay) -> Recording:
        COMPILATION.seconds += 86400
        return looks.look(run)

    monkeypatch.setattr(training, "look", look)
    found = trained("frozen", 0.03)
    assert float(str(found.row["compile_seconds"])) >= 86400
    assert float(str(found.row["seconds"])) < 0


def test_compilers_tell_how_long_they_took() -> None:
    before = COMPILATION.seconds
    jax.jit(lambda x: x + 1)(np.zeros(3))
    after = COMPILATION.seconds
    assert after > before
    with pytest.raises(Killed), COMPILATION.running():
        raise Killed
    assert COMPILATION.seconds > after


def test_a_layer_that_is_silent_on_the_probe_is_told_of_and_ends_no_run(tmp_path: Path) -> None:
    text = TINY.replace("probe = 16", "probe = 16\npassive = true")
    registry = load_registry()
    config, *_ = expand(load_study(write_study(tmp_path, ("eprop", "dcll"), text)), registry)
    run = training._start(config, assemble(config, registry), registry, None)
    assert run.reference is not None
    trials = run.parts.data.validation.take(np.arange(16))
    found = probe(run.simulator, run.reference, run.state, trials)
    spikes = found.recording.spikes
    nothing = {layer: replace(each, trial=each.trial[:0], step=each.step[:0], neuron=each.neuron[:0])
               for layer, each in spikes.items()}  # fmt: skip
    look_at_others(run, trials, replace(found, recording=replace(found.recording, spikes=nothing)))
    assert [row["estimate"] for row in run.curves] == ["eprop:symmetric", "dcll:local_readout"]
    reasons = {row["reason"] for row in run.curves}
    assert reasons == {"No neuron of 'hidden1' spikes in these 16 trials, so there is nothing to compare."}
    # Networks that differ are no undefined number but an error.
    late = {layer: replace(each, step=each.step + 1) for layer, each in spikes.items()}
    with pytest.raises(SimulationError, match="spiked differently in 'hidden1'"):
        look_at_others(run, trials, replace(found, recording=replace(found.recording, spikes=late)))
