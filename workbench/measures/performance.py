"""What a network achieves on some trials."""

import math

import numpy as np
from numpy.typing import NDArray

from workbench.declare.measured import Measured, undefined
from workbench.declare.recording import Recording
from workbench.declare.trials import Trials


def accuracy(recording: Recording, trials: Trials) -> Measured:
    """Return the share of trials whose class is predicted; undefined where there is nothing to tell apart."""
    return _share(recording.prediction, trials)


def local_accuracy(recording: Recording, trials: Trials) -> dict[str, Measured]:
    """Return the same for each hidden layer's local readout, where there are any."""
    return {layer: _share(np.argmax(output, axis=1), trials) for layer, output in recording.local_output.items()}


def _share(prediction: NDArray[np.int64], trials: Trials) -> Measured:
    reason = no_accuracy(trials)
    if len(prediction) and (prediction == -1).all():
        reason = "No trial has an answer: no neuron stands for a class, or none that does responds."
    return undefined(reason) if reason else Measured(float(np.mean(prediction == trials.label)))


def no_accuracy(trials: Trials) -> str:
    """Return why the accuracy on some trials is undefined; empty where it is a number."""
    if not trials.classified:
        return "The targets are no classes."
    kinds = np.unique(trials.label)
    if len(kinds) > 1:
        return ""
    return f"All {len(trials)} trials are of class {kinds[0]}, so that there is nothing to tell apart."


def chance(trials: Trials) -> float:
    """Return the share of trials that the best constant guess would classify: that of the most frequent class.

    NaN where the accuracy is undefined.
    """
    return math.nan if no_accuracy(trials) else float(np.bincount(trials.label).max() / len(trials))


def reward(recording: Recording, trials: Trials) -> Measured | None:
    """Return what the answers are worth on average; None where trials do not say."""
    return None if trials.rewards is None else Measured(float(trials.rewards.of(recording.prediction).mean()))


def best_reward(trials: Trials) -> float:
    """Return the same of the best answer to each trial; NaN where trials do not say."""
    return math.nan if trials.rewards is None else float(trials.rewards.expected.max(axis=1).mean())


def chance_reward(trials: Trials) -> float:
    """Return the same of answers that are drawn, each as often; NaN where trials do not say."""
    return math.nan if trials.rewards is None else float(trials.rewards.expected.mean())


def loss(recording: Recording) -> float:
    """Return the mean loss over trials."""
    return float(np.mean(recording.loss))


def spikes_per_trial(recording: Recording) -> float:
    """Return the mean number of hidden spikes in a trial."""
    return sum(len(spikes.trial) for layer, spikes in recording.spikes.items() if layer != "readout") / len(recording)


def silent_layers(recording: Recording) -> list[str]:
    """Return the hidden layers that never spike."""
    return [layer for layer, spikes in recording.spikes.items() if layer != "readout" and len(spikes.trial) == 0]
