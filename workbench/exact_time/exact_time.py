"""A network in continuous time: what it does, and the gradient of its loss by the times of its spikes."""

import ctypes
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import GradientError, ModelError
from workbench.declare.network import Network
from workbench.declare.options import Targets
from workbench.declare.projection import Projection
from workbench.declare.trial_checks import refuse_misfit
from workbench.declare.trials import Trials
from workbench.engine.state import fitting_weights
from workbench.exact_time.formulas import FORMULAS
from workbench.exact_time.library import Inputs, Layer, Net, Port, library
from workbench.exact_time.loss import losses
from workbench.exact_time.solution import arriving, solved
from workbench.exact_time.source import resets
from workbench.exact_time.told import ExactRun, SpikeTimes
from workbench.text.cpp import NoFormError
from workbench.text.derivative import NoDerivativeError

Array = NDArray[np.float64]

#: A layer that spikes more often than this in a step, for each of its neurons, never comes to an end.
_MOST = 20


class ExactTime:
    """A network whose spikes are at the times at which thresholds are crossed.

    It is the network that Brian2 runs, as its step goes to 0: spikes of inputs arrive at the end of their steps, where
    the readout is read for the loss too, and between them equations are solved, not stepped through.

    Parameters
    ----------
    network : Network
        Of neurons with linear equations, whose layers reach each other one way, or themselves.

    Raises
    ------
    ModelError
        Where a neuron has no solution in sums of exponentials, or layers come back to each other.
    BuildError
        Where there is no compiler, or it fails.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self._solutions = {layer: solved(network.model_of(layer)) for layer in network.layers}
        self._order = _in_order(network)
        for item in network.all_projections:
            if item.source != "inputs" and not network.spikes(item.source):
                raise ModelError(
                    f"'{item.source}' sends what it puts out in each step, and continuous time has none. Let it spike."
                )
            if item.transmits is not None:
                raise ModelError(f"'{item.name}' transmits in steps, and continuous time has none. Leave it out.")
        self._arriving = {
            item.name: arriving(self._solutions[item.target], item.receptor) for item in network.all_projections
        }
        try:
            text = "\n".join(resets(layer, self._solutions[layer]) for layer in self._order)
        except (NoFormError, NoDerivativeError) as error:
            raise ModelError(f"A reset has no form in continuous time: {error}") from error
        self._code = library(text, FORMULAS)

    def run(
        self,
        weights: Mapping[str, Array],
        trials: Trials,
        gradient: bool = False,
        per_trial: bool = False,
        least_rise: float = 0.0,
    ) -> ExactRun:
        """Run trials, and return what the network did.

        Parameters
        ----------
        weights : mapping of str to ndarray of shape (n_pre, n_post) or (n_synapses,)
            By name.
        trials : Trials
            For this network, with a value or class for each output.
        gradient : bool
            Whether to differentiate the loss by the weights, as EventProp does (Wunderlich and Pehle 2021,
            doi:10.1038/s41598-021-91786-z, equations of table 1): by the times of spikes, none of which comes or goes.
        per_trial : bool
            Whether to differentiate each trial's loss too.
        least_rise : float
            The speed at which a drive rises at a spike at least [1/s]; the gradient is exact with 0.

        Raises
        ------
        DataError
            Where the trials are not for this network.
        ModelError
            Where weights are not those of the network, a spike leaves its neuron above threshold, or spikes never end.
        GradientError
            Where a drive only touches its threshold, so that its spike has no time to differentiate.
        """
        network = self.network
        weights = fitting_weights(weights, network.weight_shapes(), "Weights")
        refuse_misfit(trials, replace(network.format("trial"), targets=_targets(trials)), network.loss)
        begin, stop = network.steps_in_window
        count = len(trials)
        output = np.zeros((count, stop - begin, network.n_outputs))
        with self._going(weights, trials, output, per_trial) as (run, net, found):
            spikes = {layer: self._spikes(run, layer) for layer in network.spiking_layers}
            loss, slopes = losses(network, trials.target, output)
            if gradient:
                shares = np.full(count, 1.0 if per_trial else 1.0 / count)
                self._code.go_back(run, ctypes.addressof(net), slopes.ctypes.data, shares.ctypes.data, least_rise)
        told = {name: self._as_given(name, array) for name, array in found.items()} if gradient else {}
        if any(not np.isfinite(array).all() for array in told.values()):
            raise GradientError("A drive touches its threshold and does not cross it, so that its spike has no time.")
        mean = {name: array.mean(axis=0) if per_trial else array[0] for name, array in told.items()}
        return ExactRun(loss, output, spikes, mean, told if per_trial else {})

    def _as_given(self, name: str, array: Array) -> Array:
        """Return the gradient of a matrix as that of a projection's weights."""
        item = self.network.projection(name)
        return array if item.dense else np.ascontiguousarray(array[:, item.indices.pre, item.indices.post])

    @contextmanager
    def _going(
        self, weights: Mapping[str, Array], trials: Trials, output: Array, per_trial: bool
    ) -> Iterator[tuple[int, Net, dict[str, Array]]]:
        """Run trials forwards, and keep them until they have been gone back through."""
        network, count = self.network, len(trials)
        matrices = {item.name: _matrix(item, weights[item.name]) for item in network.all_projections}
        found = {name: np.zeros((count if per_trial else 1, *array.shape)) for name, array in matrices.items()}
        begin, stop = network.steps_in_window
        read = (np.arange(begin, stop) + 1) * network.dt
        memory: list[Any] = [read, matrices]
        layers = (Layer * len(self._order))()
        for layer, name in zip(layers, self._order, strict=True):
            self._describe(layer, name, matrices, found, per_trial, memory)
        duration = network.n_steps * network.dt
        most = _MOST * network.n_steps * max(network.layer_sizes.values())
        net = Net(len(layers), len(read), most, duration, ctypes.addressof(layers), read.ctypes.data)
        # What arrives when a trial is over changes nothing.
        start = np.ascontiguousarray(trials.start, dtype=np.int64)
        times = (trials.step + 1) * network.dt
        neurons = np.ascontiguousarray(trials.neuron, dtype=np.int64)
        inputs = Inputs(count, start.ctypes.data, times.ctypes.data, neurons.ctypes.data)
        state = ctypes.c_long(0)
        run = self._code.begin_run(
            ctypes.byref(net), ctypes.byref(inputs), ctypes.c_void_p(output.ctypes.data), ctypes.byref(state)
        )
        try:
            self._refuse(state.value)
            yield run, net, found
        finally:
            self._code.end_run(run)
            memory.clear()

    def _describe(
        self,
        layer: Layer,
        name: str,
        matrices: Mapping[str, Array],
        found: Mapping[str, Array],
        per_trial: bool,
        memory: list[Any],
    ) -> None:
        """Tell C++ what a layer is; `memory` keeps the arrays that it is told of."""
        network, solution = self.network, self._solutions[name]
        onto = [item for item in network.all_projections if item.target == name]
        ports = (Port * max(1, len(onto)))()
        for port, item in zip(ports, onto, strict=False):
            added, gradient = self._arriving[item.name], found[item.name]
            port.source = -1 if item.source == "inputs" else self._order.index(item.source)
            port.n_pre, port.delay = item.ends[0], item.delay * network.dt
            port.arriving, port.weights = added.ctypes.data, matrices[item.name].ctypes.data
            port.gradient, port.apart = gradient.ctypes.data, gradient[0].size if per_trial else 0
        layer.size, layer.n_modes, layer.n_held = network.layer_sizes[name], solution.n_modes, len(solution.slope)
        layer.spiking, layer.reaches_itself = network.spikes(name), any(item.source == name for item in onto)
        layer.output = solution.names.index(solution.model.output) if name == "readout" else -1
        layer.n_ports, layer.ports, layer.drive_at_0 = len(onto), ctypes.addressof(ports), solution.drive_at_0
        numbers = np.array([*solution.model.values().values(), 0.0])
        memory += [ports, numbers]
        layer.numbers = numbers.ctypes.data
        for key in ("rates", "vectors", "inverse", "growth", "slope", "first", "drive_of_modes", "drive_of_held"):
            array = np.ascontiguousarray(getattr(solution, key), dtype=np.float64)
            memory.append(array)
            setattr(layer, key, array.ctypes.data)
        for key in ("reset", "reset_back", *(("refractory",) if solution.model.refractory else ())):
            setattr(layer, key, ctypes.cast(getattr(self._code, f"{key}_{name}"), ctypes.c_void_p).value)

    def _refuse(self, state: int) -> None:
        if not state:
            return
        layer = self._order[state // 4]
        if state % 4 == 2:
            raise ModelError(f"In '{layer}' a spike leaves its neuron above threshold, where it has no next crossing.")
        raise ModelError(f"Spikes of '{layer}' never end: they are more than {_MOST} a neuron and step.")

    def _spikes(self, run: int, layer: str) -> SpikeTimes:
        number = self._order.index(layer)
        count = self._code.count_spikes(run, number)
        trials, neurons = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64)
        times = np.zeros(count)
        self._code.tell_spikes(run, number, trials.ctypes.data, times.ctypes.data, neurons.ctypes.data)
        order = np.lexsort((times, trials))
        return SpikeTimes(trials[order], neurons[order], times[order])


def _targets(trials: Trials) -> Targets:
    return "step" if trials.target.ndim == 3 else "trial"


def _matrix(item: Projection, weights: Array) -> Array:
    """Return the weights of a projection as a matrix, 0 where there is no synapse."""
    if item.dense:
        return np.ascontiguousarray(weights, dtype=np.float64)
    matrix = np.zeros(item.ends)
    matrix[item.indices.pre, item.indices.post] = weights
    return matrix


def _in_order(network: Network) -> list[str]:
    """Return the layers in the order in which they act on each other."""
    left, order = list(network.layers), list[str]()
    while left:
        ready = [
            layer
            for layer in left
            if all(item.source in (layer, "inputs", *order) for item in network.all_projections if item.target == layer)
        ]
        if not ready:
            raise ModelError(
                f"In continuous time layers may reach themselves, and others one way only: {', '.join(left)} come back "
                "to each other."
            )
        order += ready
        left = [layer for layer in left if layer not in ready]
    return order
