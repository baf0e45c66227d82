"""The loss of trials as a smooth function of the weights, whose slope is the gradient at the level of spike trains.

How many spikes there are follows the weights; when they come does not. What a weight adds up to at the spikes of its
target is found here by going through the steps, and how many there are by one system of equations at each weights.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from workbench.declare.network import Network
from workbench.declare.projection import Projection
from workbench.exact_time.loss import losses
from workbench.testing.case import Case

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SpikeTrainForm:
    """What happened in some trials, and the loss that they would have with other weights.

    Attributes
    ----------
    network : Network
        Of neurons that are set back to 0.
    weights : mapping of str to ndarray
        Those with which it ran.
    spikes : mapping of str to ndarray of shape (n_trials, n_steps, n)
        By who made them.
    found : mapping of str to ndarray of shape (n_trials, n_pre, n_post)
        What a unit of each weight adds up to at the spikes of its target.
    courses : mapping of str to ndarray of shape (n_trials, n_steps, n_pre)
        What a unit of each weight onto the readout adds to an output.
    target : ndarray
        What is wanted of the readout.
    """

    network: Network
    weights: Mapping[str, Array]
    spikes: Mapping[str, Array]
    found: Mapping[str, Array]
    courses: Mapping[str, Array]
    target: Array

    def loss(self, weights: Mapping[str, Array]) -> float:
        """Return the mean loss of the trials with some weights."""
        return float(np.mean([self._loss(trial, weights) for trial in range(len(self.target))]))

    def _loss(self, trial: int, weights: Mapping[str, Array]) -> float:
        times = {"inputs": np.ones(self.network.n_inputs), **self._times(trial, weights)}
        output = np.zeros((self.network.n_steps, self.network.n_outputs))
        for name, course in self.courses.items():
            source = self.network.projection(name).source
            output += (course[trial] * times[source]) @ weights[name]
        begin, stop = self.network.steps_in_window
        return float(losses(self.network, self.target[trial : trial + 1], output[None, begin:stop])[0][0])

    def _times(self, trial: int, weights: Mapping[str, Array]) -> dict[str, Array]:
        """Return how many times as many spikes there are as were recorded, by layer.

        With x of these, and many spikes: many_i (x_i - 1) v_th = sum_j (w'_ij x_j - w_ij) found_ij.
        """
        layers = list(self.network.spiking_layers)
        ends = np.cumsum([0, *self.network.spiking_layers.values()])
        place = {name: slice(ends[at], ends[at + 1]) for at, name in enumerate(layers)}
        many = np.concatenate([self.spikes[name][trial].sum(axis=0) for name in layers])
        threshold = np.concatenate(
            [
                np.full(size, self.network.model_of(name).values()["v_th"])
                for name, size in self.network.spiking_layers.items()
            ]
        )
        needed = many * threshold
        matrix, given = np.diag(needed), needed.copy()
        for name, found in self.found.items():
            item = self.network.projection(name)
            given[place[item.target]] -= (self.weights[name] * found[trial]).sum(axis=0)
            moved = (weights[name] * found[trial]).T
            if item.source == "inputs":
                given[place[item.target]] += moved.sum(axis=1)
            else:
                matrix[place[item.target], place[item.source]] -= moved
        # Those that are silent stay so.
        silent = many == 0
        matrix[silent], given[silent] = np.eye(len(many))[silent], 1.0
        solved = np.linalg.solve(matrix, given)
        return {name: solved[place[name]] for name in layers}


def spike_train_form(case: Case) -> SpikeTrainForm:
    """Return the smooth form of what a network does.

    Parameters
    ----------
    case : Case
        Its weights and trials.
    """
    network, recording, count = case.setup.network, case.record(), len(case.trials)
    spikes = {"inputs": case.trials.raster(network.n_steps, network.n_inputs).astype(np.float64)}
    for name, size in network.spiking_layers.items():
        spikes[name] = recording.spikes[name].raster(count, network.n_steps, size).astype(np.float64)
    found, courses = {}, {}
    for item in network.all_projections:
        if item.target == "readout":
            courses[item.name] = _potentials(network, item, spikes[item.source], np.zeros((count, network.n_steps, 1)))[
                0
            ]
        else:
            found[item.name] = _potentials(network, item, spikes[item.source], spikes[item.target])[1]
    return SpikeTrainForm(network, case.state.weights, spikes, found, courses, case.trials.target)


def _potentials(network: Network, item: Projection, sent: Array, resets: Array) -> tuple[Array, Array]:
    """Return the course of what a unit makes of spikes on the first neuron, and what all find of it at their spikes."""
    values = network.model_of(item.target).values()
    slow, fast = 1 / values["tau_mem"], 1 / values["tau_syn"]
    moved = expm(network.dt * np.array([[-slow, slow], [0.0, -fast]]))
    count, steps, n_pre = sent.shape
    v, current = np.zeros((2, count, n_pre, resets.shape[2]))
    course, found = np.zeros(sent.shape), np.zeros(v.shape)
    for step in range(steps):
        v, current = moved[0, 0] * v + moved[0, 1] * current, moved[1, 1] * current
        course[:, step] = v[:, :, 0]
        spiked = resets[:, step, None]
        found += v * spiked
        v = v * (1 - spiked)
        if step >= item.delay:
            current = current + sent[:, step - item.delay, :, None]
    return course, found
