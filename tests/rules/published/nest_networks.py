"""The two networks of NEST's tests of e-prop, drawn by NumPy as these draw them, and the losses that they publish.

NEST (nest-simulator.org), `testsuite/pytests/synapses/test_eprop_bsshslm_2020_plasticity.py`: the first five losses of
a regression and of a classification, which agree with the authors' own TensorFlow program to 1e-7 and 1e-6.
Its networks, and those of the authors, advance by

    v(t) = alpha v(t-1) + zeta sum_i w_i z_i(t-1) - v_th z(t-1),    y(t) = kappa y(t-1) + (1 - kappa) sum_j w_j z_j(t).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

N_HIDDEN = 100

#: Losses of the first five iterations.
REGRESSION = (101.964356999041, 103.466731126205, 103.340607074771, 103.680244037686, 104.412775748752)
CLASSIFICATION = {
    1: (0.741152550006, 0.740388187700, 0.665785233177, 0.663644193322, 0.729428962844),
    2: (0.702163370672, 0.735555303152, 0.740354864111, 0.683882815282, 0.707841122268),
}


@dataclass(frozen=True)
class Drawn:
    """What a test draws.

    Attributes
    ----------
    hidden, recurrent, readout, feedback : ndarray
        Weights (n_pre, n_post), those of a neuron onto itself among them, and (n_outputs, n_hidden) of the signal.
    inputs : ndarray of shape (n_trials, n_steps, n_inputs)
        1 where there is a spike.
    target : ndarray of shape (n_trials, n_steps, n_outputs) or (n_trials, n_outputs)
        What is wanted.
    """

    hidden: Array
    recurrent: Array
    readout: Array
    feedback: Array
    inputs: NDArray[np.bool_]
    target: Array


def _single(values: Array) -> Array:
    """Return numbers as they are after they were held in single precision."""
    return values.astype(np.float32).astype(np.float64)


def regression() -> Drawn:
    """Return the pattern generation network: 100 inputs, 1000 steps, one output."""
    random = np.random.RandomState(1)
    n = N_HIDDEN
    hidden, recurrent = (_single(random.randn(n, n) / np.sqrt(n)) for _ in range(2))
    readout, feedback = (_single(random.randn(n, 1) / np.sqrt(n)) for _ in range(2))
    inputs = random.rand(1000, n) < 0.05
    inputs[0] = False
    amplitudes, phases = random.uniform(0.5, 2.0, 4), random.uniform(0.0, 2 * np.pi, 4)
    target = np.zeros(1000)
    for amplitude, phase, period in zip(amplitudes, phases, (1000, 500, 333, 200), strict=True):
        target += amplitude * np.sin(np.linspace(phase, phase + 2 * np.pi * (1000 // period), 1000))
    target -= target[0]
    target /= np.abs(target).max()
    again = np.broadcast_to(target[None, :, None], (5, 1000, 1))
    return Drawn(hidden, recurrent, readout, feedback.T, np.broadcast_to(inputs, (5, 1000, n)), again)


def classification(batch: int) -> Drawn:
    """Return the evidence accumulation network: 40 inputs, 2250 steps, two outputs; five batches."""
    random = np.random.RandomState(1)
    n_inputs, n = 40, N_HIDDEN
    hidden = _single(random.randn(n_inputs, n) / np.sqrt(n_inputs))
    recurrent = _single(random.randn(n, n) / np.sqrt(n))
    limit = np.sqrt(3.0 / 51.0)
    readout, feedback = _single(random.uniform(-limit, limit, (n, 2))), _single(random.randn(n, 2))
    inputs, label = zip(*(_cues(random, batch, n_inputs) for _ in range(5)), strict=True)
    target = np.eye(2)[np.concatenate(label)]
    return Drawn(hidden, recurrent, readout, feedback.T, np.concatenate(inputs), target)


def _cues(random: np.random.RandomState, batch: int, n_inputs: int) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Return the inputs of a batch and which side had more cues."""
    shares, side = np.array([0.3, 0.7], dtype=np.float32), random.choice([0, 1], batch)
    told = np.stack([shares[side], shares[1 - side]], axis=1)
    cues = np.stack([random.choice([0, 1], 7, p=each) for each in told])
    chance = np.zeros((batch, 2250, n_inputs))
    for trial, sides in enumerate(cues):
        for number, cue in enumerate(sides):
            first = 150 * number + 50
            chance[trial, first : first + 100, 10 * cue : 10 * cue + 10] = 0.04
    chance[:, -150:, 20:30] = 0.04
    chance[:, :, 30:] = 0.01
    inputs = chance > random.rand(chance.size).reshape(chance.shape)
    inputs[:, 0] = False
    return inputs, (cues.sum(axis=1) > 3).astype(np.int64)
