"""What a network did over some trials."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Spikes:
    """The spikes of a layer.

    Attributes
    ----------
    trial, step, neuron : ndarray of shape (n_spikes,), int64
        When and where, ordered in time.
    """

    trial: NDArray[np.int64]
    step: NDArray[np.int64]
    neuron: NDArray[np.int64]

    def raster(self, n_trials: int, n_steps: int, n_neurons: int) -> NDArray[np.bool_]:
        """Return the spikes as an array of shape (n_trials, n_steps, n_neurons)."""
        dense = np.zeros((n_trials, n_steps, n_neurons), dtype=bool)
        dense[self.trial, self.step, self.neuron] = True
        return dense

    def per_trial(self, n_trials: int) -> NDArray[np.int64]:
        """Return the number of spikes in each trial, shape (n_trials,)."""
        return np.bincount(self.trial, minlength=n_trials).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Recording:
    """What was recorded of a network.

    Attributes
    ----------
    loss : ndarray of shape (n_trials,)
        Mean loss over the window.
    output : ndarray of shape (n_trials, n_outputs)
        Mean of the readout over the window.
    spikes : dict of str to Spikes
        Of each layer that spikes, the readout's included; empty where they were not recorded.
    local_loss : dict of str to ndarray of shape (n_trials,)
        The losses of local readouts, by hidden layer.
    local_output : dict of str to ndarray of shape (n_trials, n_outputs)
        Their means over the window.
    gradient : dict of str to ndarray of shape (n_trials, n_pre, n_post)
        What the rule estimates for each trial, by layer: `g` at its end, divided by the duration of the loss's window;
        empty where it was not asked for.
    score : ndarray of shape (n_trials, n_outputs) or None
        What is decided by, where it is not the mean of the readout.
    begun : dict of str to ndarray of shape (n_trials, n_neurons)
        How each trial began, of the neurons' variables that outlive a trial, by ``<layer>.<variable>``.
    """

    loss: NDArray[np.float64]
    output: NDArray[np.float64]
    spikes: dict[str, Spikes]
    local_loss: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    local_output: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    gradient: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    begun: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    score: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.loss)

    @property
    def prediction(self) -> NDArray[np.int64]:
        """The output with the greatest score, shape (n_trials,); -1 where there is none."""
        if self.score is None:
            return np.asarray(np.argmax(self.output, axis=1))
        undecided = np.asarray(np.isnan(self.score).all(axis=1))
        return np.where(undecided, -1, np.argmax(np.where(undecided[:, None], 0.0, self.score), axis=1))


def join(recordings: list[Recording]) -> Recording:
    """Return recordings of successive trials as one."""
    if len(recordings) == 1:
        return recordings[0]
    offsets = np.cumsum([0, *(len(recording) for recording in recordings)])
    first = recordings[0]

    def spikes(layer: str) -> Spikes:
        parts = [recording.spikes[layer] for recording in recordings]
        trial = [part.trial + offset for part, offset in zip(parts, offsets, strict=False)]
        return Spikes(
            np.concatenate(trial),
            np.concatenate([part.step for part in parts]),
            np.concatenate([part.neuron for part in parts]),
        )

    def joined(name: str) -> dict[str, NDArray[np.float64]]:
        parts: list[dict[str, NDArray[np.float64]]] = [getattr(recording, name) for recording in recordings]
        return {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}

    return Recording(
        np.concatenate([recording.loss for recording in recordings]),
        np.concatenate([recording.output for recording in recordings]),
        {layer: spikes(layer) for layer in first.spikes},
        **{name: joined(name) for name in ("local_loss", "local_output", "gradient", "begun")},
        score=None if first.score is None else np.concatenate([np.asarray(each.score) for each in recordings]),
    )
