"""What a network achieves on some trials."""

import numpy as np

from workbench.recording import Recording
from workbench.task import Trials


def accuracy(recording: Recording, trials: Trials) -> float:
    """Return the share of trials whose class is predicted."""
    return float(np.mean(recording.prediction == trials.label))


def loss(recording: Recording) -> float:
    """Return the mean loss over trials."""
    return float(np.mean(recording.loss))


def spikes_per_trial(recording: Recording) -> float:
    """Return the mean number of hidden spikes in a trial."""
    return sum(len(spikes.trial) for spikes in recording.spikes.values()) / len(recording)


def silent_layers(recording: Recording) -> list[str]:
    """Return the hidden layers that never spike."""
    return [layer for layer, spikes in recording.spikes.items() if len(spikes.trial) == 0]
