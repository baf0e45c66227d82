"""The gradient at the level of spike trains: how many spikes there are, by what each spike finds on its neuron.

Of a neuron that is set back to 0 at each spike, e_ij is what a unit of the weight from j to i adds up to at the spikes
of i, the spike-train level postsynaptic potential. Since each spike comes at the threshold,

    a_i = sum_j w_ij e_ij,    o_i = a_i / v_th,    e_ij in proportion to o_j,

with o the numbers of spikes; a readout without spikes filters those of j, in proportion to o_j as well. So a change of
one a_i changes all others that are reached by way of it: a system of linear equations, with or without recurrence.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.signal import lfilter

from workbench.common.errors import GradientError
from workbench.declare.neuron import NeuronModel
from workbench.declare.neuron_models import LEAKY_INTEGRATOR, ZERO_RESET
from workbench.declare.projection import Projection
from workbench.exact_time.loss import losses
from workbench.reference.agreement import refuse_disagreement
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.gradients import Gradients

if TYPE_CHECKING:
    from workbench.reference.bptt import Reference

Array = NDArray[np.float64]


def unable_to_count(reference: "Reference") -> str:
    """Return why a network has no gradient at the level of spike trains; empty where it has.

    Parameters
    ----------
    reference : Reference
        Of the network.
    """
    network = reference.setup.network
    for name in network.layers:
        known, model = LEAKY_INTEGRATOR if name == "readout" else ZERO_RESET, network.model_of(name)
        if replace(model.alike(), name="", doc="", doi="", parameters=()) != replace(
            known, name="", doc="", doi="", parameters=()
        ):
            return f"neurons of '{name}' must be '{known.name}', not '{model.name}'"
        if not model.is_uniform:
            return f"neurons of '{name}' differ from each other"
    for item in network.all_projections:
        if not item.dense or item.source == "readout" or item.transmits is not None:
            return (
                f"'{item.name}' must connect all neurons of a layer below, or of its own, with its weights as they are"
            )
    return ""


@dataclass(frozen=True, eq=False)
class _Course:
    """What happened in some trials: spikes (n_trials, n_steps, n) by who made them, and the length of a step."""

    spikes: dict[str, Array]
    dt: float

    def filtered(self, item: Projection, model: NeuronModel) -> Array:
        """Return the spikes of a projection's source as its target filters them without a reset."""
        values = model.values()
        rates = [1 / values["tau_mem"], 1 / values["tau_syn"]]
        step = expm(self.dt * np.array([[-rates[0], rates[0]], [0.0, -rates[1]]]))
        sent = self.spikes[item.source]
        arrived = np.zeros_like(sent)
        arrived[:, item.delay :] = sent[:, : sent.shape[1] - item.delay]
        taps = [1.0, -(step[0, 0] + step[1, 1]), step[0, 0] * step[1, 1]]
        return np.asarray(lfilter([0.0, step[0, 1]], taps, arrived, axis=1))

    def effects(self, item: Projection, model: NeuronModel) -> Array:
        """Return what a unit of each weight adds up to at the spikes of its target, (n_trials, n_pre, n_post)."""
        spikes, keeps = self.spikes[item.target], np.exp(-self.dt / model.values()["tau_mem"])
        # What a spike finds would have been left for the next one, had it not set the potential back.
        left, counted = np.zeros(spikes[:, 0].shape), np.zeros_like(spikes)
        for step in reversed(range(spikes.shape[1])):
            counted[:, step] = spikes[:, step] * (1 - left)
            left = keeps * np.where(spikes[:, step] > 0, 1.0, left)
        return np.asarray(self.filtered(item, model).transpose(0, 2, 1) @ counted)


def spike_train_gradients(reference: "Reference", forward: ForwardPass, per_trial: bool = False) -> Gradients:
    """Return the gradient of the mean loss by the weights, at the level of spike trains.

    Parameters
    ----------
    reference : Reference
        Of the network.
    forward : ForwardPass
        With its recording.
    per_trial : bool
        Whether to return each trial's gradient too.

    Raises
    ------
    GradientError
        Where the network has none, or the loss disagrees with the recording.
    DataError
        Where the trials are not for this network.
    """
    why = unable_to_count(reference)
    if why:
        raise GradientError(f"There is no gradient at the level of spike trains: {why}.")
    reference.refuse_misfit(forward.trials)
    network, recording, trials = reference.setup.network, forward.recording, forward.trials
    assert recording is not None
    count, steps = len(trials), network.n_steps
    spikes = {"inputs": trials.raster(steps, network.n_inputs).astype(np.float64)}
    for name, size in network.spiking_layers.items():
        spikes[name] = recording.spikes[name].raster(count, steps, size).astype(np.float64)
    course = _Course(spikes, network.dt)
    onto = [item for item in network.all_projections if item.target == "readout"]
    traces = {item.name: course.filtered(item, network.readout) for item in onto}
    output = np.zeros((count, steps, network.n_outputs))
    for item in onto:
        output += traces[item.name] @ forward.weights[item.name]
    begin, stop = network.steps_in_window
    loss, slopes = losses(network, trials.target, output[:, begin:stop])
    said = {"loss": {"readout": loss}, "output": output[:, begin:stop].mean(axis=1), "wrong": np.zeros(count)}
    refuse_disagreement(said, recording, "readout", reference.coarser)
    found = {item.name: traces[item.name][:, begin:stop].transpose(0, 2, 1) @ slopes for item in onto}
    by_count = {
        item.source: (found[item.name] * forward.weights[item.name]).sum(axis=2)
        for item in onto
        if item.source != "inputs"
    }
    found |= _hidden(reference, forward, course, by_count)
    mean = {name: found[name].mean(axis=0) for name in network.weight_shapes()}
    return Gradients(mean, found if per_trial else {}, loss, 0)


def _hidden(
    reference: "Reference", forward: ForwardPass, course: _Course, by_count: dict[str, Array]
) -> dict[str, Array]:
    """Return the gradients of all weights onto neurons that spike.

    `by_count` is what the readout makes of a relative change of how many spikes there are, (n_trials, n), by layer.
    """
    network = reference.setup.network
    first, size = {}, 0
    for name, many in network.spiking_layers.items():
        first[name], size = slice(size, size + many), size + many
    trials = len(forward.trials)
    # What a unit of potential at spikes is worth: by the readout alone, and by way of each other neuron.
    direct, through = np.zeros((trials, size)), np.zeros((trials, size, size))
    effects = {}
    for name, place in first.items():
        direct[:, place] = by_count.get(name, 0.0) * _share(course, name, network.model_of(name))
    for item in network.all_projections:
        if item.target == "readout":
            continue
        effects[item.name] = course.effects(item, network.model_of(item.target))
        if item.source != "inputs":
            share = _share(course, item.source, network.model_of(item.source))
            between = effects[item.name] * forward.weights[item.name] * share[:, :, None]
            through[:, first[item.source], first[item.target]] += between
    worth = np.linalg.solve(np.eye(size) - through, direct[:, :, None])[:, :, 0]
    return {
        item.name: effects[item.name] * worth[:, None, first[item.target]]
        for item in network.all_projections
        if item.target != "readout"
    }


def _share(course: _Course, name: str, model: NeuronModel) -> Array:
    """Return by which share a unit of potential changes how many spikes there are; 0 where there is none."""
    many = course.spikes[name].sum(axis=1)
    return np.asarray((many > 0) / (np.maximum(many, 1.0) * model.values()["v_th"]))
