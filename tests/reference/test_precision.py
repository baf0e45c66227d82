"""The reference in float32: how far from float64 it is, and what it accepts."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import SETUPS, error_of
from workbench.common.errors import GradientError, ModelError
from workbench.declare.options import Precision
from workbench.declare.recording import Recording
from workbench.declare.references import Reset
from workbench.reference.agreement import AGREEMENT
from workbench.reference.bptt import Reference, reference
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.gradients import Gradients
from workbench.reference.mode import TOLERANCE
from workbench.testing.case import Case, random_case

#: Measured over all structures, both resets and four sets of weights and trials: 1.6e-7 to 1.1e-6.
BOUND = 1e-5

PRECISIONS: tuple[Precision, Precision] = ("float64", "float32")


@pytest.mark.parametrize("name", SETUPS)
def test_float32_is_close_to_float64_and_not_the_same(name: str) -> None:
    case = random_case(SETUPS[name], count=6)
    recording = case.record()
    models = {precision: reference(case.setup, precision) for precision in PRECISIONS}
    resets: tuple[Reset, ...] = ("constant", "differentiated")
    for reset in resets:
        found, exact = (
            models[precision].gradients(
                ForwardPass(case.state.weights, case.state.feedback, case.trials, recording),
                reset=reset,
                per_trial=True,
            )
            for precision in ("float32", "float64")
        )
        for layer, gradient in exact.trials.items():
            assert 1e-12 < error_of(found.trials[layer], gradient) < BOUND, f"{layer}, reset {reset}"
            assert found.trials[layer].dtype == np.float64
            assert error_of(found.mean[layer], gradient[:-1].mean(axis=0)) > 1e-3
        assert 1e-12 < error_of(found.loss, exact.loss) < BOUND


def test_forward_pass_is_of_the_same_precision() -> None:
    case = random_case(SETUPS["eprop_1"], count=6)
    program = reference(case.setup).program
    exact, found = (
        Reference(case.setup, program, precision).run(case.state.weights, {}, case.trials) for precision in PRECISIONS
    )
    assert 1e-12 < error_of(found["output"], exact["output"]) < BOUND
    assert np.array_equal(found["spikes"]["hidden1"], exact["spikes"]["hidden1"])


def in_precision(case: Case, precision: Precision, recording: Recording, stronger: float = 0.0) -> Gradients:
    """Return gradients with weights that are a little stronger than those that Brian2 had."""
    weights = {layer: array * (1 + stronger) for layer, array in case.state.weights.items()}
    return reference(case.setup, precision).gradients(ForwardPass(weights, {}, case.trials, recording))


def test_decisions_close_to_threshold_are_counted() -> None:
    """So many trials that in some of them a potential comes within some 1e-5 of threshold, in none farther."""
    case = random_case(SETUPS["eprop_1"], count=400)
    recording = case.record()
    assert in_precision(case, "float32", recording).differing == 0
    assert in_precision(case, "float32", recording, 1e-5).differing > 0
    with pytest.raises(GradientError, match=r"In [0-9]+ of 400 trials .* farther than 1e-09 from threshold"):
        in_precision(case, "float64", recording, 1e-5)
    with pytest.raises(GradientError, match=r"farther than 0\.0001 from threshold"):
        in_precision(case, "float32", recording, 1e-2)


@pytest.mark.parametrize("what", ["loss", "output"])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_loss_and_readout_agree_as_closely_as_the_precision_allows(precision: Precision, what: str) -> None:
    assert AGREEMENT.keys() == TOLERANCE.keys()
    case = random_case(SETUPS["eprop_1"])
    recording = case.record()
    allowed = {"float64": 1e-9, "float32": 1e-4}[precision]
    close, far = (
        replace(recording, **{what: getattr(recording, what) * (1 + factor * allowed)}) for factor in (0.5, 2.0)
    )
    assert in_precision(case, precision, close).loss.shape == (8,)
    told = "loss" if what == "loss" else "readout"
    with pytest.raises(GradientError, match=f"The reference's {told} deviates .* but {allowed:g} is allowed"):
        in_precision(case, precision, far)


def test_rounding_of_a_loss_near_zero_is_not_refused() -> None:
    """The loss of a trial that is classified with certainty is a small difference of large numbers."""
    setup = replace(SETUPS["eprop_1"], network=replace(SETUPS["eprop_1"].network, window=(38, 40)))
    case = random_case(setup, count=1)
    output = case.record().output
    label = output[0].argmax()
    margin = output[0, label] - np.delete(output[0], label).max()
    weights = case.state.weights | {"readout": case.state.weights["readout"] * 12 / margin}
    certain = replace(
        case,
        state=case.state.with_weights(weights),
        trials=replace(case.trials, target=np.eye(setup.network.n_outputs)[[label]]),
    )
    recording = certain.record()
    assert 1e-7 < recording.loss[0] < 1e-4
    found = in_precision(certain, "float32", recording)
    assert abs(found.loss[0] - recording.loss[0]) > AGREEMENT["float32"] * recording.loss[0]
    with pytest.raises(GradientError, match="loss deviates"):
        in_precision(certain, "float32", replace(recording, loss=recording.loss + 1e-5))


def test_what_brian2_computed_in_float32_is_held_to_float32() -> None:
    case = random_case(replace(SETUPS["eprop_1"], precision="float32"), count=6)
    recording = case.record("numpy")
    exact = reference(case.setup).gradients(
        ForwardPass(case.state.weights, {}, case.trials, recording), reset="constant"
    )
    assert 1e-9 < error_of(recording.loss, exact.loss) < BOUND
    assert error_of(recording.gradient["hidden1"].mean(axis=0), exact.mean["hidden1"]) < BOUND
    strict = replace(case.setup, precision="float64")
    with pytest.raises(GradientError, match=r"loss deviates .* but 1e-09 is allowed"):
        reference(strict).gradients(ForwardPass(case.state.weights, {}, case.trials, recording))


def test_there_are_two_precisions() -> None:
    with pytest.raises(ModelError, match=r"^The reference computes in float64 or float32, not in 'float16'\.$"):
        reference(SETUPS["eprop_1"], "float16")  # type: ignore[arg-type]
