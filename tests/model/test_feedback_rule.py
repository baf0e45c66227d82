"""Feedback weights that learn by a rule: from noise they come to point along the transpose of the forward weights."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import workbench
from tests.networks import CAPACITY, REGISTRY, RULES, error_of
from workbench import Connectivity, FeedbackRule, Network, Parameter, Pathway, Projection, Trials
from workbench.common.errors import ModelError, RuleError, StudyError, WorkbenchError
from workbench.declare.feedback import FEEDBACK
from workbench.declare.neuron_models import LIF, NOISY
from workbench.declare.options import Form, Target
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.measures.feedback_alignment import feedback_cosines
from workbench.model.checks.setup import check
from workbench.model.setup import Setup
from workbench.study.file.grid import expand
from workbench.study.file.reading import load_study
from workbench.study.file.settings import of_both
from workbench.study.run.assemble import assemble
from workbench.study.search.searching import Search
from workbench.study.work.run_list import Planner
from workbench.testing.case import random_case

MIRROR = REGISTRY.named(Pathway, "weight_mirror")
NETWORK = Network(n_inputs=5, hidden=(12, 10), n_outputs=3, n_steps=200, neuron=NOISY.with_parameters({"sigma": 0.8}))
COUNT = 4000


STUDY = """question = "Does feedback learn?"
seeds = [0]
[network]
hidden = [8, 6]
neuron = "lif_noisy"
[train]
epochs = 2
mirror = { trials = 20, neuron_parameters = { sigma = 0.8 } }
[measure]
probe = 8
[[task]]
name = "yin_yang"
parameters = { train = 20, validation = 12, test = 12 }
network = { weights = { hidden_mean = 8.0, hidden_std = 5.0 } }
[[rule]]
name = "eprop"
feedback = "weight_mirror"
[[rule]]
name = "eprop"
"""


def setup_of(form: Form = "events", network: Network = NETWORK, pathway: Pathway = MIRROR) -> Setup:
    return Setup(network=network, rule=RULES["eprop"], feedback=pathway, form=form, **CAPACITY)


def silent(count: int) -> Trials:
    empty = np.zeros(0, dtype=np.int32)
    return Trials(np.zeros(count + 1, dtype=np.int64), empty, empty, np.eye(3)[np.zeros(count, dtype=int)])


def state_of(setup: Setup) -> State:
    return random_case(setup, gain=1.0).state


def after(setup: Setup, state: State, count: int = COUNT, target: Target = "cpp") -> State:
    plan = Plan(learning=True, update_after=np.ones(count, dtype=np.int64), feedback_rate=0.003)
    return simulator(setup, target).run(state, silent(count), plan)[1]


def cosines(state: State) -> dict[str, float]:
    """Return how feedback weights point along the transpose of the forward weights, by layer."""
    found = {}
    for layer, above in (("hidden1", "hidden2"), ("hidden2", "readout")):
        b, w = state.feedback[layer].ravel(), state.weights[above].T.ravel()
        found[layer] = float(b @ w / np.linalg.norm(b) / np.linalg.norm(w))
    return found


def test_noise_turns_feedback_weights_towards_the_transpose() -> None:
    begun = state_of(setup_of())
    assert max(map(abs, cosines(begun).values())) < 0.5
    for layer, measured in feedback_cosines(NETWORK, MIRROR, begun.weights, begun.feedback).items():
        assert abs(measured.value - cosines(begun)[layer]) < 1e-12
    assert feedback_cosines(NETWORK, FEEDBACK["random_direct"], begun.weights, begun.feedback) == {}
    mirrored = after(setup_of(), begun)
    assert min(cosines(mirrored).values()) > 0.8
    for name, weights in begun.weights.items():
        assert np.array_equal(mirrored.weights[name], weights)
    # Of neurons without noise nothing comes but decay.
    still = after(setup_of(network=replace(NETWORK, neuron=NOISY.with_parameters({"sigma": 0.0}))), begun)
    for layer, array in still.feedback.items():
        assert (
            error_of(array / np.linalg.norm(array), begun.feedback[layer] / np.linalg.norm(begun.feedback[layer]))
            < 1e-9
        )
    # Of the forward weights of another network the angle stays what it was.
    others = {
        name: np.random.default_rng(5).permutation(array.ravel()).reshape(array.shape)
        for name, array in begun.weights.items()
    }
    assert max(map(abs, cosines(replace(mirrored, weights=others)).values())) < 0.5


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("information_alignment", (0.9, 0.8)),
        ("symmetric_alignment", (0.9999, 0.9999)),
        ("activation_alignment", (0.9, 0.99)),
    ],
)
def test_cosines_that_are_reached_between_spiking_neurons(name: str, least: tuple[float, float]) -> None:
    setup = setup_of(pathway=REGISTRY.named(Pathway, name))
    mirrored = after(setup, state_of(setup))
    assert all(found > limit for found, limit in zip(cosines(mirrored).values(), least, strict=True))
    turned = setup_of(pathway=setup.pathway.with_parameters({"gain": -50.0}))
    assert max(cosines(after(turned, state_of(turned))).values()) < -0.8


def test_forms_and_targets_agree() -> None:
    begun = state_of(setup_of())
    events = after(setup_of(), begun, 6)
    for other in (after(setup_of("clock"), begun, 6), after(setup_of(), begun, 6, "numpy")):
        for layer, array in events.feedback.items():
            assert error_of(other.feedback[layer], array) < 1e-12
            assert error_of(array, begun.feedback[layer]) > 1e-4


def test_task_leaves_feedback_weights_alone() -> None:
    begun = state_of(setup_of())
    plan = Plan(learning=True, update_after=np.ones(6, dtype=np.int64), learning_rate=0.1)
    _, trained = simulator(setup_of()).run(begun, silent(6), plan)
    assert all(np.array_equal(trained.feedback[layer], array) for layer, array in begun.feedback.items())
    assert not np.array_equal(trained.weights["readout"], begun.weights["readout"])


def test_study_has_a_phase_before_each_epoch(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(STUDY)
    results = workbench.run_study(path, out=tmp_path / "out")
    assert set(results.runs.status) == {"done"}
    curves = results.curves[results.curves.measure == "feedback_cosine"]
    assert set(curves.layer) == {"hidden1", "hidden2"}
    assert set(curves.epoch) == {0, 1, 2}
    assert curves.value.abs().max() < 1
    path.write_text(path.read_text().replace("mirror = { trials = 20", "mirror = { trials = 0"))
    with pytest.raises(StudyError, match="learns in a phase of its own, and there is none"):
        workbench.run_study(path, out=tmp_path / "without")


REFUSED = {
    "no noise": ('neuron = "lif_noisy"', 'neuron = "lif"', "draws none|has no parameter 'sigma'"),
    "unknown parameter": ("sigma = 0.8", "sigmaa = 0.8", "has no parameter 'sigmaa'"),
    "unit": ("sigma = 0.8", 'sigma = "2 mV"', "but '1' is needed"),
    "too fast": ("trials = 20,", "trials = 20, learning_rate = 1e6,", "Lower train.mirror.learning_rate"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_phase_that_teaches_nothing_is_refused(name: str, tmp_path: Path) -> None:
    old, new, message = REFUSED[name]
    path = tmp_path / "study.toml"
    assert old in STUDY
    path.write_text(STUDY.replace(old, new))
    with pytest.raises(WorkbenchError, match=message):
        workbench.run_study(path, out=tmp_path / "out")


def test_task_may_say_how_long_the_phase_is(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    path.write_text(STUDY.replace('name = "yin_yang"', 'name = "yin_yang"\ntrain = { mirror = { trials = 3 } }'))
    configs = expand(load_study(path), REGISTRY)
    assert {config.train.mirror.trials for config in configs} == {3}
    assert dict(configs[0].train.mirror.neuron_parameters) == {"sigma": 0.8}


def test_study_sets_the_numbers_of_a_rule_for_feedback_weights(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    text = STUDY.replace('feedback = "weight_mirror"', 'feedback = "weight_mirror"\nparameters = { decay = 0.5 }')
    path.write_text(text + "[[sweep]]\nrule = { gain = [1.0, 2.0] }\n")
    configs = expand(load_study(path), REGISTRY)
    # What another rule does not have makes no run of its own.
    assert [(config.feedback, dict(config.parameters).get("gain")) for config in configs] == [
        ("weight_mirror", 1.0),
        ("symmetric", None),
        ("weight_mirror", 2.0),
    ]
    assert dict(configs[0].parameters)["decay"] == 0.5
    rule = assemble(configs[2], REGISTRY).setup.pathway.rule
    assert rule is not None
    assert (rule.values()["gain"], rule.values()["decay"]) == (2.0, 0.5)
    path.write_text(text.replace("decay = 0.5", "decai = 0.5"))
    with pytest.raises(StudyError, match=r"'eprop' with feedback 'weight_mirror' has no parameter 'decai'.*'decay'"):
        expand(load_study(path), REGISTRY)
    path.write_text(text + "[[sweep]]\nrule = { gian = [1.0, 2.0] }\n")
    with pytest.raises(StudyError, match=r"no rule of the study has a parameter 'gian'.*'gain'"):
        expand(load_study(path), REGISTRY)


def test_study_searches_the_numbers_of_a_rule_for_feedback_weights(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    search = "search.gain = { low = 1.0, high = 10.0 }"
    text = (
        STUDY.replace('feedback = "weight_mirror"', f'feedback = "weight_mirror"\n{search}') + "[search]\ndraws = 3\n"
    )
    path.write_text(text)
    assert Search(Planner(load_study(path), REGISTRY)).count == 6
    path.write_text(text.replace("search.gain", "search.gian"))
    with pytest.raises(StudyError, match="no rule 'eprop' has a parameter 'gian'"):
        Search(Planner(load_study(path), REGISTRY))


def test_name_of_two_parameters_is_refused() -> None:
    more = Parameter(name="decay", default=1.0, doc="Of something else.")
    rule = replace(RULES["eprop"], parameters=(*RULES["eprop"].parameters, more))
    with pytest.raises(StudyError, match="rule 'eprop' and feedback 'weight_mirror' both have a parameter 'decay'"):
        of_both(rule, MIRROR, "study.toml")


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.signal is not None])
def test_rules_and_pathways_have_no_name_in_common(name: str) -> None:
    for pathway in REGISTRY.pathways_for(RULES[name]):
        assert len(of_both(RULES[name], pathway, "")) == len(RULES[name].parameters) + len(pathway.parameters)


def test_rule_that_reads_weights_alone_needs_no_noise(tmp_path: Path) -> None:
    path = tmp_path / "study.toml"
    quiet = STUDY.replace('"lif_noisy"', '"lif"').replace(", neuron_parameters = { sigma = 0.8 }", "")
    path.write_text(quiet)
    with pytest.raises(StudyError, match="'weight_mirror' learns from noise, and neuron 'lif' draws none"):
        assemble(expand(load_study(path), REGISTRY)[0], REGISTRY)
    path.write_text(quiet.replace('"weight_mirror"', '"symmetric_alignment"'))
    assert assemble(expand(load_study(path), REGISTRY)[0], REGISTRY).setup.mirrors


@pytest.mark.parametrize(
    ("sums", "synapse", "message"),
    [
        ((("total", "b"),), "dg/dt = b : second", "must end in '_pre' or '_post'"),
        ((("v_post", "b"),), "dg/dt = b : second", "'v_post' is taken"),
        ((("r_post", "b * g"),), "dg/dt = r_post : second", "reads 'g', which nothing defines"),
        ((("r_post", "b * second"),), "dg/dt = r_post : second", "'r_post' is in second"),
        ((("r_post", "b * u_pre"),), "dg/dt = r_post : second", "line 1 of `sums`.* reads 'u_pre'"),
        ((("r_post", "b"),), "dx/dt = r_post / second : 1\ndg/dt = x : second", "reads the sum 'r_post'"),
        ((("w__x_post", "b"),), "dg/dt = b : second", "'w__x_post' is no name"),
    ],
)
def test_sums_that_do_not_hold_together_are_refused(
    sums: tuple[tuple[str, str], ...], synapse: str, message: str
) -> None:
    def made() -> None:
        rule = FeedbackRule(name="mine", title="Mine", synapse=synapse, sums=sums)
        check(setup_of(pathway=replace(MIRROR, rule=rule)))

    with pytest.raises(RuleError, match=message):
        made()


def test_weights_that_are_not_all_there_cannot_be_copied() -> None:
    sparse = Projection(source="hidden2", target="readout", name="readout", connect=Connectivity(probability=0.5))
    network = replace(NETWORK, projections=(sparse,))
    with pytest.raises(
        RuleError, match="'symmetric_alignment' comes down by the weights of 'readout', which must connect"
    ):
        check(setup_of(network=network, pathway=REGISTRY.named(Pathway, "symmetric_alignment")))


@pytest.mark.parametrize(
    ("synapse", "message"),
    [
        ("dx/dt = -x / second : 1", "must define 'g'"),
        ("dg/dt = b * u_pre : second", "reads 'u_pre', which nothing defines"),
        ("dg/dt = b * second : second", "has unit"),
        ("dspiked_x_post/dt = b * hertz : 1\ndg/dt = b : second", "Choose another name"),
    ],
)
def test_what_does_not_hold_together_is_refused(synapse: str, message: str) -> None:
    def made() -> None:
        rule = FeedbackRule(name="mine", title="Mine", synapse=synapse)
        check(setup_of(pathway=replace(MIRROR, rule=rule), network=replace(NETWORK, neuron=LIF)))

    with pytest.raises(RuleError, match=message):
        made()


def test_pathway_by_a_rule_has_one() -> None:
    with pytest.raises(ModelError, match="`rule` is needed"):
        replace(MIRROR, rule=None)
