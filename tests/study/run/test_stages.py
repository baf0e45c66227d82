"""Runs of several stages: weights that stay, rules that follow one another, looks between two updates."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from workbench.catalogue.registry import load_registry
from workbench.common.errors import ModelError, StudyError
from workbench.declare.network import Network
from workbench.declare.projection import Projection
from workbench.study.file.grid import expand
from workbench.study.file.reading import read_study
from workbench.study.results.identity import checksum, identify
from workbench.study.results.store import RunResult
from workbench.study.run import training
from workbench.study.run.state import UnderWay
from workbench.study.work.progress import RunProgress
from workbench.study.work.run_list import Planner

Array = NDArray[np.float64]
#: Trains the study of some tables, over those that all have.
Trained = Callable[..., RunResult]


def tables(**changes: Any) -> dict[str, Any]:
    """Return a study of one run: 96 trials in batches of 8, three epochs."""
    return {
        "question": "What comes of it?",
        "seeds": [0],
        "network": {"hidden": [8], "weights": {"hidden_mean": 12.0, "hidden_std": 5.0}},
        "train": {"epochs": 3, "batch": 8, "learning_rate": 0.02, "optimizer": "sgd"},
        "measure": {"probe": 0},
        "task": [{"name": "yin_yang", "parameters": {"train": 96, "validation": 48, "test": 48}}],
        "rule": [{"name": "eprop"}],
        **changes,
    }


class Killed(Exception):
    """The process ends here."""


class Doomed(RunProgress):
    """Progress of a run that is killed when it has stored an epoch."""

    last = 0

    def save(self, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
        super().save(arrays, meta)
        if meta["epoch"] == self.last:
            raise Killed


@pytest.fixture
def trained(tmp_path: Path) -> Trained:
    registry = load_registry()

    def train(killed_at: int = 0, **changes: Any) -> RunResult:
        (config,) = expand(read_study(tables(**changes), tmp_path / "study.toml"), registry)
        run_id = identify(config, registry, checksum(registry.task("yin_yang").data(**dict(config.task_parameters))))
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        for name in ("checkpoints", "progress"):
            (folder / name).mkdir(parents=True)
        if killed_at:
            doomed = Doomed(folder, run_id, "")
            doomed.last = killed_at
            with pytest.raises(Killed):
                training.train(config, doomed, registry)
        return training.train(config, RunProgress(folder, run_id, ""), registry)

    return train


def changed(result: RunResult) -> set[str]:
    """Return the weights that training has changed."""
    before, after = result.weights["initial"], result.weights["trained"]
    return {name for name in before if before[name].tobytes() != after[name].tobytes()}


def same(one: RunResult, other: RunResult) -> bool:
    """Return whether two runs end with the same weights, bit for bit."""
    pairs = zip(one.weights["trained"].items(), other.weights["trained"].items(), strict=True)
    return all(a == b and x.tobytes() == y.tobytes() for (a, x), (b, y) in pairs)


def training_with(**changes: Any) -> dict[str, Any]:
    return {**tables()["train"], **changes}


@pytest.mark.parametrize("rule", ["eprop", "dcll", "bptt", "rtrl", "frozen"])
@pytest.mark.parametrize("fixed", [["readout"], ["hidden1"], []])
def test_fixed_weights_stay_and_others_learn(trained: Trained, rule: str, fixed: list[str]) -> None:
    # Outputs that tell classes apart before training, so that nothing that is learnt can be called a divergence.
    strong = {"hidden": [8], "weights": {"hidden_mean": 12.0, "hidden_std": 5.0, "readout_std": 3.0}}
    train = training_with(epochs=2, learning_rate=0.05, fixed=fixed)
    found = trained(rule=[{"name": rule}], network=strong, train=train)
    assert not found.row.get("status"), found.row["reason"]
    learning = {"readout"} if rule == "frozen" else {"hidden1", "readout"}
    assert changed(found) == learning - set(fixed)


def test_fixed_weights_hold_in_the_network_alone() -> None:
    network = Network(n_inputs=3, hidden=(2,), n_outputs=2, fixed=("hidden1",))
    assert network.plastic_weights == ("readout",)
    with pytest.raises(ModelError, match=r"no weights 'hiden1'. Did you mean 'hidden1'"):
        Network(n_inputs=3, hidden=(2,), n_outputs=2, fixed=("hiden1",))
    beside = Projection(source="inputs", target="hidden1", name="more", rule=load_registry().rule("oja"))
    with pytest.raises(ModelError, match="'more' have a rule of their own"):
        Network(n_inputs=3, hidden=(2,), n_outputs=2, projections=(beside,), fixed=("more",))


def test_stage_with_nothing_new_is_as_if_there_was_none(trained: Trained) -> None:
    """Where the optimizer remembers nothing; Adam begins anew, which its weights show."""
    stage = [{"train": {"epochs": 1}}]
    whole = trained(train=training_with(epochs=3))
    assert same(trained(train=training_with(epochs=2), stage=stage), whole)
    adam = {"optimizer": "adam"}
    assert not same(trained(train=training_with(epochs=2, **adam), stage=stage), trained(train=training_with(**adam)))


def test_learning_rate_decays_from_the_beginning_of_each_stage(trained: Trained) -> None:
    decayed = training_with(epochs=2, learning_rate_decay=0.5)
    whole = trained(train=decayed, stage=[{"train": {"epochs": 1, "learning_rate": 0.005}}])
    assert same(whole, trained(train={**decayed, "epochs": 3}))


def test_hidden_layer_learns_alone_and_then_the_readout_does(trained: Trained) -> None:
    first = training_with(epochs=2, fixed=["readout"], learning_rate=1.0)
    stage = [{"rule": "frozen", "train": {"epochs": 2, "fixed": [], "learning_rate": 0.02}}]
    alone = trained(rule=[{"name": "oja_spikes"}], train=first)
    assert changed(alone) == {"hidden1"}
    both = trained(rule=[{"name": "oja_spikes"}], train=first, stage=stage)
    assert changed(both) == {"hidden1", "readout"}
    hidden = [result.weights["trained"]["hidden1"].tobytes() for result in (alone, both)]
    assert hidden[0] == hidden[1]
    assert both.row["epochs"] == 4
    assert [row["epoch"] for row in both.curves if row["measure"] == "loss"] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("killed_at", [1, 2, 3, 4])
def test_killed_run_goes_on_in_the_stage_in_which_it_was(trained: Trained, killed_at: int) -> None:
    stages = [{"rule": "dcll", "train": {"epochs": 1, "optimizer": "adam"}}, {"rule": "bptt", "train": {"epochs": 1}}]
    settings = {"train": training_with(epochs=2), "stage": stages, "measure": {"probe": 16, "probe_at": [2, 2.5, 4]}}
    resumed, whole = trained(killed_at, **settings), trained(**settings)
    assert same(resumed, whole)
    assert json.dumps(resumed.curves) == json.dumps(whole.curves)


def test_rule_of_each_stage_is_measured_in_it(trained: Trained) -> None:
    """DCLL has no exact gradient; BPTT is its own reference, as the control says."""
    stage = [{"rule": "bptt", "train": {"epochs": 1}}]
    found = trained(rule=[{"name": "dcll"}], train=training_with(epochs=1), stage=stage, measure={"probe": 16})
    own = [row for row in found.curves if row["measure"] == "exact_rule"]
    assert {row["epoch"] for row in own} == {2}
    assert all(abs(float(str(row["value"])) - 1) < 1e-9 for row in own)
    cosine = [row for row in found.curves if (row["measure"], row["layer"]) == ("cosine", "hidden1")]
    at = {row["epoch"]: float(str(row["value"])) for row in cosine if row["reference"] == "bptt_differentiated"}
    assert at[1] < 0.9 < at[2]


@pytest.mark.parametrize(("rule", "chunk"), [("eprop", 1024), ("eprop", 20), ("bptt", 1024)])
def test_looks_between_updates_change_nothing(
    trained: Trained, rule: str, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = training_with(epochs=2, optimizer="adam", chunk=chunk)
    plain = trained(rule=[{"name": rule}], train=train)
    looked: list[tuple[float, int]] = []

    def look(run: UnderWay) -> None:
        looked.append((run.epoch + run.trial / 96, run.state.n_updates))

    monkeypatch.setattr(training, "look_at_gradients", look)
    measure = {"probe": 16, "probe_at": [0, 0.3, 0.5, 1, 1.75, 2]}
    assert same(trained(rule=[{"name": rule}], train=train, measure=measure), plain)
    # The fourth of twelve updates is the nearest to 0.3 of an epoch.
    assert looked == [(0, 0), (4 / 12, 4), (0.5, 6), (1, 12), (1.75, 21), (2, 24)]


def test_look_between_updates_is_at_the_weights_of_that_moment(trained: Trained) -> None:
    """Half an epoch with the other half's trials at no rate would be as good: cosines lie in between and differ."""
    found = trained(train=training_with(epochs=1), measure={"probe": 48, "probe_at": [0, 0.5, 1]})
    rows = [row for row in found.curves if row["measure"] == "magnitude" and row["layer"] == "hidden1"]
    values = {row["epoch"]: row["value"] for row in rows if row["reference"] == "bptt_differentiated"}
    assert list(values) == [0, 0.5, 1]
    assert len(set(values.values())) == 3
    trials = {row["epoch"]: row["trial"] for row in rows}
    assert trials == {0: 0, 0.5: 48, 1: 96}
    random = [row["value"] for row in found.curves if row["reference"] == "random" and row["layer"] == "hidden1"]
    assert len(set(random)) == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"stage": [{"feedback": "random_direct"}]}, r"\[\[stage\]\] 1: 'feedback' and 'parameters' are of a 'rule'"),
        ({"stage": [{"rule": "epropp"}]}, r"\[\[stage\]\] 1: .*'epropp'. Did you mean 'eprop'"),
        ({"stage": [{"rule": "eprop", "feedback": "x"}]}, r"\[\[stage\]\] 1: rule 'eprop' does not take feedback 'x'"),
        ({"stage": [{"train": {"optimizer": "adm"}}]}, r"\[\[stage\]\] 1: .*'adm'. Did you mean 'adam'"),
        ({"stage": [{"epochs": 1}]}, r"\[\[stage\]\] 1: 'epochs' is not a key"),
        ({"train": training_with(fixed=["hidden2"])}, "no weights 'hidden2'"),
        ({"stage": [{"train": {"fixed": ["out"]}}]}, "no weights 'out'"),
        ({"measure": {"probe": 8, "probe_at": [3.5]}}, "'measure.probe_at' has epoch 3.5, and there are 3"),
    ],
)
def test_mistake_is_told_where_it_is(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(StudyError, match=message):
        Planner(read_study(tables(**changes), tmp_path / "study.toml"), load_registry()).all_runs()


def test_rule_that_cannot_run_in_a_later_stage_is_a_reason_to_skip(tmp_path: Path) -> None:
    stage = [{"rule": "eprop_adaptive"}]
    (run,) = Planner(read_study(tables(stage=stage), tmp_path / "study.toml"), load_registry()).all_runs()
    assert "alif" in run.skip
    (other,) = Planner(read_study(tables(), tmp_path / "study.toml"), load_registry()).all_runs()
    assert (other.skip, other.run_id == run.run_id) == ("", False)
