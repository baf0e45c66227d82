"""A rule of a user that brings spiking neurons along: run beside others, asked and checked."""

from pathlib import Path

from tests.networks import REGISTRY
from workbench import load_results, run_study
from workbench.catalogue.registry import load_registry
from workbench.testing import check_rule

PLUGIN = """
from workbench import (
    Circuit, CircuitPopulation, CircuitProjection, Claims, LearningSignal, NeuronModel, Parameter, Rule, hookimpl,
)

INTER = NeuronModel(
    name="quick", equations="dI/dt = -I / tau_syn : 1", drive="I - 1", parameters=(("tau_syn", "2 ms"),)
)


@hookimpl
def workbench_rules():
    yield Rule(
        name="inhibited",
        title="Inhibited",
        pre="dx/dt = -x / tau : 1",
        pre_on_spike="x += 1",
        synapse="dg/dt = error_post * psi_post * x_pre : second",
        signal=LearningSignal(name="error", feedback="symmetric"),
        claims=Claims(estimates="nothing"),
        parameters=(
            Parameter(name="tau", default="20 ms", doc="Of the trace."),
            Parameter(name="strength", default=-0.5, doc="Of inhibition."),
        ),
        circuit=Circuit(
            populations=(CircuitPopulation(name="inter", neuron=INTER),),
            projections=(
                CircuitProjection(name="excite", source="layer", target="inter", pattern="one_to_one", weight=3.0),
                CircuitProjection(name="inhibit", source="inter", target="layer", pattern="others", weight="strength"),
            ),
        ),
    )
"""

STUDY = """
plugins = ["inhibited.py"]
question = "Does it run beside others?"
seeds = [0]
network = { hidden = [20], weights = { hidden_mean = 6.0 } }
train = { epochs = 1 }
measure = { probe = 15, passive = true }
task = [{ name = "iris" }]
rule = [{ name = "inhibited" }, { name = "eprop" }, { name = "frozen" }]
"""


def test_it_runs_beside_others_which_are_not_asked(tmp_path: Path) -> None:
    (tmp_path / "inhibited.py").write_text(PLUGIN)
    (tmp_path / "study.toml").write_text(STUDY)
    run_study(tmp_path / "study.toml", tmp_path / "out", jobs=1)
    found = load_results(tmp_path / "out")
    runs = found.runs.set_index("rule")
    assert (runs["status"] == "done").all()
    spikes = runs["spikes_per_trial"].astype(float)
    # Neurons beside a layer spike, and keep it from spiking as it does without them.
    assert spikes["inhibited"] != spikes["frozen"]
    cosines = found.curves[found.curves["measure"] == "cosine"]
    for trained, asked, reason in (
        ("inhibited", "eprop", "brings neurons along"),
        ("eprop", "inhibited", "no other rule sees the same spikes"),
    ):
        told = cosines[(cosines["run_id"] == runs.loc[trained, "run_id"]) & cosines["estimate"].str.startswith(asked)]
        assert len(told) > 0
        assert told["value"].isna().all()
        assert told["reason"].str.contains(reason).all()


def test_checks_find_it_in_order(tmp_path: Path) -> None:
    (tmp_path / "inhibited.py").write_text(PLUGIN)
    rule = load_registry([tmp_path / "inhibited.py"]).rule("inhibited")
    found = {item.check: item for item in check_rule(rule, *REGISTRY.models_for(rule))}
    for name in ("learns", "takes any connections", "depends on what it seems to", "keeps to its neurons"):
        assert found[name].result == "passed"
