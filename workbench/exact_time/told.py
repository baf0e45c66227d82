"""What a network did in continuous time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SpikeTimes:
    """The spikes of a layer in continuous time.

    Attributes
    ----------
    trial, neuron : ndarray of shape (n_spikes,), int64
        Which trial, in order, and which neuron.
    time : ndarray of shape (n_spikes,)
        Since the beginning of the trial [second].
    """

    trial: NDArray[np.int64]
    neuron: NDArray[np.int64]
    time: Array


@dataclass(frozen=True, eq=False)
class ExactRun:
    """What a network did in continuous time.

    Attributes
    ----------
    loss : ndarray of shape (n_trials,)
        Mean loss over the window's steps, each read at its end.
    output : ndarray of shape (n_trials, n_steps, n_outputs)
        The readout at the end of each step of the window.
    spikes : dict of str to SpikeTimes
        By layer.
    gradient : dict of str to ndarray of shape (n_pre, n_post) or (n_synapses,)
        Of the mean loss, by name of the weights; empty where it was not asked for.
    gradients : dict of str to ndarray of shape (n_trials, n_pre, n_post) or (n_trials, n_synapses)
        Of each trial's loss; empty where not asked for.
    """

    loss: Array
    output: Array
    spikes: dict[str, SpikeTimes]
    gradient: dict[str, Array]
    gradients: dict[str, Array]
