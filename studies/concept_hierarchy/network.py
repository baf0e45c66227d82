"""The model in continuous time, as Brian2 equations: spikes, currents, membranes, and a lateral projection.

A round is an interval. At its end, in this order and within one step of the clock:

    neurons whose membrane has reached the threshold fire
    neurons of the layer that is taught tell the others of it their potential; none above: the neuron is engaged
    synapses onto the engaged neuron learn by Oja's rule, from its potential and from who fired at the round's start
    membranes and currents of all neurons are emptied

A spike arrives one step later, as a current that lasts until the next round's end and charges the membrane by the
weight.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import brian2
import numpy as np
from brian2 import EventMonitor, NeuronGroup, SpikeMonitor, StateMonitor, Synapses, TimedArray

from studies.concept_hierarchy.groups import ROUND, STEPS, forward_synapses, inputs, lateral_synapses, layer_of
from studies.concept_hierarchy.hierarchy import Bools, Floats, Hierarchy, Ints, Schedule
from studies.concept_hierarchy.learning import Learned
from workbench.model.brian2_session import numpy_code


@dataclass(frozen=True)
class Recording:
    """What happened in Brian2.

    Attributes
    ----------
    fired : list of ndarray of shape (n_rounds, n)
        For each level from 0 on, which neurons fired at the end of each round.
    engaged : list of tuple of ndarray of shape (n_learnt,)
        For each level from 1 on: rounds, and the neurons that learnt at the end of them.
    weights : list of ndarray of shape (n, n)
        After the run, for each level from 1 on, by presynaptic and postsynaptic neuron.
    incoming : list of ndarray of shape (n_rounds, n)
        Weights of the watched neuron of each level from 1 on, at the end of each round; empty if none is watched.
    """

    fired: list[Bools]
    engaged: list[tuple[Ints, Ints]]
    weights: list[Floats]
    incoming: list[Floats]


def learn(hierarchy: Hierarchy, threshold: float, schedule: Schedule) -> Learned:
    """Train in Brian2.

    Parameters
    ----------
    hierarchy : Hierarchy
        What is learnt.
    threshold : float
        Potential from which on a neuron fires.
    schedule : Schedule
        Of shows.

    Returns
    -------
    Learned
        Incoming weights are those of one neuron of each level: the last that stands for a concept.

    Raises
    ------
    RuntimeError
        Where anything but one neuron learnt in a show, or a neuron in between.
    """
    levels = range(1, hierarchy.depth + 1)
    # Among fresh neurons the lower index wins, so that concepts take the first ones.
    watched = [hierarchy.count(level) - 1 for level in levels]
    weights = [np.full((hierarchy.n, hierarchy.n), hierarchy.initial_weight) for _ in levels]
    recording = simulate(hierarchy, threshold, weights, schedule.presented(hierarchy), schedule.taught(), watched)
    engaged = np.empty(len(schedule.level), dtype=np.int64)
    incoming = np.full((len(engaged), hierarchy.n), np.nan)
    for level, (rounds, neurons), history in zip(levels, recording.engaged, recording.incoming, strict=True):
        shows = np.flatnonzero(schedule.level == level)
        if not np.array_equal(rounds, schedule.start[shows] + level):
            raise RuntimeError(f"In each show of level {level} one neuron must learn, but {rounds.tolist()} did.")
        engaged[shows] = neurons
        seen = neurons == watched[level - 1]
        incoming[shows[seen]] = history[rounds[seen]]
    return Learned(recording.weights, engaged, incoming)


def simulate(
    hierarchy: Hierarchy,
    threshold: float,
    weights: Sequence[Floats],
    presented: Bools,
    taught: Ints,
    watched: Sequence[int] = (),
) -> Recording:
    """Run the network for as many rounds as there are presentations, in one run of Brian2.

    Parameters
    ----------
    hierarchy : Hierarchy
        Gives numbers of layers and of neurons, and the learning rate.
    threshold : float
        Potential from which on a neuron fires.
    weights : sequence of ndarray of shape (n, n)
        To start from, into each level from 1 on.
    presented : ndarray of shape (n_rounds, n)
        Which neurons of level 0 fire at the end of a round.
    taught : ndarray of shape (n_rounds,)
        The level that learns at the end of a round; 0 for none.
    watched : sequence of int, optional
        A neuron of each level from 1 on, whose incoming weights are recorded.

    Returns
    -------
    Recording
        Spikes, learning and weights.
    """
    # Networks are small, and a compiler would take longer than they do.
    with numpy_code():
        layers = _layers(hierarchy, threshold, presented, taught)
        pairs = zip(layers, layers[1:], weights, strict=False)
        forward = [forward_synapses(hierarchy, source, target, w) for source, target, w in pairs]
        lateral = [lateral_synapses(layer) for layer in layers[1:]]
        spikes = [SpikeMonitor(layer) for layer in layers]
        learning = [EventMonitor(layer, "engaged") for layer in layers[1:]]
        incoming = [
            StateMonitor(synapses, "w", record=np.flatnonzero(synapses.j[:] == neuron), dt=ROUND, when="end")
            for synapses, neuron in zip(forward, watched, strict=False)
        ]
        network = brian2.Network(layers, forward, lateral, spikes, learning, incoming)
        network.run(len(presented) * ROUND, namespace={})
    return Recording(
        [_dense(monitor, presented.shape) for monitor in spikes],
        [(_rounds(monitor), np.array(monitor.i)) for monitor in learning],
        [_matrix(synapses, hierarchy.n) for synapses in forward],
        [monitor.w.T for monitor in incoming],
    )


def _layers(hierarchy: Hierarchy, threshold: float, presented: Bools, taught: Ints) -> list[NeuronGroup]:
    """Return the levels, whose inputs follow what is shown and whose learning what is taught."""
    tables = {
        "shown": TimedArray(presented.astype(float), dt=ROUND),
        "taught": TimedArray(taught.astype(float), dt=ROUND),
        "steps": STEPS,
    }
    above = range(1, hierarchy.depth + 1)
    return [inputs(hierarchy, tables), *(layer_of(hierarchy, level, threshold, tables) for level in above)]


def _dense(monitor: SpikeMonitor, shape: tuple[int, ...]) -> Bools:
    """Return spikes by round and neuron."""
    fired = np.zeros(shape, dtype=np.bool_)
    fired[_rounds(monitor), monitor.i] = True
    return fired


def _rounds(monitor: EventMonitor) -> Ints:
    """Return the round at whose end each event was."""
    rounds: Ints = np.rint(monitor.t / ROUND).astype(np.int64)
    return rounds


def _matrix(synapses: Synapses, n: int) -> Floats:
    """Return weights by presynaptic and postsynaptic neuron."""
    weights = np.empty((n, n))
    weights[synapses.i[:], synapses.j[:]] = synapses.w[:]
    return weights
