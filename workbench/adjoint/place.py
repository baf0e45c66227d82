"""The arrays in which some trials of a layer are gone through."""

import ctypes
from collections.abc import Mapping

import numpy as np

from workbench.adjoint.library import Call, Events, address, addresses, pointers
from workbench.adjoint.source import Source
from workbench.adjoint.told import Array
from workbench.declare.network import Network
from workbench.text.expressions import evaluate


class Place:
    """The arrays of a layer, for some trials at a time.

    Parameters
    ----------
    source : Source
        The layer's code.
    network : Network
        Of the layer.
    numbers : mapping of (str, str) to ndarray
        What does not change during a trial.
    count : int
        Trials at a time.
    """

    def __init__(self, source: Source, network: Network, numbers: Mapping[tuple[str, str], Array], count: int) -> None:
        layer, size, steps = source.layer, network.layer_sizes[source.layer.name], network.n_steps
        self.source, self.size, self._numbers = source, size, numbers
        self.ports = {port: np.zeros((count, steps, size)) for port in layer.ports}
        self.states = {key: np.zeros((count, size)) for key in layer.carried}
        self.back = {key: np.zeros((count, size)) for key in source.alive}
        self.across = [np.zeros((count, size)) for _ in source.across]
        self.history = [np.zeros((count, steps, *(() if name in source.shared else (size,)))) for name in source.kept]
        self.scratch = np.zeros((max(1, source.scratch), size))
        self.off = np.zeros((count, 2))
        self.spikes = np.zeros((count, steps, size) if layer.spikes else (1,), dtype=np.uint8)
        self.sent = np.zeros((count, steps, size) if layer.sent else (1,))
        # A step more than there are: what it holds is read and counts for nothing.
        room = np.zeros(((count * steps + 1) if layer.spikes or layer.sent else 1, size))
        self.outside = room[: count * steps].reshape(count, steps, size) if layer.spikes or layer.sent else room
        self.constants = [np.atleast_1d(numbers[key]).astype(np.float64) for key in layer.constants.values()]
        self.given: list[Array] = []
        self.relayed: Array | None = None
        self.strides = np.zeros(max(1, 2 * len(layer.given)), dtype=np.int64)
        self._forwards, self._backwards = addresses(list(self.states.values())), addresses(list(self.back.values()))
        self.call = Call(
            n_trials=count, n_steps=steps, size=size, first=0, last=steps,
            constants=addresses(self.constants), strides=address(self.strides),
            ports=addresses(list(self.ports.values())), spikes=address(self.spikes), outside=address(self.outside),
            sent=address(self.sent), across=addresses(self.across), history=addresses(self.history),
            scratch=address(self.scratch), off=address(self.off), events=addresses([]), weights=addresses([]),
        )  # fmt: skip

    def begin(
        self,
        count: int,
        tolerance: float,
        given: list[tuple[Array, tuple[int, int]]],
        arriving: list[tuple[Events, Array] | None],
        begun: Mapping[tuple[str, str], Array],
    ) -> None:
        """Begin with some trials, which are given something in each step, and in which some variables begin otherwise.

        Parameters
        ----------
        count : int
            Of the trials.
        tolerance : float
            How close to threshold a decision may differ.
        given : list of (ndarray, (int, int))
            What they are given, and how far it is from one trial and one step to the next.
        arriving : list of (Events, ndarray) or None
            By each port, the spikes that bring rows of weights; None where `ports` has what arrives.
        begun : mapping of (str, str) to ndarray of shape (n_trials, n_neurons)
            What outlives a trial, as it was when each began.
        """
        self.call.n_trials, self.call.tolerance, self.relayed = count, tolerance, None
        self.call.first, self.call.last = 0, self.call.n_steps
        self.given = [array for array, _ in given]
        self.call.given = addresses(self.given)
        self.call.events = pointers([None if item is None else ctypes.addressof(item[0]) for item in arriving])
        self.call.weights = pointers([None if item is None else address(item[1]) for item in arriving])
        self.strides[: 2 * len(given)] = [number for _, pair in given for number in pair]
        self.call.states = self._forwards
        for array in (*self.states.values(), self.off):
            array[:count] = 0.0
        for variable, (text, read) in self.source.layer.first.items():
            known = {name: begun[key] if key in begun else self._numbers[key] for name, key in read.items()}
            self.states[variable][:count] = evaluate(text, known, np)

    @property
    def n_bytes(self) -> int:
        """How many bytes are kept while trials are gone through."""
        kept = [*self.ports.values(), *self.states.values(), *self.back.values(), *self.across, *self.history]
        return sum(array.nbytes for array in (*kept, self.scratch, self.spikes, self.sent, self.outside))

    def relay(self, count: int) -> Array | None:
        """Return what a layer hands down of what its spikes are worth to those above, where its own past is left out.

        Parameters
        ----------
        count : int
            Of the trials.

        Returns
        -------
        ndarray of shape (count, n_steps, n_neurons) or None
            That times the surrogate derivative of the step; None of a readout, which hands down all that it does.
        """
        decision = self.source.layer.decision
        if decision is None or self.source.layer.name == "readout":
            return None
        if decision.slope not in self.source.kept:
            # One number for all, such as that of a surrogate which is the same everywhere.
            return self.outside[:count] * self._numbers[self.source.layer.constants[decision.slope]]
        return self.outside[:count] * self.history[self.source.kept.index(decision.slope)][:count]

    def turn(self, count: int) -> None:
        """Begin to go back."""
        self.call.states = self._backwards
        for array in self.back.values():
            array[:count] = 0.0
