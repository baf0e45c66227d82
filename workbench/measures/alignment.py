"""How close an estimate of a gradient is to a reference, layer by layer."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.declare.measured import Measured, undefined

Array = NDArray[np.float64]


#: Below it, relative to the norm, a difference is one of rounding.
_ROUNDING = 1e-9


#: Layer, measure, reference, and the number.
Row = tuple[str, str, str, Measured]


def _refusal(estimate: Array, reference: Array) -> str:
    """Return why the two cannot be compared, or an empty text."""
    if not np.isfinite(reference).all():
        return "The reference gradient is not finite."
    if not np.isfinite(estimate).all():
        return "The estimate is not finite."
    if not reference.any():
        return "The reference gradient is zero: no neuron of the layer came near threshold, or the loss is flat."
    if not estimate.any():
        return "The estimate is zero: the rule changes nothing here."
    return ""


def cosine(estimate: Array, reference: Array) -> Measured:
    """Return the cosine of the angle between two gradients of one layer.

    It is ``sum(a * h) / (norm(a) * norm(h))`` over all weights of the layer, with a the estimate and h the reference.

    Parameters
    ----------
    estimate, reference : ndarray of shape (n_pre, n_post)
        The two.

    Returns
    -------
    Measured
        From -1 to 1; undefined where one of them is zero or not finite, as are the measures below.
    """
    reason = _refusal(estimate, reference)
    if reason:
        return undefined(reason)
    # Scaled first: squares of tiny gradients would underflow.
    first = estimate / np.abs(estimate).max()
    second = reference / np.abs(reference).max()
    product = float((first * second).sum())
    return Measured(product / float(np.linalg.norm(first) * np.linalg.norm(second)))


def magnitude(estimate: Array, reference: Array) -> Measured:
    """Return the norm of an estimate relative to that of the reference, ``norm(a) / norm(h)``.

    Parameters
    ----------
    estimate, reference : ndarray of shape (n_pre, n_post)
        Gradients of one layer.
    """
    reason = _refusal(estimate, reference)
    return undefined(reason) if reason else Measured(float(np.linalg.norm(estimate) / np.linalg.norm(reference)))


def sign_agreement(estimate: Array, reference: Array) -> Measured:
    """Return the share of synapses with a reference other than 0 whose estimate has its sign.

    Parameters
    ----------
    estimate, reference : ndarray of shape (n_pre, n_post)
        Gradients of one layer.
    """
    reason = _refusal(estimate, reference)
    if reason:
        return undefined(reason)
    counted = reference != 0
    return Measured(float((np.sign(estimate) == np.sign(reference))[counted].mean()))


def relative_error(estimate: Array, reference: Array) -> Measured:
    """Return the norm of the difference relative to that of the reference, ``norm(a - h) / norm(h)``.

    Parameters
    ----------
    estimate, reference : ndarray of shape (n_pre, n_post)
        Gradients of one layer.
    """
    reason = _refusal(estimate, reference)
    if reason:
        return undefined(reason)
    return Measured(float(np.linalg.norm(estimate - reference) / np.linalg.norm(reference)))


def norm(gradient: Array) -> Measured:
    """Return the Euclidean norm over all weights of a layer.

    Parameters
    ----------
    gradient : ndarray of shape (n_pre, n_post)
        In units of the loss for a unit of weight.
    """
    if not np.isfinite(gradient).all():
        return undefined("The gradient is not finite.")
    return Measured(float(np.linalg.norm(gradient)))


def cosine_per_trial(cosines: Sequence[Measured]) -> Measured:
    """Return the mean over trials of each trial's cosine.

    Parameters
    ----------
    cosines : sequence of Measured
        Of the trials. Those whose reference or estimate is zero have none and do not count.

    Returns
    -------
    Measured
        Undefined where no trial counts.
    """
    values = [measured.value for measured in cosines if not measured.reason]
    if not values:
        return undefined(f"No trial has a cosine. {cosines[0].reason}" if cosines else "There are no trials.")
    return Measured(float(np.mean(values)))


def bias(squared_errors: float, estimate: Array, reference: Array, n_trials: int) -> Measured:
    """Return the norm of the difference that more trials would not average out, relative to the reference.

    With a_k and h_k the estimate and the gradient of trial k of K, and a and h their means, it is sqrt(B) / norm(h) of

        B = norm(a - h)^2 - (sum_k norm(a_k - h_k)^2 - K norm(a - h)^2) / (K (K - 1)).

    Parameters
    ----------
    squared_errors : float
        The sum over trials of the squared norm of estimate minus gradient.
    estimate, reference : ndarray of shape (n_pre, n_post)
        Means over the trials.
    n_trials : int
        How many there are.

    Returns
    -------
    Measured
        The root of the unbiased estimate of the squared norm of the expected difference: what the mean of so few trials
        adds is taken off. Undefined where nothing else is there.
    """
    reason = _refusal(estimate, reference) or ("" if n_trials > 1 else "A bias needs at least two trials.")
    if reason:
        return undefined(reason)
    squared = float(((estimate - reference) ** 2).sum())
    of_the_mean = (squared_errors - n_trials * squared) / (n_trials * (n_trials - 1))
    norm = float(np.linalg.norm(reference))
    if squared <= of_the_mean and math.sqrt(squared) > _ROUNDING * norm:
        return undefined(f"The difference is not larger than chance makes it in {n_trials} trials.")
    return Measured(math.sqrt(max(squared - of_the_mean, 0.0)) / norm)


def variance(squares: float, mean: Array, reference: Array, n_trials: int) -> Measured:
    """Return how far single trials lie from their mean: the variance, relative to the reference's squared norm.

    With a_k the estimate of trial k of K, and a the mean, it is ``sum_k norm(a_k - a)^2 / (K - 1) / norm(h)^2``.

    Parameters
    ----------
    squares : float
        The sum over trials of the squared norm.
    mean : ndarray of shape (n_pre, n_post)
        Of the same trials.
    reference : ndarray of shape (n_pre, n_post)
        The mean gradient.
    n_trials : int
        How many there are.

    Returns
    -------
    Measured
        The error of a single trial, squared, is on average the sum of this and the squared `bias`.
    """
    reason = _refusal(mean, reference) or ("" if n_trials > 1 else "A variance needs at least two trials.")
    if reason:
        return undefined(reason)
    spread = max(squares - n_trials * float((mean**2).sum()), 0.0) / (n_trials - 1)
    return Measured(spread / float((reference**2).sum()))
