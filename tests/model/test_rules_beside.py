"""Weights that have a rule of their own, beside the rule that trains the network."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.networks import CAPACITY, REGISTRY, RULES, error_of
from workbench import Network
from workbench.common.errors import ModelError, RuleError, WorkbenchError
from workbench.declare.constraint import KEPT_SIGN
from workbench.declare.options import Form
from workbench.declare.population import Population
from workbench.declare.projection import Projection
from workbench.declare.rule import Rule
from workbench.declare.updates import Updates
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.model.setup import Setup
from workbench.testing.case import Case, random_case
from workbench.testing.subject import refuse_dead

#: Rules that no learning signal reaches.
ALONE = sorted(
    name for name, rule in RULES.items() if rule.has_equations and rule.signal is None and not rule.intervenes
)

HIDDEN = (
    Projection(source="inputs", target="hidden1", name="hidden1"),
    Projection(source="hidden1", target="hidden2", name="hidden2"),
    Projection(source="hidden1", target="beside"),
    Projection(source="beside", target="hidden2"),
)


def network(rule: Rule, own: dict[str, Rule], **changes: Any) -> Network:
    """Return a network some of whose weights have rules of their own."""
    neuron, readout = REGISTRY.models_for(rule)
    projections = [replace(item, rule=own[item.name], **changes) if item.name in own else item for item in HIDDEN]
    onto_readout = Projection(source="beside", target="readout")
    return Network(
        n_inputs=8,
        hidden=(7, 6),
        n_outputs=3,
        n_steps=40,
        neuron=neuron,
        readout=readout,
        populations=(Population(name="beside", size=5),),
        projections=(*projections, onto_readout),
    )


def setup(main: str, own: dict[str, Rule], form: Form = "events", fits: Rule | None = None, **changes: Any) -> Setup:
    """Return a setup whose rule is `main`."""
    rule = RULES[main]
    told = network(fits or rule, own)
    return Setup(network=told, rule=rule, feedback=rule.default_feedback, form=form, **CAPACITY, **changes)


def trained(case: Case, target: Any = "cpp", **plan: Any) -> dict[str, np.ndarray]:
    """Return weights after all trials of a case."""
    told: dict[str, Any] = {"learning_rate": 0.1, "update_after": np.array([0, 2, 0, 2]), "learning": True} | plan
    return simulator(case.setup, target).run(case.state, case.trials, Plan(**told))[1].weights


@pytest.mark.parametrize("name", ALONE)
def test_weights_learn_by_their_own_rule_as_by_one_of_all(name: str) -> None:
    rule = RULES[name]
    own = dict.fromkeys((item.name for item in HIDDEN), rule)
    alone = random_case(setup(name, {}), count=4, rate=0.15)
    # The readout changes as often as the rule says that trains the network.
    told = {"rule": RULES["frozen"], "every": rule.updates.every, "network": network(rule, own, learning_rate=0.1)}
    beside = alone.with_setup(**told)
    recorded, wanted = beside.record(), alone.record()
    refuse_dead(wanted)
    for layer in own:
        assert np.array_equal(recorded.gradient[layer], wanted.gradient[layer]), layer
    before, found, one = alone.state.weights, trained(beside), trained(alone)
    assert any((one[layer] != before[layer]).any() for layer in own)
    for layer in one:
        np.testing.assert_allclose(found[layer], one[layer], rtol=1e-12, atol=1e-15, err_msg=layer)


@pytest.mark.parametrize("form", ["replay", "causal", "online", "clock"])
def test_rules_side_by_side_do_not_see_each_other(form: Form) -> None:
    """Estimates of each are those that it makes alone, whatever the form, in compiled code and NumPy."""
    own = {"hidden1_to_beside": RULES["stdp"], "hidden2": RULES["oja_spikes"]}
    case = random_case(setup("eprop", own, form), count=4, rate=0.15)
    found = case.record()
    refuse_dead(found)
    alone = {
        name: case.with_setup(rule=RULES[name], feedback=RULES[name].default_feedback, network=network(RULES[name], {}))
        for name in ("eprop", "stdp", "oja_spikes")
    }
    ways = {"hidden1": "eprop", "beside_to_hidden2": "eprop", "readout": "eprop"}
    ways |= {layer: rule.name for layer, rule in own.items()}
    for layer, name in ways.items():
        wanted = alone[name].record().gradient[layer]
        assert error_of(found.gradient[layer], wanted) < 1e-10, (layer, name)
        other = alone["stdp" if name == "eprop" else "eprop"].record().gradient[layer]
        # That of the readout is the same whatever the rule.
        assert layer == "readout" or error_of(found.gradient[layer], other) > 0.1, (layer, name)
    slow = case.record("numpy").gradient
    assert all(error_of(array, slow[layer]) < 1e-10 for layer, array in found.gradient.items())


def test_each_rule_changes_its_weights_when_it_says() -> None:
    """One in each step, one after each trial, one after each batch, and all of them as in NumPy."""
    per_trial = replace(RULES["stdp"], updates=Updates(every="trial"))
    own = {"hidden1_to_beside": RULES["triplet_stdp"], "hidden2": per_trial}
    case = random_case(setup("eprop", own), count=4, rate=0.15)
    assert case.setup.resolved_form == "online"
    before = case.state.weights

    def changed(count: int, after: list[int], target: Any = "cpp") -> set[str]:
        some = case.on(case.trials.take(np.arange(count)))
        weights = trained(some, target, update_after=np.array(after))
        return {name for name, array in weights.items() if (array != before[name]).any()}

    assert changed(1, [0]) == {"hidden1_to_beside", "hidden2"}
    assert changed(2, [0, 2]) == set(before)
    found, slow = trained(case), trained(case, "numpy")
    for name, array in found.items():
        np.testing.assert_allclose(array, slow[name], rtol=1e-10, atol=1e-13, err_msg=name)
    # Cut where a run is cut, they go on as if it had not been.
    parts = trained(case, chunk=1)
    assert all(np.array_equal(array, parts[name]) for name, array in found.items())


def test_optimizer_and_learning_rate_are_of_the_other_weights() -> None:
    own = {"hidden2": RULES["stdp"]}
    case = random_case(setup("eprop", own), count=4, rate=0.15)
    plain = trained(case)["hidden2"]
    by_adam = case.with_setup(optimizer=REGISTRY.optimizer("adam"))
    still = case.with_setup(network=network(RULES["eprop"], own, learning_rate=0.0))
    assert (plain != case.state.weights["hidden2"]).any()
    assert np.array_equal(trained(still)["hidden2"], case.state.weights["hidden2"])
    # The first step is after two trials, in which nothing else has changed.
    first = [trained(c.on(c.trials.take(np.arange(2))), update_after=np.array([0, 2])) for c in (case, by_adam)]
    assert np.array_equal(first[0]["hidden2"], first[1]["hidden2"])
    assert (first[0]["hidden1"] != first[1]["hidden1"]).any()
    unheld = trained(case.on(case.trials.take(np.arange(2))), update_after=np.array([0, 2]), learning_rate=0.0)
    assert np.array_equal(unheld["hidden2"], first[0]["hidden2"])


def test_lasting_state_and_constraints_are_of_each_rule() -> None:
    own = {"hidden1_to_beside": RULES["bcm"], "hidden2": RULES["bounded_stdp"]}
    case = random_case(setup("frozen", own), count=4, rate=0.15)
    assert [one.name for one in case.setup.constraints_on("hidden2")] == [
        one.name for one in RULES["bounded_stdp"].updates.constraints
    ]
    assert case.setup.constraints_on("hidden1") == ()
    _, after = simulator(case.setup).run(
        case.state, case.trials, Plan(learning=True, learning_rate=0.1, update_after=np.array([0, 2, 0, 2]))
    )
    kept = [name for name in after.outlasting if name.startswith("beside.")]
    assert kept
    assert all(name.endswith("__rule2") for name in kept), kept
    assert any(np.abs(after.outlasting[name]).max() > 0 for name in kept), after.outlasting


def test_each_rule_counts_its_own_updates() -> None:
    """Constraints that remember what was there before the first update see that of their rule."""
    own = {"hidden1_to_beside": replace(RULES["triplet_stdp"], updates=Updates(every="step", constraints=(KEPT_SIGN,)))}
    case = random_case(setup("eprop", own), count=4, rate=0.15)
    before = case.state.weights["hidden1_to_beside"]
    states = []
    for chunk in (256, 1):
        plan = Plan(learning=True, learning_rate=0.1, update_after=np.array([0, 2, 0, 2]), chunk=chunk)
        states.append(simulator(case.setup).run(case.state, case.trials, plan)[1])
    for state in states:
        assert (state.n_updates, state.updates_beside) == (2, {"__rule1": 4 * 40})
        after = state.weights["hidden1_to_beside"]
        assert (after != before).any()
        assert (after * np.sign(before) >= 0).all()
    assert np.array_equal(states[0].weights["hidden1_to_beside"], states[1].weights["hidden1_to_beside"])


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: replace(HIDDEN[1], rule=RULES["eprop"]), "'hidden2': rule 'eprop' takes a learning signal"),
        (lambda: replace(HIDDEN[1], rule=RULES["frozen"]), "'hidden2': rule 'frozen' has no equations"),
        (lambda: replace(HIDDEN[1], rule=RULES["stdp"], plastic=False), "'hidden2': rule 'stdp' is for weights that"),
        (lambda: replace(HIDDEN[1], learning_rate=float("nan")), "'hidden2': `learning_rate`"),
        (
            lambda: replace(HIDDEN[1], learning_rate=0.1),
            "`learning_rate` is of a rule of these weights' own, and there",
        ),
        (
            lambda: Projection(source="hidden1", target="readout", rule=RULES["stdp"]),
            "'hidden1_to_readout': rule 'stdp' trains no weights onto the readout",
        ),
    ],
)
def test_rules_that_cannot_stand_beside_others_are_refused(made: Any, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        made()


def test_exact_gradient_refuses_rules_beside_it() -> None:
    told = setup("bptt", {"hidden2": RULES["stdp"]})
    with pytest.raises(RuleError, match="'hidden2': rule 'stdp' runs in the network, and 'bptt' takes its gradient"):
        random_case(told, count=2).record()


def test_rule_that_reads_what_its_neurons_lack_is_told_of_its_weights() -> None:
    with pytest.raises(WorkbenchError, match="clopath"):
        random_case(setup("eprop", {"hidden2": RULES["clopath"]}), count=2).record()
