"""The memory in which trials are gone through, some at a time, and what is done there."""

from typing import Any

import numpy as np

from workbench.adjoint.library import Events, Library, address
from workbench.adjoint.place import Place
from workbench.adjoint.told import Array, Swept, Told, whole
from workbench.declare.network import Network
from workbench.declare.projection import Projection


class Room:
    """The memory of a network, and what is done there.

    Parameters
    ----------
    network : Network
        Whose weights are asked about.
    stages : tuple of tuple of str
        Its layers in the order in which they act on each other.
    places : dict of str to Place
        The arrays of each layer.
    library : Library
        The code of all.
    count : int
        Trials at a time.
    separated : bool
        Whether what goes back to a layer leaves out the time that those above it take.
    """

    def __init__(
        self,
        network: Network,
        stages: tuple[tuple[str, ...], ...],
        places: dict[str, Place],
        library: Library,
        count: int,
        separated: bool,
    ) -> None:
        self.separated = separated
        self.network, self.stages, self.places, self.library, self.count = network, stages, places, library, count
        self.events: dict[str, Events] = {}
        self.onto = {layer: [item for item in network.all_projections if item.target == layer] for layer in places}
        self.leaving = {layer: [item for item in network.all_projections if item.source == layer] for layer in places}
        self.ends = {
            item.name: (whole(np.searchsorted(item.indices.pre, np.arange(item.ends[0] + 1))),
                        np.ascontiguousarray(item.indices.post, dtype=np.int32))
            for item in network.all_projections if not item.dense
        }  # fmt: skip

    def run(self, told: Told, found: Swept) -> None:
        """Go through all trials, and add up what is found."""
        events = {item.name: self._events(told, item.source, item) for item in self.network.all_projections}
        events |= {f"of {layer}": self._events(told, layer) for layer in self.network.spiking_layers}
        for first in range(0, len(told.trials), self.count):
            part = slice(first, min(first + self.count, len(told.trials)))
            for item in events.values():
                item.n_trials = part.stop - part.start
                item.start = item.begin + 8 * part.start
            self.events = events
            for stage in self.stages:
                for layer in stage:
                    self._forward(layer, told, part, found)
            self._turn(part, found)
            for stage in reversed(self.stages):
                self._back(stage, told, part, found)

    def _forward(self, layer: str, told: Told, part: slice, found: Swept) -> None:
        place, count = self.places[layer], part.stop - part.start
        given = [self._given(told, part, *key) for key in place.source.layer.given.values()]
        begun = {key: array[part] for key, array in told.begun.items()}
        arriving = {item.name: self._arriving(item, told, count) for item in self.onto[layer]}
        place.begin(count, told.tolerance, given, [arriving[port] for port in place.source.layer.ports], begun)
        if place.source.layer.spikes:
            self.library.mark(self.events[f"of {layer}"], place.spikes, True)
        self.library.run(f"forward_{place.source.name}", place.call)
        found.differing[part] += place.off[:count, 0]
        found.wrong[part] += place.off[:count, 1]

    def _arriving(self, item: Projection, told: Told, count: int) -> tuple[Events, Array] | None:
        """Return the spikes that bring rows of weights; all else that comes by a projection is found at once."""
        added = self.places[item.target].ports[item.name][:count]
        if self.network.spikes(item.source):
            if item.dense:
                return self.events[item.name], told.weights[item.name]
            added.fill(0.0)
            self.library.arrive(self.events[item.name], told.weights[item.name], added)
            return None
        sent = self.places[item.source].sent[:count]
        added[:] = (sent.reshape(-1, item.ends[0]) @ self._matrix(item, told)).reshape(added.shape)
        return None

    def _matrix(self, item: Projection, told: Told) -> Any:
        """Return the weights of a projection as a matrix."""
        weights = told.weights[item.name]
        if item.dense:
            return weights
        from scipy import sparse

        return sparse.csr_array((weights, tuple(item.indices)), shape=item.ends)

    def _events(self, told: Told, source: str, item: Projection | None = None) -> Events:
        """Return the spikes of a source, as they come by a projection or as they are."""
        # Neurons without spikes send none.
        empty = np.zeros(len(told.trials) + 1, dtype=np.int64)
        start, steps, neurons = told.spikes.get(source, (empty, empty, empty))
        first, column = (None, None) if item is None else self.ends.get(item.name, (None, None))
        size = self.network.layer_sizes.get(source, 0) if item is None else item.ends[1]
        events = Events(
            0, self.network.n_steps, size, 0 if item is None else item.delay,
            0, address(steps), address(neurons), address(first), address(column),
        )  # fmt: skip
        events.begin, events.arrays = start.ctypes.data, (start, steps, neurons)
        return events

    def _given(self, told: Told, part: slice, owner: str, variable: str) -> tuple[Array, tuple[int, int]]:
        """Return what a layer is given, and how far it is from one trial and one step to the next."""
        if variable == "in_window":
            start, stop = self.network.steps_in_window
            inside = np.zeros(self.network.n_steps)
            inside[start:stop] = 1.0
            return inside, (0, 1)
        if variable in ("target", "due"):
            target = np.ascontiguousarray(told.trials.target[part], dtype=np.float64)
            return target, (target[0].size, self.network.n_outputs if target.ndim == 3 else 0)
        drawn = np.ascontiguousarray(told.outside[owner, variable][part], dtype=np.float64)
        return drawn, (drawn[0].size, drawn.shape[2])

    def _turn(self, part: slice, found: Swept) -> None:
        """Note what the forward pass came to, and begin the way back with the loss."""
        start, stop = self.network.steps_in_window
        count = part.stop - part.start
        for place in self.places.values():
            place.turn(count)
        readout = self.places["readout"]
        found.loss[part] = readout.states["loss"][:count].sum(axis=1) / (stop - start)
        found.output[part] = readout.states["output_sum"][:count] / (stop - start)
        readout.back["loss"][:count] = 1.0 / (stop - start)

    def _back(self, stage: tuple[str, ...], told: Told, part: slice, found: Swept) -> None:
        """Go back through layers, once all that they act on has been gone through."""
        steps, count = self.network.n_steps, part.stop - part.start
        inside = [item for layer in stage for item in self.leaving[layer] if item.target in stage]
        for layer in stage:
            beyond = [item for item in self.leaving[layer] if item.target not in stage]
            # The first that brings anything does so alone, and need not add.
            if not (len(beyond) == 1 and not beyond[0].delay and not inside):
                self.places[layer].outside[:count].fill(0.0)
            for item in beyond:
                self._bring(item, 0, steps, told, count, alone=len(beyond) == 1 and not item.delay and not inside)
        relayed = {layer: self.places[layer].relay(count) for layer in stage} if self.separated else {}
        if inside:
            self._back_in_turn(stage, inside, told, count)
        else:
            place = self.places[stage[0]]
            self.library.run(f"back_{place.source.name}", place.call)
        for layer in stage:
            place = self.places[layer]
            place.relayed = relayed.get(layer)
            if place.source.layer.spikes:
                # The next trials find no spikes but their own.
                self.library.mark(self.events[f"of {layer}"], place.spikes, False)
            for item in self.onto[layer]:
                self._learn(item, told, part, found)

    def _back_in_turn(self, stage: tuple[str, ...], inside: list[Projection], told: Told, count: int) -> None:
        """Go back through layers that reach each other, or themselves, step by step."""
        for step in reversed(range(self.network.n_steps)):
            for half in ("late", "early"):
                for layer in stage:
                    place = self.places[layer]
                    place.call.first, place.call.last = step, step + 1
                    self.library.run(f"{half}_{place.source.name}", place.call)
                if half == "late":
                    for item in inside:
                        self._bring(item, step, step + 1, told, count)

    def _bring(self, item: Projection, first: int, last: int, told: Told, count: int, alone: bool = False) -> None:
        """Bring back what a projection's target makes of spikes of some steps to their source."""
        last = min(last, self.network.n_steps - item.delay)
        if last <= first:
            return
        target = self.places[item.target]
        slopes = target.ports[item.name] if target.relayed is None else target.relayed
        slopes = slopes[:count, first + item.delay : last + item.delay]
        outside = self.places[item.source].outside[:count, first:last]
        flat, matrix = slopes.reshape(-1, item.ends[1]), self._matrix(item, told)
        if alone and item.dense:
            np.matmul(flat, matrix.T, out=outside.reshape(-1, item.ends[0]))
        elif alone:
            outside[:] = (flat @ matrix.T).reshape(outside.shape)
        else:
            outside += np.asarray(flat @ matrix.T).reshape(outside.shape)

    def _learn(self, item: Projection, told: Told, part: slice, found: Swept) -> None:
        """Add the gradient of a projection's weights."""
        count = part.stop - part.start
        slopes, gradient = self.places[item.target].ports[item.name][:count], found.gradient[item.name]
        shares = np.ones(count) if told.per_trial else np.ascontiguousarray(told.share[part])
        if self.network.spikes(item.source):
            mine = gradient[part] if told.per_trial else gradient
            self.library.learn(self.events[item.name], slopes, shares, mine, gradient[0].size if told.per_trial else 0)
            return
        sent = self.places[item.source].sent[:count]
        for number, share in enumerate(shares):
            outer = share * (sent[number].T @ slopes[number])
            each = gradient[part.start + number] if told.per_trial else gradient
            each += outer if item.dense else outer[item.indices.pre, item.indices.post]
