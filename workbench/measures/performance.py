"""What a network achieves on some trials."""

import numpy as np

from workbench.recording import Recording
from workbench.trials import Trials


def accuracy(recording: Recording, trials: Trials) -> float:
    """Return the share of trials whose class is predicted."""
    return float(np.mean(recording.prediction == trials.label))


def local_accuracy(recording: Recording, trials: Trials) -> dict[str, float]:
    """Return the same for each hidden layer's local readout, where there are any."""
    return {
        layer: float(np.mean(np.argmax(output, axis=1) == trials.label))
        for layer, output in recording.local_output.items()
    }


def chance(trials: Trials) -> float:
    """Return the share of trials that the best constant guess would classify: that of the most frequent class."""
    return float(np.bincount(trials.label).max() / len(trials))


def loss(recording: Recording) -> float:
    """Return the mean loss over trials."""
    return float(np.mean(recording.loss))


def spikes_per_trial(recording: Recording) -> float:
    """Return the mean number of hidden spikes in a trial."""
    return sum(len(spikes.trial) for layer, spikes in recording.spikes.items() if layer != "readout") / len(recording)


def silent_layers(recording: Recording) -> list[str]:
    """Return the hidden layers that never spike."""
    return [layer for layer, spikes in recording.spikes.items() if layer != "readout" and len(spikes.trial) == 0]
