"""Alignment in cases with a closed form; undefined is NaN with a reason, never 0."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from workbench.audit.alignment.controls import random_update
from workbench.declare.measured import Measured, undefined
from workbench.measures.alignment import (
    bias,
    cosine,
    cosine_per_trial,
    magnitude,
    relative_error,
    sign_agreement,
    variance,
)
from workbench.measures.ceiling import ceiling

Array = NDArray[np.float64]
A = np.array([[3.0, 0.0], [0.0, 4.0]])
B = np.array([[4.0, 0.0], [0.0, -3.0]])
C = np.array([[3.0, 4.0], [0.0, 0.0]])

MEASURES: list[Callable[[Array, Array], Measured]] = [cosine, magnitude, sign_agreement, relative_error]


@pytest.mark.parametrize(
    ("measure", "estimate", "reference", "value"),
    [
        (cosine, A, A, 1.0),
        (cosine, -2 * A, A, -1.0),
        (cosine, B, A, 0.0),
        (cosine, C, A, 9 / 25),
        (magnitude, 2 * A, A, 2.0),
        (magnitude, -B, A, 1.0),
        (sign_agreement, A, A, 1.0),
        (sign_agreement, -A, A, 0.0),
        (sign_agreement, B, A, 0.5),
        (sign_agreement, C, A, 0.5),
        (sign_agreement, A, C, 0.5),
        (relative_error, A, A, 0.0),
        (relative_error, 1.5 * A, A, 0.5),
        (relative_error, B, A, math.sqrt(1 + 49) / 5),
    ],
)
def test_closed_form(
    measure: Callable[[Array, Array], Measured], estimate: Array, reference: Array, value: float
) -> None:
    found = measure(estimate, reference)
    assert found.value == pytest.approx(value, abs=1e-15)
    assert found.reason == ""


@given(
    arrays(np.float64, (3, 4), elements=st.floats(-10, 10)),
    arrays(np.float64, (3, 4), elements=st.floats(-10, 10)),
    st.floats(1e-200, 1e200),
)
def test_length_does_not_change_the_angle(estimate: Array, reference: Array, factor: float) -> None:
    plain, scaled = cosine(estimate, reference), cosine(estimate * factor, reference)
    if plain.reason or scaled.reason:
        return
    assert -1 - 1e-12 <= plain.value <= 1 + 1e-12
    assert scaled.value == pytest.approx(plain.value, abs=1e-9)
    assert cosine(reference, estimate).value == pytest.approx(plain.value, abs=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    ("estimate", "reference", "reason"),
    [
        (A, 0 * A, "The reference gradient is zero"),
        (0 * A, A, "The estimate is zero"),
        (A, A / np.where(A == 0, 1, np.inf) * np.nan, "The reference gradient is not finite"),
        (np.full_like(A, np.inf), A, "The estimate is not finite"),
        (0 * A, 0 * A, "The reference gradient is zero"),
    ],
)
def test_undefined_has_a_reason(
    measure: Callable[[Array, Array], Measured], estimate: Array, reference: Array, reason: str
) -> None:
    found = measure(estimate, reference)
    assert math.isnan(found.value)
    assert found.reason.startswith(reason)


def of_trials(estimate: Array, reference: Array) -> Measured:
    """Return the mean of the trials' cosines."""
    return cosine_per_trial([cosine(one, other) for one, other in zip(estimate, reference, strict=True)])


def test_mean_over_trials_leaves_out_what_is_undefined() -> None:
    estimate = np.stack([A, C, 0 * A, A])
    reference = np.stack([A, A, A, 0 * A])
    assert of_trials(estimate, reference).value == pytest.approx((1 + 9 / 25) / 2)
    batch = cosine(estimate.mean(axis=0), reference.mean(axis=0)).value
    assert batch != pytest.approx((1 + 9 / 25) / 2), "the two are different numbers"
    nothing = of_trials(estimate[2:], reference[2:])
    assert math.isnan(nothing.value)
    assert nothing.reason == "No trial has a cosine. The estimate is zero: the rule changes nothing here."
    assert cosine_per_trial([]).reason == "There are no trials."


def of_halves(trials: Array) -> Measured:
    """Return the ceiling of trials that are there one by one."""
    return ceiling(trials[::2].sum(axis=0), trials[1::2].sum(axis=0), len(trials))


def test_ceiling_is_the_cosine_of_two_halves() -> None:
    assert of_halves(np.stack([A, A, A, A])).value == pytest.approx(1.0)
    assert of_halves(np.stack([A, B, A, B])).value == pytest.approx(0.0)
    generator = np.random.default_rng(0)
    signal, noise = generator.normal(size=(10, 10)), generator.normal(size=(400, 10, 10))
    # Means of 200 trials: expected cosine 1 / (1 + (noise / signal)**2 / 200).
    for spread in (1.0, 5.0, 20.0):
        found = of_halves(signal + spread * noise).value
        assert found == pytest.approx(1 / (1 + spread**2 / 200 / np.mean(signal**2)), abs=0.1)
    few = of_halves(A[None])
    assert math.isnan(few.value)
    assert few.reason == "A ceiling needs at least two trials."
    assert of_halves(np.zeros((4, 2, 2))).reason.startswith("The reference gradient is zero")


def test_random_update_has_no_alignment() -> None:
    generator = np.random.default_rng(1)
    reference = generator.normal(size=(40, 50)) ** 3
    found = [cosine(random_update(reference.shape, generator), reference).value for _ in range(200)]
    assert abs(np.mean(found)) < 4 / math.sqrt(200 * reference.size)
    assert np.std(found) == pytest.approx(1 / math.sqrt(reference.size), rel=0.2)
    signs = sign_agreement(random_update(reference.shape, generator), reference).value
    assert signs == pytest.approx(0.5, abs=0.05)


def test_undefined_is_not_a_number() -> None:
    assert math.isnan(undefined("because").value)
    assert undefined("because").reason == "because"


def moments(estimates: Array, gradients: Array) -> tuple[Measured, Measured]:
    """Return bias and variance of estimates, arrays of shape (n_trials, n_pre, n_post)."""
    count, mean, exact = len(estimates), estimates.mean(axis=0), gradients.mean(axis=0)
    squared_errors = float(((estimates - gradients) ** 2).sum())
    squares = float((estimates**2).sum())
    return bias(squared_errors, mean, exact, count), variance(squares, mean, exact, count)


def test_bias_is_what_more_trials_would_not_average_out() -> None:
    """Known of estimates that are gradients plus a constant plus noise, however large the noise of single trials."""
    generator = np.random.default_rng(3)
    gradients = 1.0 + generator.standard_normal((4000, 5, 4))
    constant = 0.3 * generator.standard_normal((5, 4))
    noise = 2.0 * generator.standard_normal(gradients.shape)
    expected = float(np.linalg.norm(constant) / np.linalg.norm(np.ones((5, 4))))
    found, spread = moments(gradients + constant + noise, gradients)
    assert found.value == pytest.approx(expected, rel=0.1)
    # One of the gradients and four of the noise, in units of the squared norm of ones.
    assert spread.value == pytest.approx(5.0, rel=0.05)
    # The mean of few trials lies far from the gradient by chance, and the bias does not.
    few = [moments((gradients + constant + noise)[part], gradients[part])[0] for part in np.split(np.arange(4000), 80)]
    plain = [
        np.linalg.norm((constant + noise[part]).mean(axis=0)) / np.linalg.norm(gradients[part].mean(axis=0))
        for part in np.split(np.arange(4000), 80)
    ]
    defined = [one.value for one in few if not one.reason]
    assert np.mean(plain) > 1.2 * expected
    assert np.mean(np.square(defined)) * len(defined) / 80 < 1.2 * expected**2


def test_an_unbiased_estimate_has_no_bias_that_is_told_from_chance() -> None:
    generator = np.random.default_rng(5)
    gradients = 1.0 + generator.standard_normal((64, 5, 4))
    found = [moments(gradients + generator.standard_normal(gradients.shape), gradients)[0] for _ in range(200)]
    refused = [one.reason for one in found if one.reason]
    assert 60 < len(refused) < 140
    assert set(refused) == {"The difference is not larger than chance makes it in 64 trials."}
    exact, _ = moments(gradients, gradients)
    assert exact == Measured(0.0)
    rounded, _ = moments(gradients * (1 + 1e-15), gradients)
    assert rounded.value < 1e-14
    assert bias(1.0, gradients[0], gradients[0], 1).reason == "A bias needs at least two trials."
