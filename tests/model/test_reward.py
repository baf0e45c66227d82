"""A rule hears what the answer is worth that the network gave, once, and nothing else changes."""

from dataclasses import replace

import numpy as np
import pytest

from tests.model.test_schedule import timetable
from tests.networks import REGISTRY, RULES, SETUPS, same_recording
from workbench import LearningSignal, OnStep, Rewards, Rule, Trials
from workbench.audit.locality.perturbation import perturbed
from workbench.audit.locality.provenance import provenance
from workbench.common.errors import DataError, ModelError
from workbench.declare.decision import LABEL_ASSIGNMENT, LAST, MEAN, MOST_SPIKES, Decision
from workbench.declare.options import Form, Target
from workbench.engine.presentation import Plan
from workbench.model.checks.setup import check
from workbench.model.setup import Setup
from workbench.testing.case import Case, random_case

#: Those of the readout.
DECISIONS = [offer.item for offer in REGISTRY.all(Decision).values() if not offer.item.assigns]

#: Its estimate tells what was heard, and when.
LISTENER = Rule(
    name="listener",
    title="Listener",
    on_step=OnStep(state=("heard",), code="heard = error * elapsed"),
    synapse="dg/dt = heard_post : second",
    signal=LearningSignal(name="error", feedback="global_scalar"),
)

WINDOW = (10, 35)


def setup_of(rule: Rule = LISTENER, decision: Decision = MEAN) -> Setup:
    network = replace(SETUPS["eprop_1"].network, window=WINDOW, readout=REGISTRY.neuron("lif_train"), decision=decision)
    return replace(SETUPS["eprop_1"], network=network, rule=rule, feedback="global_scalar", rewarded=True)


def case_of(setup: Setup) -> Case:
    case = random_case(setup, count=12, gain=4.0)
    generator = np.random.default_rng(5)
    worth = generator.normal(size=(12, setup.network.n_outputs))
    return case.on(rewarded(case, Rewards(worth, np.full_like(worth, 0.7), seed=2)))


def rewarded(case: Case, rewards: Rewards) -> Trials:
    return replace(case.trials, target=rewards.target, rewards=rewards)


def heard(case: Case, form: Form, target: Target) -> tuple[np.ndarray, np.ndarray]:
    """Return what a hidden neuron heard in each trial, and the answers."""
    plan = Plan(learning=True, record_gradient=True)
    recording, _ = case.with_setup(form=form).simulator(target).run(case.state, case.trials, plan)
    return recording.gradient["hidden1"], recording.prediction


def expected(case: Case, answers: np.ndarray) -> np.ndarray:
    """Return what it should have heard: the worth that chance gave, at the middle of the window's last step."""
    rewards = case.trials.rewards
    assert rewards is not None
    brought = rewards.drawn(case.trials.draw)[np.arange(len(answers)), answers]
    return np.asarray(-brought * (WINDOW[1] - 0.5) / case.setup.network.n_steps)


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: decision.name)
def test_what_is_heard_is_the_worth_of_the_answer(decision: Decision) -> None:
    case = case_of(setup_of(decision=decision))
    found, answers = heard(case, "clock", "numpy")
    assert len(np.unique(answers)) > 1
    wanted = expected(case, answers)
    assert (wanted != 0).sum() > 4
    assert np.abs(found - wanted[:, None, None]).max() < 1e-12
    # The control: what other answers bring is something else.
    assert np.abs(found - expected(case, (answers + 1) % 3)[:, None, None]).max() > 0.1


@pytest.mark.parametrize("decision", [MEAN, MOST_SPIKES], ids=lambda decision: decision.name)
def test_compiled_networks_hear_the_same(decision: Decision) -> None:
    case = case_of(setup_of(decision=decision))
    found, answers = heard(case, "events", "cpp")
    assert np.abs(found - expected(case, answers)[:, None, None]).max() < 1e-12


def test_of_several_answers_the_first_counts_once() -> None:
    case = case_of(setup_of())
    silent = case.with_weights(readout=np.zeros_like(case.state.weights["readout"]))
    for target in ("cpp", "numpy"):
        form: Form = "events" if target == "cpp" else "clock"
        found, answers = heard(silent, form, target)
        assert not answers.any()
        assert np.abs(found - expected(silent, answers)[:, None, None]).max() < 1e-12


def test_nothing_but_what_is_heard_depends_on_rewards() -> None:
    case = case_of(setup_of(RULES["reward_baseline"]))
    plan = Plan(learning=True, record_gradient=True)
    first, _ = case.simulator().run(case.state, case.trials, plan)
    rewards = case.trials.rewards
    assert rewards is not None
    twice = case.on(replace(case.trials, rewards=replace(rewards, worth=2 * rewards.worth)))
    second, _ = twice.simulator().run(case.state, twice.trials, plan)
    assert same_recording(replace(first, gradient={}), replace(second, gradient={}))
    assert np.abs(first.gradient["hidden1"]).max() > 0
    assert np.allclose(second.gradient["hidden1"], 2 * first.gradient["hidden1"], rtol=1e-12, atol=0)
    # What an answer that was not given is worth, nobody hears.
    others = rewards.worth + 10.0 * (np.arange(3) != first.prediction[:, None])
    other = case.on(rewarded(case, replace(rewards, worth=others)))
    third, _ = other.simulator().run(case.state, other.trials, plan)
    assert np.array_equal(third.gradient["hidden1"], first.gradient["hidden1"])


def test_rules_that_hear_errors_hear_nothing_of_it() -> None:
    setup = replace(setup_of(RULES["eprop"]), feedback="symmetric")
    case = case_of(setup)
    plan = Plan(learning=True, record_gradient=True)
    told, _ = case.simulator().run(case.state, case.trials, plan)
    unrewarded = replace(case.trials, rewards=None)
    plain, _ = case.with_setup(rewarded=False).simulator().run(case.state, unrewarded, plan)
    assert np.array_equal(told.gradient["hidden1"], plain.gradient["hidden1"])
    assert np.abs(plain.gradient["hidden1"]).max() > 0


def test_answer_is_known_before_anybody_learns() -> None:
    order = [item for item, _, _ in timetable(setup_of(decision=MOST_SPIKES), "clock")]
    steps = ["readout score", "readout answer", "readout reward", "hidden1 learn", "w_hidden1 learn"]
    places = [order.index(step) for step in steps]
    assert places == sorted(places)


def test_estimate_depends_on_what_it_seems_to() -> None:
    # Which of sums over the window is the greatest, no change in a single step decides.
    setup = replace(setup_of(RULES["reward_baseline"], LAST), form="clock")
    case = case_of(setup)
    case = case.on(rewarded(case, Rewards(np.array([[1.0, 2.0, 3.0]] * 12))))
    graph, of_loss = (provenance(replace(setup, rewarded=told), "hidden1") for told in (True, False))
    assert {(edge.read.place, edge.read.variable) for edge in graph.crossings()} == {("readout", "excess")}
    # What is heard comes of the answer, and of what that is worth.
    assert {"answered", "worth", "score", "y"} <= {node.variable for node in graph.nodes}
    assert not {"answered", "worth", "score"} & {node.variable for node in of_loss.nodes}
    found = perturbed(setup, graph, case.state, case.trials)
    assert {"worth", "y"} <= {item.variable for item in found if item.moved}
    assert [item for item in found if item.beyond or (item.moved and not item.expected)] == []
    # The control: what would be heard of the loss does not tell.
    unforeseen = {item.variable for item in perturbed(setup, of_loss, case.state, case.trials) if not item.agrees}
    assert "worth" in unforeseen


def test_trials_without_rewards_are_refused() -> None:
    case = case_of(setup_of())
    with pytest.raises(DataError, match="'listener' learns from what answers are worth, and the trials have no `rew"):
        case.simulator("numpy").run(case.state, replace(case.trials, rewards=None), Plan())


def test_decision_that_comes_too_late_is_refused() -> None:
    setup = setup_of(decision=LABEL_ASSIGNMENT)
    with pytest.raises(ModelError, match=r"'label_assignment' gives none before all trials are over. Set net"):
        check(setup)
    check(replace(setup, rewarded=False))
