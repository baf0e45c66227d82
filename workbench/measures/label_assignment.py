"""Classes for neurons that were trained without any: each stands for the one to which it responds most."""

import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import DataError
from workbench.declare.recording import Recording


def responses(recording: Recording, layer: str, size: int) -> NDArray[np.int64]:
    """Return how often each neuron of a layer spiked in each trial.

    Parameters
    ----------
    recording : Recording
        With spikes.
    layer : str
        Which spikes.
    size : int
        Its number of neurons.

    Returns
    -------
    ndarray of int of shape (n_trials, size)
        Numbers of spikes.
    """
    spikes = recording.spikes[layer]
    return np.bincount(spikes.trial * size + spikes.neuron, minlength=len(recording) * size).reshape(-1, size)


def assigned(counts: NDArray[np.int64], labels: NDArray[np.int64], n_classes: int) -> NDArray[np.int64]:
    """Return the class of each neuron: that to whose trials it responds most on average.

    Parameters
    ----------
    counts : ndarray of int of shape (n_trials, n_neurons)
        As of `responses`, of trials that are not those to be classified.
    labels : ndarray of int of shape (n_trials,)
        Their classes.
    n_classes : int
        How many there are.

    Returns
    -------
    ndarray of int of shape (n_neurons,)
        The first of several classes; -1 for a neuron that never responds.

    Raises
    ------
    DataError
        Where there are not as many labels as trials, or a class has no trial.
    """
    if len(counts) != len(labels):
        raise DataError(f"Label assignment: there are {len(counts)} trials, and {len(labels)} labels.")
    sizes = np.bincount(labels, minlength=n_classes)
    if not sizes.all():
        missing = int(np.argmin(sizes))
        raise DataError(f"Label assignment: class {missing} has no trial, so that no neuron can stand for it.")
    sums = np.zeros((n_classes, counts.shape[1]))
    np.add.at(sums, labels, counts)
    means = sums / sizes[:, None]
    return np.where(means.max(axis=0) > 0, means.argmax(axis=0), -1)


def votes(counts: NDArray[np.int64], classes: NDArray[np.int64], n_classes: int) -> NDArray[np.float64]:
    """Return the mean response of the neurons of each class, for each trial.

    Parameters
    ----------
    counts : ndarray of int of shape (n_trials, n_neurons)
        As of `responses`.
    classes : ndarray of int of shape (n_neurons,)
        As of `assigned`.
    n_classes : int
        How many there are.

    Returns
    -------
    ndarray of shape (n_trials, n_classes)
        0 of a class without neurons; NaN in trials in which no neuron with a class responds.
    """
    found = np.zeros((len(counts), n_classes))
    for kind in range(n_classes):
        own = classes == kind
        if own.any():
            found[:, kind] = counts[:, own].mean(axis=1)
    return np.where(found.max(axis=1, keepdims=True) > 0, found, np.nan)


def voted(counts: NDArray[np.int64], classes: NDArray[np.int64], n_classes: int) -> NDArray[np.int64]:
    """Return the class whose neurons respond most on average, for each trial.

    Parameters
    ----------
    counts, classes, n_classes
        As of `votes`.

    Returns
    -------
    ndarray of int of shape (n_trials,)
        The first of several classes; -1 where no neuron with a class responds.
    """
    found = votes(counts, classes, n_classes)
    undecided = np.asarray(np.isnan(found).all(axis=1))
    return np.where(undecided, -1, np.where(undecided[:, None], 0.0, found).argmax(axis=1))
