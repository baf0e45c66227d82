"""Populations and projections in a study file: what it says is what is built, drawn and kept."""

from pathlib import Path

import numpy as np
import pytest

import workbench
from workbench.catalogue.registry import load_registry
from workbench.common.errors import StudyError, WorkbenchError
from workbench.study.file.grid import expand
from workbench.study.file.reading import load_study
from workbench.study.run.assemble import assemble

STUDY = """question = "Do excitatory and inhibitory neurons learn?"
seeds = [0, 1]
[network]
hidden = [8]
[network.weights]
readout_std = 3.0
[[network.populations]]
name = "inh"
size = 4
neuron = "lif"
neuron_parameters = { tau_mem = "10 ms" }
[[network.projections]]
source = "inputs"
target = "hidden1"
name = "hidden1"
probability = 0.7
mean = 6.0
std = 9.0
[[network.projections]]
source = "hidden1"
target = "inh"
fan_in = 5
mean = 6.0
sign = "positive"
plastic = false
[[network.projections]]
source = "inh"
target = "hidden1"
delay = "2 ms"
sign = "negative"
constraint = "kept_sign"
[[network.projections]]
source = "inh"
target = "readout"
weight = 0.25
[[network.projections]]
source = "inputs"
target = "inh"
transmits = "tsodyks_markram"
transmits_parameters = { use = 0.3 }
[train]
epochs = 1
batch = 5
[measure]
probe = 8
[[task]]
name = "yin_yang"
parameters = { train = 20, validation = 12, test = 12 }
[[rule]]
name = "eprop"
[[rule]]
name = "bptt"
"""


def written(folder: Path, old: str = "", new: str = "") -> Path:
    assert old in STUDY
    path = folder / "study.toml"
    path.write_text(STUDY.replace(old, new, 1))
    return path


def test_network_is_what_the_file_says(tmp_path: Path) -> None:
    registry = load_registry()
    configs = expand(load_study(written(tmp_path)), registry)
    first, second = (assemble(config, registry) for config in configs[:2])
    network = first.setup.network
    assert network.layer_sizes == {"hidden1": 8, "inh": 4, "readout": 3}
    assert dict(network.model_of("inh").parameters)["tau_mem"] == "10 ms"
    assert network.projection("inh_to_hidden1").delay == 2
    weights = first.state.weights
    assert (weights["hidden1_to_inh"] > 0).all()
    assert (weights["inh_to_hidden1"] < 0).all()
    assert (weights["inh_to_readout"] == 0.25).all()
    assert [one.name for one in first.setup.constraints_on("inh_to_hidden1")] == ["kept_sign"]
    # Seeds draw connections as they draw weights, and rules of a seed share both.
    assert network.projection("hidden1").connected != second.setup.network.projection("hidden1").connected
    other = assemble(configs[2], registry)
    assert other.setup.rule.name == "bptt"
    assert other.setup.network == network
    assert all(np.array_equal(array, other.state.weights[name]) for name, array in weights.items())


def test_several_delays_are_several_synapses(tmp_path: Path) -> None:
    registry = load_registry()
    path = written(tmp_path, 'delay = "2 ms"', 'delays = ["2 ms", "0.005 s", "2 ms"]')
    first = assemble(expand(load_study(path), registry)[0], registry)
    names = ["inh_to_hidden1", "inh_to_hidden1_2", "inh_to_hidden1_3"]
    network = first.setup.network
    assert [item.name for item in network.projections if item.source == "inh" and item.target == "hidden1"] == names
    assert [network.projection(name).delay for name in names] == [2, 5, 2]
    weights = [first.state.weights[name] for name in names]
    assert all((array < 0).all() for array in weights)
    # Each has weights of its own, and the first those that it would have alone.
    assert not np.array_equal(weights[0], weights[2])
    alone = assemble(expand(load_study(written(tmp_path)), registry)[0], registry)
    assert np.array_equal(weights[0], alone.state.weights["inh_to_hidden1"])
    # In place of the stack's own, they leave none of it.
    stack = written(tmp_path, "probability = 0.7", 'delays = ["1 ms", "2 ms"]')
    made = assemble(expand(load_study(stack), registry)[0], registry).setup.network
    onto = [item.name for item in made.all_projections if item.source == "inputs" and item.target == "hidden1"]
    assert onto == ["hidden1", "hidden1_2"]


def test_study_trains_what_is_plastic(tmp_path: Path) -> None:
    workbench.run_study(written(tmp_path), out=tmp_path / "out")
    results = workbench.load_results(tmp_path / "out")
    assert (results.runs["status"] == "done").all(), results.runs["reason"].tolist()
    assert len(results.runs) == 4
    for run_id in results.runs["run_id"]:
        before, after = results.weights(run_id, "initial"), results.weights(run_id)
        for name, array in before.items():
            assert np.array_equal(after[name], array) == (name == "hidden1_to_inh"), name
        assert (after["inh_to_hidden1"] <= 0).all()
    curves = results.curves
    cosines = curves[(curves["measure"] == "cosine") & curves["layer"].isin(["hidden1", "inh_to_hidden1"])]
    assert np.isfinite(cosines["value"]).any()


OWN_RULE = """
rule = "inhibitory_stdp"
rule_parameters = { tau_stdp = "15 ms" }
learning_rate = 1e-4
"""


def test_weights_have_a_rule_of_their_own_whatever_trains_the_others(tmp_path: Path) -> None:
    path = written(tmp_path, 'delay = "2 ms"\n', 'delay = "2 ms"' + OWN_RULE)
    path.write_text(path.read_text() + '[[rule]]\nname = "frozen"\n')
    registry = load_registry()
    first = assemble(expand(load_study(path), registry)[0], registry)
    projection = first.setup.network.projection("inh_to_hidden1")
    assert projection.rule is not None
    assert (projection.rule.name, projection.learning_rate) == ("inhibitory_stdp", 1e-4)
    assert dict(projection.rule.numbers)["tau_stdp"] == "15 ms"
    workbench.run_study(path, out=tmp_path / "out")
    results = workbench.load_results(tmp_path / "out")
    runs = results.runs.set_index(["rule", "seed"])
    assert (runs.loc["bptt"]["status"] == "skipped").all()
    assert "in which some weights have a rule of their own" in str(runs.loc[("bptt", 0), "reason"])
    for rule, trained in (("eprop", {"hidden1", "inputs_to_inh"}), ("frozen", set())):
        run_id = str(runs.loc[(rule, 0), "run_id"])
        before, after = results.weights(run_id, "initial"), results.weights(run_id)
        moved = {name for name, array in before.items() if not np.array_equal(after[name], array)}
        assert moved == trained | {"inh_to_hidden1", "readout", "inh_to_readout"}, rule
    # Another number of the rule is another result.
    again = written(tmp_path, 'delay = "2 ms"\n', 'delay = "2 ms"' + OWN_RULE.replace("15 ms", "16 ms"))
    workbench.run_study(again, out=tmp_path / "out")
    others = workbench.load_results(tmp_path / "out").runs
    assert not {*others["run_id"]} & {*results.runs["run_id"]}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('delay = "2 ms"', 'rule = "eprop"', "'inh_to_hidden1': rule 'eprop' takes a learning signal"),
        ('delay = "2 ms"', 'rule = "stpd"', r"\[\[network.projections\]\] 3: .*Did you mean 'stdp'"),
        ('delay = "2 ms"', "learning_rate = 0.1", "3: 'learning_rate' is of a rule of these weights' own, and none"),
        ('delay = "2 ms"', 'rule = "stdp"\nrule_parameters = { tua = 1 }', "'stdp' has no parameter 'tua'"),
        (
            "size = 4",
            "size = 0",
            r"\[\[network.populations\]\] 1: 'size' must be a whole number from 1 to 10\*\*6, not 0",
        ),
        ("fan_in = 5", "fan_out = 5", r"\[\[network.projections\]\] 2: 'fan_out' is not a key. Did you mean 'fan_in'"),
        ('target = "inh"', 'traget = "inh"', r"\[\[network.projections\]\] 2: 'traget' is not a key"),
        ('neuron = "lif"', 'neuron = "liff"', r"\[\[network.populations\]\] 1: .*'liff'"),
        ('tau_mem = "10 ms"', 'tau_men = "10 ms"', r"\[\[network.populations\]\] 1: .*no parameter 'tau_men'"),
        ('"kept_sign"', '"kept_sing"', r"\[\[network.projections\]\] 3: .*Did you mean 'kept_sign'"),
        ('delay = "2 ms"', 'delay = "2 ms"\ndelays = ["1 ms"]', "3: 'delay' is of one synapse, and 'delays' are of"),
        ('delay = "2 ms"', 'delays = ["1 ms", "1.5 ms"]', r"The delay to 'inh_to_hidden1_2' must be a time of whole"),
        ('delay = "2 ms"', 'delays = "1 ms"', r"'delays' must be a list of times such as \['1 ms', '2 ms'\]"),
        ('delay = "2 ms"', 'delay = "2.5 ms"', r"The delay to 'inh_to_hidden1' must be a time of whole steps of 1 ms"),
        (
            'sign = "positive"\nplastic = false',
            'sign = "positive"\n[[network.projections]]\nsource = "inh"\ntarget = "readout"\nname = "again"',
            r"rule 'eprop': feedback 'symmetric' .* population 'inh' has none or several",
        ),
        ("weight = 0.25", "weight = 0.25\nsign = 'negative'", r"4: 'sign' is of weights that are drawn"),
        ('sign = "positive"', 'constraint = "kept_sign"', r"2: 'constraint' is of weights that learn"),
        ("fan_in = 5", "fan_in = 50", r"`fan_in` is 50, and there are 8 sources"),
        ('source = "inh"', 'source = "ihn"', r"there is no 'ihn'. Did you mean 'inh'"),
    ],
)
def test_mistakes_are_told_in_a_sentence(old: str, new: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match=words):
        workbench.run_study(written(tmp_path, old, new), out=tmp_path / "out")
    assert not list((tmp_path / "out").glob("runs/*"))


#: Of the eight neurons of the stack.
THRESHOLDS = 'v_th = "values(0.9, 1, 1, 1, 1, 1, 1, 1.1)"'


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ('"normal(20 ms)"', "has 1 numbers"),
        ('"gauss(20 ms, 2 ms)"', "draws no values"),
        ('"normal(20 ms, 2 mV)"', "mixes units"),
        ('"normal(20 mV, 2 mV)"', "must be a quantity in second"),
    ],
)
def test_what_cannot_be_drawn_is_told(tmp_path: Path, value: str, message: str) -> None:
    path = tmp_path / "study.toml"
    path.write_text(STUDY.replace("[network]", f"[network]\nneuron_parameters = {{ tau_mem = {value} }}", 1))
    with pytest.raises(WorkbenchError, match=message):
        expand(load_study(path), load_registry())


def test_parameters_differ_between_neurons(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(
        STUDY.replace('tau_mem = "10 ms"', 'tau_mem = "values(5 ms, 10 ms, 15 ms, 20 ms)"').replace(
            "[network]", f'[network]\nneuron_parameters = {{ {THRESHOLDS}, tau_mem = "lognormal(20 ms, 0.5)" }}', 1
        )
    )
    registry = load_registry()
    configs = expand(load_study(path), registry)
    drawn = {}
    for config in (next(item for item in configs if item.seed == seed) for seed in (0, 1)):
        network = assemble(config, registry).setup.network
        drawn[config.seed] = network.parameters_of("hidden1")["tau_mem"]
        assert np.array_equal(network.parameters_of("inh")["tau_mem"], [0.005, 0.01, 0.015, 0.02])
        assert np.array_equal(network.parameters_of("hidden1")["v_th"], [0.9, 1, 1, 1, 1, 1, 1, 1.1])
    assert len(np.unique(drawn[0])) == 8
    assert not np.array_equal(drawn[0], drawn[1])
    results = workbench.run_study(path, out=tmp_path / "out")
    assert set(results.runs.status) == {"done"}
