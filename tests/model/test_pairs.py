"""What a rule keeps of pairs of presynaptic neurons: each set of weights has its own, however it is computed."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import CAPACITY, assert_alive, error_of
from workbench import Claims, Connectivity, Network, Pairs, Parameter, Projection, Rule
from workbench.audit.cost import operations, rule_state
from workbench.audit.locality.requirements import locality
from workbench.common.errors import RuleError
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.neuron_models import LEAKY_INTEGRATOR, LIF
from workbench.engine.presentation import Plan
from workbench.model.setup import Setup
from workbench.testing.case import Case, random_case

NETWORK = Network(n_inputs=8, hidden=(7,), n_outputs=3, n_steps=40, loss=SQUARED_ERROR, recurrent=True)

#: What the other inputs have in common with one is taken away from it.
APART = Rule(
    name="apart",
    title="Apart",
    pre="dx/dt = -x / tau_syn_post : 1",
    pre_on_spike="x += 1",
    pairs=Pairs(
        equations="dC/dt = (x_pre * x_post / (1 + norm_pre) - C) / tau : 1",
        sums=(("rest_post", "C * x_pre"), ("norm_post", "rest_pre**2")),
        diagonal=(("C", "first"),),
    ),
    synapse="dg/dt = event * spiked_post * (x_pre - 8 * rest_pre / (1 + norm_pre + all_post)) / dt : second",
    sums=(("all_post", "rest_pre**2"),),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau", default="30 ms", doc="Of what a pair keeps."),
        Parameter(name="first", default=0.5, doc="With which a neuron's pair with itself begins."),
        Parameter(name="event", default="1 second", doc="Unit of g."),
    ),
)
LASTING = replace(APART, persistent=("C",))


def case_of(rule: Rule, network: Network = NETWORK) -> Case:
    return random_case(Setup(network=network, rule=rule, feedback="none", **CAPACITY), gain=2.0)


def by_hand(before: NDArray[np.float64], post: NDArray[np.float64], pairs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what a trial teaches, and leave in `pairs` what these have then."""
    x, g = np.zeros(len(pairs)), np.zeros((len(pairs), post.shape[1]))
    for step in range(40):
        x = x * np.exp(-1e-3 / 10e-3) + before[step]
        rest = pairs.T @ x
        norm = (rest**2).sum()
        pairs *= np.exp(-1e-3 / 30e-3)
        pairs += 1e-3 / 30e-3 * np.outer(x, x) / (1 + norm)
        g += np.outer(x - 8 * rest / (1 + 2 * norm), post[step]) / 0.04
    return g


@pytest.mark.parametrize("target", ["cpp", "numpy"])
def test_estimates_are_those_of_a_script_for_each_set_of_weights(target: str) -> None:
    case = case_of(APART)
    recording = case.record("numpy" if target == "numpy" else "cpp")
    assert_alive(recording, case.setup)
    post = recording.spikes["hidden1"].raster(len(case.trials), 40, 7).astype(float)
    for name, before in (("hidden1", case.trials.raster(40, 8)), ("hidden1_recurrent", post)):
        size = before.shape[2]
        found = [by_hand(*of_trial, 0.5 * np.eye(size)) for of_trial in zip(before, post, strict=True)]
        empty = [by_hand(*of_trial, np.zeros((size, size))) for of_trial in zip(before, post, strict=True)]
        assert error_of(recording.gradient[name], np.array(found)) < 1e-12
        assert error_of(recording.gradient[name], np.array(empty)) > 1e-2


def test_what_pairs_keep_goes_on_in_the_next_trial_where_the_rule_says_so() -> None:
    case = case_of(LASTING)
    _, state = case.simulator().run(case.state, case.trials, Plan(learning=True, learning_rate=0.0))
    assert set(state.outlasting) == {"pairs_hidden1.C", "pairs_hidden1_recurrent.C"}
    pairs = 0.5 * np.eye(8)
    for before in case.trials.raster(40, 8):
        by_hand(before, np.zeros((40, 7)), pairs)
    assert error_of(state.outlasting["pairs_hidden1.C"], pairs) < 1e-12
    last = 0.5 * np.eye(8)
    by_hand(case.trials.raster(40, 8)[-1], np.zeros((40, 7)), last)
    assert error_of(state.outlasting["pairs_hidden1.C"], last) > 1e-2
    whole = Plan(learning=True, record_gradient=True)
    fresh, _ = case.simulator().run(case.state, case.trials, whole)
    later, same = case.simulator().run(state, case.trials, whole)
    assert same is state
    assert error_of(later.gradient["hidden1"], fresh.gradient["hidden1"]) > 1e-3
    assert error_of(fresh.gradient["hidden1"], case_of(APART).record().gradient["hidden1"]) == 0


def test_a_rule_of_some_weights_alone_has_pairs_of_its_own() -> None:
    alone = Projection(source="inputs", target="hidden1", name="hidden1", rule=LASTING)
    case = case_of(APART, replace(NETWORK, projections=(alone,)))
    before = case_of(APART)
    assert all(np.array_equal(case.state.weights[name], array) for name, array in before.state.weights.items())
    ours, theirs = case.record(), before.record()
    for name in ("hidden1", "hidden1_recurrent"):
        assert np.array_equal(ours.gradient[name], theirs.gradient[name]), name


def test_locality_sees_that_pairs_are_of_other_neurons() -> None:
    told = locality(APART, "none", LIF, LEAKY_INTEGRATOR)
    assert told.scores["update"].value == 1
    assert told.scores["update"].reason == "It reads 'C' of all pairs of inputs."
    assert "Its presynaptic neuron gets 'C' of pairs of inputs, analog numbers" in told.sentence()
    assert told.synapse == ()
    assert {"rest", "norm", "x"} <= set(told.pre)
    # A neuron's own trace, by way of a sum that nothing reads.
    unread = replace(APART, synapse="dg/dt = event * spiked_post * x_pre / dt : second", sums=())
    assert locality(unread, "none", LIF, LEAKY_INTEGRATOR).scores["update"].value == 0


def test_cost_counts_each_pair() -> None:
    case = case_of(APART)
    without = replace(
        case.setup, rule=replace(APART, pairs=None, sums=(), synapse="dg/dt = x_pre * second / dt : second")
    )
    pairs = 8**2 + 7**2
    assert rule_state(case.setup).total - rule_state(without).total == 8 * pairs
    counted = operations(case.setup, case.trials, case.record())
    assert counted.updates == 40 * (8 * 7 + 7 * 7 + pairs)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"equations": ""}, "`pairs` keep nothing"),
        ({"sums": (("rest", "C"),)}, r"`pairs.sums`: a sum is the postsynaptic neuron's, .* unlike 'rest'"),
        ({"diagonal": (("D", "first"),)}, "'D' is none of the variables of pairs. There are: 'C'"),
        ({"diagonal": (("C", "tau"),)}, "'C' begins at 'tau', which is none of its parameters that are numbers"),
        ({"equations": "dC/dt = v_post / tau : 1"}, "line 1 of `pairs`: 'v_post / tau' reads 'v_post'"),
        ({"equations": "dC/dt = x_pre : 1"}, "line 1 of `pairs`: 'x_pre' has unit 1"),
        ({"sums": (("rest_post", "norm_pre"), ("norm_post", "C"))}, "line 1 of `pairs.sums`: 'norm_pre' reads"),
        ({"sums": (("rest_post", "tau * C"), ("norm_post", "C"))}, "what 'rest_post' sums up is in second"),
        ({"equations": "dx/dt = rest_pre / tau : 1", "diagonal": ()}, "line 1 of `pairs`: 'x' is taken"),
        ({"sums": (("rest_post", "C"), ("all_post", "C"))}, "'all' is taken"),
    ],
)
def test_pairs_that_cannot_be_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(RuleError, match=message):
        case_of(replace(APART, pairs=replace(APART.pairs, **changes))).record("numpy")  # type: ignore[type-var]


def test_weights_that_do_not_connect_all_are_refused_unless_they_are_held() -> None:
    few = Projection(source="inputs", target="hidden1", name="hidden1", connect=Connectivity(fan_in=3))
    sparse = replace(NETWORK, projections=(few,))
    message = "Rule 'apart' learns by pairs of all presynaptic neurons, and weights 'hidden1' do not connect all"
    with pytest.raises(RuleError, match=message):
        case_of(APART, sparse).record("numpy")
    assert case_of(APART, replace(sparse, fixed=("hidden1",))).record("numpy").gradient["hidden1_recurrent"].any()


def test_neurons_that_keep_other_traces_each_are_refused() -> None:
    drawn = LIF.with_parameters({"tau_syn": "uniform(8 ms, 12 ms)"})
    with pytest.raises(RuleError, match="other traces for each neuron that weights 'hidden1' reach, since 'tau_syn'"):
        case_of(APART, replace(NETWORK, neuron=drawn)).record("numpy")
    # What traces do not hang on may differ.
    drawn = LIF.with_parameters({"tau_mem": "uniform(18 ms, 22 ms)"})
    assert case_of(APART, replace(NETWORK, neuron=drawn)).record("numpy").gradient["hidden1"].any()


def test_a_rule_that_no_equations_run_has_no_pairs() -> None:
    with pytest.raises(RuleError, match="has equations, but engine 'bptt' would never run them"):
        Rule(name="mine", title="Mine", engine="bptt", pairs=Pairs(equations="dC/dt = -C / ms : 1"))
