"""The same network in plain Brian2, as its documentation would have one write it, with nothing of the workbench in it.

Inference is compiled as one C++ program, with an event for each spike. Learning is the naive way: Brian2's runtime, the
variables of e-prop integrated in each synapse and step, the weights changed after each trial.
"""

import tempfile
import time
from dataclasses import dataclass

import brian2
import numpy as np
from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, SpikeMonitor, Synapses, ms
from brian2.devices import reset_device
from numpy.typing import NDArray

HIDDEN = """dv/dt = (I - v) / (20*ms) : 1
            dI/dt = -I / (10*ms) : 1
            psi = 1 / (1 + 5 * abs(v - 1))**2 : 1
            error : 1"""
READOUT = """dv/dt = (I - v) / (20*ms) : 1
             dI/dt = -I / (10*ms) : 1
             sum_v : 1
             sum_exp : 1
             target : 1
             error = exp(v) / sum_exp - target : 1"""
LEARNING = """w : 1
              dq/dt = -q / (10*ms) : 1 (clock-driven)
              dp/dt = (q - p) / (20*ms) : 1 (clock-driven)
              dh/dt = -h / (10*ms) + psi_post * p / dt : 1 (clock-driven)
              dk/dt = (h - k) / (20*ms) : 1 (clock-driven)
              dg/dt = error_post * k : second (clock-driven)"""
READOUT_LEARNING = """w : 1
                      dq/dt = -q / (10*ms) : 1 (clock-driven)
                      dp/dt = (q - p) / (20*ms) : 1 (clock-driven)
                      dg/dt = error_post * p : second (clock-driven)"""
STEP = 1.0  # ms


@dataclass(frozen=True, eq=False)
class Trials:
    """Input spikes in time, one trial after the other, and what the outputs should be.

    Attributes
    ----------
    step, neuron : ndarray of shape (n_spikes,)
        Steps count from the first trial's start.
    target : ndarray of shape (n_trials, n_outputs)
        One-hot.
    n_steps : int
        Of a trial.
    """

    step: NDArray[np.int64]
    neuron: NDArray[np.int32]
    target: NDArray[np.float64]
    n_steps: int


@dataclass(frozen=True, eq=False)
class Finished:
    """What a run did.

    Attributes
    ----------
    trials_per_second : float
        While it ran: building, compiling and reading inputs apart.
    step, neuron : ndarray of shape (n_spikes,)
        Hidden spikes.
    output : ndarray of shape (n_outputs,)
        Sums of the readout's potential over all steps of all trials.
    """

    trials_per_second: float
    step: NDArray[np.int64]
    neuron: NDArray[np.int32]
    output: NDArray[np.float64]


def infer(hidden: NDArray[np.float64], readout: NDArray[np.float64], trials: Trials) -> Finished:
    """Run trials with given weights, shapes (n_inputs, n_hidden) and (n_hidden, n_outputs), as a compiled program."""
    with tempfile.TemporaryDirectory() as folder:
        brian2.set_device("cpp_standalone", build_on_run=False)
        try:
            network = _network(hidden, readout, trials)
            network.run(len(trials.target) * trials.n_steps * STEP * ms)
            brian2.device.build(directory=folder)
            return _finished(network, trials, brian2.device._last_run_time)
        finally:
            brian2.device.reinit()
            reset_device()


def learn(hidden: NDArray[np.float64], readout: NDArray[np.float64], trials: Trials) -> Finished:
    """Train on trials in Brian2's runtime; the first of them, in which it compiles, is not timed."""
    network = _network(hidden, readout, trials, learning=True)
    length = trials.n_steps * STEP * ms
    network.run(length)
    begun = time.perf_counter()
    network.run((len(trials.target) - 1) * length)
    seconds = time.perf_counter() - begun
    return _finished(network, trials, seconds * len(trials.target) / (len(trials.target) - 1))


def _finished(network: Network, trials: Trials, seconds: float) -> Finished:
    spikes = network["spikes"]
    step = np.rint(np.asarray(spikes.t / ms) / STEP).astype(np.int64)
    return Finished(len(trials.target) / seconds, step, np.asarray(spikes.i), np.asarray(network["readout"].sum_v))


def _network(
    hidden: NDArray[np.float64], readout: NDArray[np.float64], trials: Trials, learning: bool = False
) -> Network:
    brian2.start_scope()
    brian2.defaultclock.dt = STEP * ms
    length = trials.n_steps * STEP * ms
    first = SpikeGeneratorGroup(len(hidden), trials.neuron, trials.step * STEP * ms)
    middle = NeuronGroup(len(readout), HIDDEN, threshold="v > 1", reset="v -= 1", method="exact")
    targets = brian2.TimedArray(trials.target, dt=length, name="targets")
    last = NeuronGroup(readout.shape[1], READOUT, method="exact", namespace={"targets": targets}, name="readout")
    groups = [first, middle, last]
    for group in (middle, last):
        groups.append(group.run_regularly("v = 0\nI = 0", dt=length, when="start"))
    groups.append(last.run_regularly("target = targets(t, i)", dt=length, when="start"))
    groups.append(last.run_regularly("sum_v += v", when="end"))
    for source, target, weights, equations in (
        (first, middle, hidden, LEARNING),
        (middle, last, readout, READOUT_LEARNING),
    ):
        on_spike = "I_post += w\nq += 1" if learning else "I_post += w"
        synapses = Synapses(source, target, equations if learning else "w : 1", on_pre=on_spike, method="euler")
        synapses.connect()
        synapses.w = weights.ravel()
        groups.append(synapses)
        if learning:
            clear = "q = 0\np = 0\ng = 0*second" + ("\nh = 0\nk = 0" if target is middle else "")
            after = f"w -= 1e-9 * g / second\n{clear}"
            groups.append(synapses.run_regularly(after, dt=length, when="start"))
    if learning:
        softmax = Synapses(last, last, "sum_exp_post = exp(v_pre) : 1 (summed)")
        softmax.connect()
        back = Synapses(last, middle, "b : 1\nerror_post = b * error_pre : 1 (summed)")
        back.connect()
        back.b = readout.T.ravel()
        groups += [softmax, back]
    spikes = SpikeMonitor(middle, name="spikes")
    return Network(groups, spikes)
