"""What a rule needs to know is read off what runs, whatever its author says or calls it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.networks import REGISTRY, RULES
from workbench import Pathway
from workbench.audit.locality.complaints import COMPLAINTS
from workbench.audit.locality.requirements import Locality, locality
from workbench.audit.locality.scorecard import described, edges_of, row_of
from workbench.common.errors import RuleError, StudyError
from workbench.declare.claims import Claims
from workbench.declare.learning_signal import LearningSignal
from workbench.declare.rule import Rule
from workbench.declare.rule_parts import OnStep
from workbench.model.by_structure import REMEMBERED
from workbench.model.feedback import clock_driven
from workbench.model.feedback.kinds import KINDS, Kind


def found(rule: Rule | str, feedback: str = "", depth: int = 2) -> Locality:
    item = RULES[rule] if isinstance(rule, str) else rule
    return locality(item, feedback, *REGISTRY.models_for(item), depth)


def by_rule(name: str) -> Locality:
    """Return what is found of e-prop with feedback weights that learn by a rule."""
    return locality(RULES["eprop"], REGISTRY.named(Pathway, name), *REGISTRY.models_for(RULES["eprop"]), 2)


def scores(rule: Rule | str, feedback: str = "") -> dict[str, float]:
    return {name: score.value for name, score in found(rule, feedback).scores.items()}


#: By rule and pathway: phases, derivatives, precision, copy of weights, non-local update, non-local in time.
EXPECTED = {
    ("bptt", ""): (1, 1, 1, 1, 1, 1),
    ("bptt_reset_constant", ""): (1, 1, 1, 1, 1, 1),
    ("rtrl", ""): (0, 1, 1, 1, 1, 0),
    ("eventprop", ""): (1, 0, 1, 1, 1, 1),
    ("ostl", ""): (0, 1, 1, 1, 1, 0),
    ("st_rsbp", ""): (1, 0, 1, 1, 1, 1),
    ("snap", "symmetric"): (0, 1, 1, 1, 1, 0),
    ("osttp", "random_direct"): (0, 1, 0, 0, 1, 0),
    ("eprop", "symmetric"): (0, 1, 1, 1, 1, 0),
    ("eprop", "sign_symmetric"): (0, 1, 1, 0.5, 1, 0),
    ("eprop", "learned"): (0, 1, 1, 0.5, 1, 0),
    ("eprop", "random_chained"): (0, 1, 1, 0, 1, 0),
    ("eprop", "random_direct"): (0, 1, 1, 0, 1, 0),
    ("eprop", "uniform"): (0, 1, 1, 0, 0.5, 0),
    ("eprop", "global_scalar"): (0, 1, 1, 0, 0.5, 0),
    ("dcll", "local_readout"): (0, 1, 1, 0, 0.5, 0),
    ("superspike", "random_direct"): (0, 1, 1, 0, 1, 0),
    ("erbp", "random_direct"): (1, 0, 0, 0, 1, 0),
    ("segregated_dendrites", "random_direct"): (1, 1, 0, 0, 1, 0),
    ("microcircuit", ""): (0, 0, 1, 0.5, 0, 0),
    ("force", "random_direct"): (0, 0, 1, 0, 1, 0),
    ("stdp_backprop", "symmetric"): (1, 0, 0, 1, 0, 0),
    ("stdp_backprop", "random_direct"): (1, 0, 0, 0, 0, 0),
    ("bp_stdp", "symmetric"): (0, 0, 1, 1, 1, 0),
    ("reward_stdp", ""): (0, 0, 1, 0, 0.5, 0),
    ("stdp", ""): (0, 0, 0, 0, 0, 0),
    ("oja", ""): (0, 0, 0, 0, 0, 0),
    ("resume", "random_direct"): (0, 0, 0, 0, 1, 0),
    ("normad", "random_direct"): (0, 0, 1, 0, 1, 0),
    ("tempotron", "random_direct"): (0.5, 0, 1, 0, 1, 0),
    ("lca_forward", ""): (0, 0, 0, 0, 0, 0),
    ("lca_feedback", ""): (0, 0, 0, 0, 0, 0),
}


@pytest.mark.parametrize(("rule", "feedback"), EXPECTED)
def test_complaints_are_inferred(rule: str, feedback: str) -> None:
    assert scores(rule, feedback) == dict(zip(COMPLAINTS, EXPECTED[rule, feedback], strict=True))


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_row(rule: str) -> None:
    one = found(rule)
    row = row_of(one)
    assert row["sentence"]
    assert described(one)["rule"] == rule
    if RULES[rule].engine == "none":
        assert one.scores == {}
        assert row["total"] != row["total"]
    else:
        assert set(one.scores) == set(COMPLAINTS)
        assert all(score.reason for score in one.scores.values())


def test_sentence_names_what_is_read_and_by_what() -> None:
    told = found("eprop").sentence()
    assert "its presynaptic neuron's p, q and spikes" in told
    assert "its postsynaptic neuron's error, psi and v" in told
    assert "'relay' of hidden2, analog numbers, by the transpose of the forward weights of hidden2" in told
    assert "spikes of 1.6 bits a step, by fixed weights" in found("erbp").sentence()
    assert found("stdp").sentence().endswith("Nothing comes from other neurons.")


def test_with_one_hidden_layer_the_readout_sends() -> None:
    (signal,) = found("eprop", depth=1).signals
    assert (signal.origin, signal.variable) == ("readout", "error")
    deep = edges_of(found("eprop", depth=4).graph)  # type: ignore[arg-type]
    assert [f"w_hidden{number}" for number in (2, 3, 4)] == sorted(set(deep["weights"]) - {"", "w_readout"})


def test_names_do_not_hide_the_forward_weights() -> None:
    """The signal is called a mood, and comes by the transpose all the same."""
    rule = RULES["dcll"]
    moody = replace(
        rule,
        name="moody",
        synapse=rule.synapse.replace("error_post", "mood_post"),
        signal=LearningSignal(name="mood", feedback="symmetric"),
        claims=Claims(),
    )
    one = found(moody)
    assert one.scores["weight_copy"].value == 1
    assert [signal.carried for signal in one.signals] == ["the transpose of the forward weights of hidden2"]


#: What stands in place of the derivative, further fields of the rule, and whether neurons must have a derivative.
DERIVATIVES: dict[str, tuple[str, dict[str, Any], int]] = {
    "fast sigmoid": ("1 / (1 + 5 * abs(v_post - 1))**2", {}, 1),
    "Gaussian": ("exp(-(v_post - 1)**2)", {}, 1),
    "triangle": ("clip(1 - abs(v_post - 1), 0, 1)", {}, 1),
    "copy of the potential": ("exp(-abs(u_post - 1))", {"on_step": OnStep(state=("u",), code="u = v")}, 1),
    "curve in the neuron": ("u_post", {"on_step": OnStep(state=("u",), code="u = exp(-abs(v - 1))")}, 1),
    "filtered potential": ("exp(-abs(u_post))", {"post": "du/dt = (v - u) / tau_mem : 1"}, 1),
    "gate": ("int(abs(v_post - 1) < 0.3)", {}, 0),
    "polynomial": ("(v_post - v_post**2)", {}, 0),
    "bound": ("clip(v_post, 0, 1)", {}, 0),
    "curve over the error": ("exp(-abs(error_post))", {}, 0),
    "curve over a trace": ("exp(-p_pre)", {}, 0),
}


@pytest.mark.parametrize("case", DERIVATIVES)
def test_derivatives_of_the_authors_own_are_seen(case: str) -> None:
    """No name tells: a curve over what makes a neuron spike asks for its potential, as `psi` does."""
    text, fields, expected = DERIVATIVES[case]
    rule = replace(
        RULES["dcll"], name="own", synapse=f"dg/dt = error_post * {text} * p_pre : second", claims=Claims(), **fields
    )
    assert scores(rule)["derivatives"] == expected


@pytest.mark.parametrize("rule", [name for name, rule in RULES.items() if rule.has_equations])
def test_the_networks_own_derivative_is_a_curve(rule: str) -> None:
    """What is recognised without its name is what is recognised by it."""
    graph = found(rule).graph
    assert graph is not None
    # Two have one of their authors', and outputs that spike by chance have that chance in their errors.
    names = {"psi"} | {"etlp": {"gate"}, "segregated_dendrites": {"height"}}.get(rule, set())
    by_name = {node for node in graph.nodes if node.variable in names}
    if rule == "escape_likelihood":
        by_name = {node for node in graph.nodes if (node.owner, node.variable) == ("readout", "error")}
    assert {edge.reader for edge in graph.derivatives()} == by_name


def test_a_projection_that_is_said_to_be_random_and_is_not_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """What carries the signal reads the forward weights, under the name of fixed ones."""
    assert scores("eprop", "random_chained")["weight_copy"] == 0
    for function in REMEMBERED:
        function.forget()
    monkeypatch.setitem(KINDS, ("above", "random"), Kind(clock_driven.add_mirrored, clock_driven.add_mirrored))
    one = found("eprop", "random_chained")
    assert one.scores["weight_copy"].value == 1
    assert [signal.carried for signal in one.signals] == ["the transpose of the forward weights of hidden2"]


#: By pathway: the copy of weights, and what carries the signal. The first two are local by Kunin et al. (2020).
CARRIED = {
    "weight_mirror": (0, "weights that learn by a rule of their own"),
    "information_alignment": (0, "weights that learn by a rule of their own"),
    "symmetric_alignment": (1, "weights that learn by reading the forward weights of hidden2"),
    "activation_alignment": (1, "weights that learn by what they would carry the other way about"),
}


@pytest.mark.parametrize("name", CARRIED)
def test_what_rules_for_feedback_weights_read_is_seen(name: str) -> None:
    one = by_rule(name)
    assert (one.scores["weight_copy"].value, one.signals[0].carried) == CARRIED[name]
    assert one.scores["phases"].value == 1


def test_what_a_rule_sums_up_and_does_not_use_is_no_copy() -> None:
    alignment = REGISTRY.named(Pathway, "activation_alignment")
    assert alignment.rule is not None
    unused = alignment.rule.synapse.replace("sparse * s_pre", "sparse * p * b")
    assert unused != alignment.rule.synapse
    way = replace(alignment, rule=replace(alignment.rule, synapse=unused))
    models = REGISTRY.models_for(RULES["eprop"])
    assert locality(RULES["eprop"], way, *models, 2).scores["weight_copy"].value == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda rule: replace(rule, signal=None, claims=Claims()), "reads 'error_post', which nothing defines"),
        (
            lambda rule: replace(rule, synapse="dg/dt = target_post * p_pre : second", claims=Claims()),
            "reads 'target_post', which nothing defines",
        ),
        (
            lambda rule: replace(rule, synapse="dg/dt = targets(1*second) * p_pre : second", claims=Claims()),
            "targets",
        ),
    ],
    ids=["no signal but the error", "the label", "the next trial"],
)
def test_what_a_rule_does_not_say_that_it_takes_it_does_not_get(change: Callable[[Rule], Rule], message: str) -> None:
    """Rules that lie about the error, or peek at labels, do not even build."""
    with pytest.raises(RuleError, match=message):
        found(change(RULES["dcll"]))


def test_errors_that_act_on_the_neuron_are_seen() -> None:
    """A rule whose synapse reads its two neurons alone, of which one is driven by the error."""
    driven = Rule(
        name="driven",
        title="Driven",
        pre="dx/dt = -x / tau_syn_post : 1",
        pre_on_spike="x += 1",
        on_step=OnStep(code="I -= error", writes=("I",)),
        synapse="dg/dt = -spiked_post * x_pre : second",
        signal=LearningSignal(feedback="random_direct"),
    )
    one = found(driven)
    assert one.scores["update"].value == 0
    assert one.scores["precision"].value == 1
    assert [signal.origin for signal in one.signals] == ["readout"]
    # Without that it would get nothing.
    deaf = replace(driven, on_step=None)
    assert found(deaf).signals == ()


def test_regularizers_count_where_they_have_a_strength() -> None:
    off, on = RULES["superspike"], RULES["superspike"].with_parameters({"rho": 1.0})
    assert "w" not in found(off).synapse
    assert "w" in found(on).synapse
    assert "z" in found(on).post


def test_unknown_pathway_is_refused() -> None:
    with pytest.raises(StudyError, match=r"Rule 'stdp' does not take feedback 'symmetric'\. There are: 'none'"):
        found("stdp", "symmetric")
