"""A spiking network in NumPy, written from the equations on paper: nothing of the workbench's is used here.

One hidden layer of leaky integrate-and-fire neurons and a leaky readout,

    dv/dt = (I - v) / tau_mem,  dI/dt = -I / tau_syn,  spike where v > 1, then v -= 1,

of 20 and 10 ms in both. A step integrates, compares with the threshold, adds the weights of spikes to I, resets.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

TAU_MEM, TAU_SYN, THRESHOLD = 20e-3, 10e-3, 1.0

#: The derivative of a spike by the distance from threshold.
PSI: dict[str, Callable[[Array], Array]] = {
    "fast_sigmoid": lambda drive: 1 / (1 + 5 * np.abs(drive)) ** 2,
    "exponential": lambda drive: np.exp(-3 * np.abs(drive)),
}


@dataclass(frozen=True)
class Answer:
    """What the network did, and the gradient of its mean loss with the reset held constant.

    Attributes
    ----------
    spikes : ndarray of shape (n_trials, n_steps, n_hidden), bool
        Of the hidden layer.
    closest : float
        The smallest distance of a potential from threshold.
    loss : ndarray of shape (n_trials,)
        Mean over the window.
    output : ndarray of shape (n_trials, n_outputs)
        Likewise.
    hidden, readout : ndarray of shape (n_pre, n_post)
        Gradients by the weights.
    """

    spikes: NDArray[np.bool_]
    closest: float
    loss: Array
    output: Array
    hidden: Array
    readout: Array


def answer(
    inputs: Array, target: Array, weights: tuple[Array, Array], dt: float, window: tuple[int, int], loss: str, psi: str
) -> Answer:
    """Return what the network does.

    Parameters
    ----------
    inputs : ndarray of shape (n_trials, n_steps, n_inputs)
        1 where there is a spike, else 0.
    target : ndarray of shape (n_trials, n_outputs) or (n_trials, n_steps, n_outputs)
        What the loss compares the readout with.
    weights : tuple of ndarray of shape (n_pre, n_post)
        Onto the hidden layer, and onto the readout.
    dt : float
        Length of a step [second].
    window : tuple of int
        First step that counts, and the one after the last.
    loss : {"cross_entropy", "squared_error"}
        Of a step.
    psi : str
        One of `PSI`.
    """
    count, n_steps, _ = inputs.shape
    # v and I decay, and what I leaves in v is the difference of two exponentials.
    mem, syn = np.exp(-dt / TAU_MEM), np.exp(-dt / TAU_SYN)
    into = (np.expm1(-dt / TAU_MEM) - np.expm1(-dt / TAU_SYN)) * TAU_SYN / (TAU_MEM - TAU_SYN)
    hidden_v, hidden_i = np.zeros((2, count, weights[0].shape[1]))
    readout_v, readout_i = np.zeros((2, count, weights[1].shape[1]))
    drive = np.zeros((n_steps, *hidden_v.shape))
    y = np.zeros((n_steps, *readout_v.shape))
    for n in range(n_steps):
        hidden_v, hidden_i = mem * hidden_v + into * hidden_i, syn * hidden_i
        readout_v, readout_i = mem * readout_v + into * readout_i, syn * readout_i
        drive[n], y[n] = hidden_v - THRESHOLD, readout_v
        hidden_i = hidden_i + inputs[:, n] @ weights[0]
        readout_i = readout_i + (drive[n] > 0) @ weights[1]
        hidden_v = hidden_v - THRESHOLD * (drive[n] > 0)
    counted = np.zeros((n_steps, 1, 1))
    counted[window[0] : window[1]] = 1 / (window[1] - window[0])
    wanted = target[None] if target.ndim == 2 else target.transpose(1, 0, 2)
    if loss == "cross_entropy":
        shifted = y - y.max(axis=2, keepdims=True)
        logarithm = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))
        each, error = -wanted * logarithm, np.exp(logarithm) - wanted
    else:
        each, error = (y - wanted) ** 2 / 2, y - wanted
    gradients = _backwards(inputs, drive, error * counted / count, weights, (mem, syn, into), PSI[psi])
    return Answer(
        (drive > 0).transpose(1, 0, 2),
        float(np.abs(drive).min()),
        (each * counted).sum(axis=(0, 2)),
        (y * counted).sum(axis=0),
        *gradients,
    )


def _backwards(
    inputs: Array,
    drive: Array,
    error: Array,
    weights: tuple[Array, Array],
    decays: tuple[float, float, float],
    psi: Callable[[Array], Array],
) -> tuple[Array, Array]:
    """Return the gradients by both weights: the chain rule, from the last step to the first."""
    mem, syn, into = decays
    hidden, readout = np.zeros_like(weights[0]), np.zeros_like(weights[1])
    # Derivatives of the loss by v and I after the step.
    hidden_v, hidden_i = np.zeros((2, *drive.shape[1:]))
    readout_v, readout_i = np.zeros((2, *error.shape[1:]))
    for n in reversed(range(len(drive))):
        readout += (drive[n] > 0).T.astype(np.float64) @ readout_i
        hidden += inputs[:, n].T @ hidden_i
        by_spike = readout_i @ weights[1].T
        by_v, by_y = hidden_v + by_spike * psi(drive[n]), readout_v + error[n]
        hidden_v, hidden_i = mem * by_v, into * by_v + syn * hidden_i
        readout_v, readout_i = mem * by_y, into * by_y + syn * readout_i
    return hidden, readout
