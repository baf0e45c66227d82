"""The pathways of the learning signal: what tells them apart, and what they share."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.networks import REGISTRY, SETUPS, assert_alive, error_of
from workbench.common.errors import ModelError, RuleError
from workbench.declare.feedback import FEEDBACK, NAMES, WEIGHINGS, Pathway
from workbench.declare.loss import CROSS_ENTROPY
from workbench.declare.options import Form, Target
from workbench.engine.presentation import Plan
from workbench.model.checks.setup import check
from workbench.model.feedback.kinds import KINDS
from workbench.model.feedback.weights import draw_feedback, feedback_shapes
from workbench.testing.case import Case, random_case

SIGNED = SETUPS["sign_symmetric_2"]


def by(case: Case, feedback: str, **matrices: np.ndarray) -> Case:
    return replace(case.with_setup(feedback=feedback), state=replace(case.state, feedback=matrices))


@pytest.mark.parametrize("form", ["clock", "events"])
def test_magnitudes_of_the_forward_weights_make_sign_symmetric_symmetric(form: Form) -> None:
    case = random_case(replace(SIGNED, form=form))
    above = {"hidden1": case.state.weights["hidden2"], "hidden2": case.state.weights["readout"]}
    own = by(case, "sign_symmetric", **{layer: np.abs(array.T) for layer, array in above.items()}).record()
    assert_alive(own, case.setup)
    symmetric = by(case, "symmetric").record()
    other = case.record()
    for layer, gradient in symmetric.gradient.items():
        assert error_of(own.gradient[layer], gradient) < 1e-12
        if layer != "readout":
            assert error_of(other.gradient[layer], gradient) > 0.1


def test_signs_follow_the_weights_while_they_learn() -> None:
    """Forward weights that change signs: with signs of the start, the last batch would learn something else."""
    case = random_case(SIGNED, count=12)
    ends = np.zeros(12, dtype=np.int64)
    ends[3::4] = 4
    plan = Plan(learning=True, update_after=ends, learning_rate=3.0)
    _, together = case.simulator().run(case.state, case.trials, plan)
    turned = np.sign(together.weights["readout"]) != np.sign(case.state.weights["readout"])
    assert 0.05 < turned.mean() < 0.95
    state = case.state
    for first in (0, 4, 8):
        part = case.trials.take(np.arange(first, first + 4))
        _, state = case.simulator().run(state, part, replace(plan, update_after=ends[:4]))
    for layer, array in together.weights.items():
        assert np.array_equal(array, state.weights[layer])


@pytest.mark.parametrize(("form", "target"), [("clock", "numpy"), ("clock", "cpp"), ("events", "cpp")])
def test_learned_feedback_goes_to_the_transpose_by_its_decay_alone(form: Form, target: Target) -> None:
    """Both take the same steps, so that only the decay changes what is between them."""
    case = random_case(replace(SETUPS["learned_2"], form=form, feedback_decay=0.1), count=12)
    ends = np.zeros(12, dtype=np.int64)
    ends[2::3] = 3
    plan = Plan(learning=True, update_after=ends, learning_rate=0.05)
    _, state = case.simulator(target).run(case.state, case.trials, plan)
    for layer, above in (("hidden1", "hidden2"), ("hidden2", "readout")):
        before = case.state.feedback[layer] - case.state.weights[above].T
        after = state.feedback[layer] - state.weights[above].T
        assert error_of(after, 0.9**4 * before) < 1e-12
        # They did learn, and did not merely decay.
        assert error_of(state.weights[above], 0.9**4 * case.state.weights[above]) > 0.05
    # Others keep what they have: the lowest weights have no partner.
    _, kept = (
        random_case(replace(case.setup, feedback_decay=0.0), count=12)
        .simulator(target)
        .run(case.state, case.trials, replace(plan, learning_rate=1e-300))
    )
    assert all(np.array_equal(kept.weights[name], array) for name, array in case.state.weights.items())
    _, decayed = case.simulator(target).run(case.state, case.trials, replace(plan, learning_rate=1e-300))
    assert np.array_equal(decayed.weights["hidden1"], case.state.weights["hidden1"])
    assert error_of(decayed.weights["readout"], 0.9**4 * case.state.weights["readout"]) < 1e-12


def test_looking_at_gradients_changes_no_learned_feedback() -> None:
    case = random_case(replace(SETUPS["learned_2"], feedback_decay=0.5), count=6)
    by_random = by(case, "random_chained", **case.state.feedback).record()
    found = case.record()
    assert_alive(found, case.setup)
    for layer, gradient in by_random.gradient.items():
        assert error_of(found.gradient[layer], gradient) < 1e-12


@pytest.mark.parametrize("form", ["clock", "events"])
def test_uniform_is_direct_feedback_by_one_weight(form: Form) -> None:
    case = random_case(replace(SETUPS["uniform_2"], form=form))
    assert all(len(np.unique(array)) == 1 for array in case.state.feedback.values())
    found = case.record()
    assert_alive(found, case.setup)
    direct = by(case, "random_direct", **case.state.feedback).record()
    for layer, gradient in direct.gradient.items():
        assert np.array_equal(found.gradient[layer], gradient)


def test_uniform_feedback_of_errors_that_cancel_is_refused() -> None:
    setup = SETUPS["uniform_2"]
    with pytest.raises(RuleError, match="'uniform' brings the sum of all errors, which is always 0 for loss 'cross_en"):
        check(replace(setup, network=replace(setup.network, loss=CROSS_ENTROPY)))


@pytest.mark.parametrize("feedback", FEEDBACK)
def test_fixed_weights_have_the_size_that_is_asked_for(feedback: str) -> None:
    network = replace(SIGNED.network, hidden=(300, 200))
    shapes = feedback_shapes(network, FEEDBACK[feedback])
    assert bool(shapes) == (FEEDBACK[feedback].weights not in {"none", "forward"})
    for shape in shapes.values():
        drawn = draw_feedback(FEEDBACK[feedback], shape, 2.0, np.random.default_rng(0))
        assert np.sqrt((drawn**2).mean() * shape[0]) == pytest.approx(2.0, rel=0.1)
        assert (drawn >= 0).all() == (FEEDBACK[feedback].weights in {"sign", "constant"})


def test_sparse_feedback_has_fewer_weights_of_the_same_size_together() -> None:
    sparse = REGISTRY.pathway("sparse_direct")
    drawn = draw_feedback(sparse, (50, 2000), 2.0, np.random.default_rng(0))
    assert (drawn != 0).mean() == pytest.approx(sparse.density, rel=0.02)
    assert np.sqrt((drawn**2).mean() * 50) == pytest.approx(2.0, rel=0.02)
    dense = draw_feedback(replace(sparse, density=1.0), (50, 2000), 2.0, np.random.default_rng(0))
    assert (dense != 0).all()
    for weights, density in (("random", 0.0), ("random", 1.5), ("constant", 0.5)):
        with pytest.raises(ModelError, match=f"`density` must be above 0 and up to 1, .* not {density} .* '{weights}'"):
            Pathway(name="own", origin="output", weights=weights, density=density, doc="")  # type: ignore[arg-type]


def test_pathways_have_the_names_of_the_field() -> None:
    assert NAMES["feedback_alignment"] == "random_chained"
    assert NAMES["kolen_pollack"] == "learned"
    assert NAMES["direct_feedback_alignment"] == "random_direct"
    assert all(NAMES[name] == name for name in FEEDBACK)


@pytest.mark.parametrize("origin", ["above", "output", "layer", "nowhere", "beside"])
@pytest.mark.parametrize("weights", ["forward", "sign", "random", "learned", "constant", "none", "signs"])
@pytest.mark.parametrize("carries", ["error", "excess", "errors"])
def test_pathways_without_code_are_refused(origin: Any, weights: Any, carries: Any) -> None:
    made = (origin, weights) in {*KINDS, ("nowhere", "none")}
    if made and (carries == "error" or (origin, weights, carries) == ("output", "constant", "excess")):
        assert Pathway(name="own", origin=origin, weights=weights, carries=carries, doc="").weights == weights
        return
    with pytest.raises(ModelError, match=r"Feedback 'own'(: `\w+` must be one of| begins at| cannot carry) '"):
        Pathway(name="own", origin=origin, weights=weights, carries=carries, doc="")


def test_what_may_be_declared_is_what_can_be_made() -> None:
    declared = {(origin, weighing) for origin, weighings in WEIGHINGS.items() for weighing in weighings}
    assert declared == {*KINDS, ("nowhere", "none")}


@pytest.mark.parametrize(
    ("origin", "weights"), [(origin, weights) for origin, weights in KINDS if weights in {"random", "constant"}]
)
def test_pathway_of_a_plugin_is_the_built_in_one_of_its_kind(origin: Any, weights: Any) -> None:
    """Constant weights are made as random ones are, so that with the same numbers they teach the same."""
    own = Pathway(name="own", origin=origin, weights=weights, doc="")
    setup = replace(SETUPS["sign_symmetric_2"], targets="trial", feedback=own)
    case = random_case(setup)
    (alike,) = [way for way in FEEDBACK.values() if (way.origin, way.weights) == (origin, "random")]
    assert all((len(np.unique(array)) == 1) == (weights == "constant") for array in case.state.feedback.values())
    found, built_in = case.record("numpy"), case.with_setup(feedback=alike).record("numpy")
    assert_alive(found, setup)
    for layer, gradient in built_in.gradient.items():
        assert np.array_equal(found.gradient[layer], gradient)
    other = by(case, alike.name, **{layer: -array for layer, array in case.state.feedback.items()}).record("numpy")
    assert not np.allclose(other.gradient["hidden2"], found.gradient["hidden2"])


def test_pathway_that_a_rule_cannot_take_is_refused() -> None:
    own = Pathway(name="nothing", origin="nowhere", weights="none", doc="")
    with pytest.raises(RuleError, match="Rule 'eprop': feedback 'nothing' is none of its pathways"):
        check(replace(SIGNED, feedback=own))
