"""The exact gradient by going back through what each layer did, layer by layer where none comes back to itself."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from workbench.adjoint.library import Library, library
from workbench.adjoint.place import Place
from workbench.adjoint.reading import NotLoweredError, read_layers
from workbench.adjoint.room import Room
from workbench.adjoint.source import Source, sources
from workbench.adjoint.spike_times import refuse_spike_times
from workbench.adjoint.told import Array, Swept, Told
from workbench.declare.network import Network
from workbench.declare.references import Treatment
from workbench.model.program import Program
from workbench.text.cpp import NoFormError
from workbench.text.derivative import NoDerivativeError

#: Bytes of an array of a layer that are worked on at a time: what stays in the processor's caches.
_AT_ONCE = 1 << 21

#: Trials that are gone through at a time at least where layers reach themselves, step by step; where they fit.
_IN_TURN = 32

#: Bytes that all trials may take that are gone through at a time: of longer ones JAX keeps some steps only.
_MOST = 1 << 29


@dataclass(frozen=True, eq=False)
class Adjoint:
    """The way back through a network.

    Attributes
    ----------
    network : Network
        Whose weights are asked about.
    numbers : mapping of (str, str) to ndarray
        What does not change during a trial, by group and variable.
    code : dict of (str, str) to Source
        By layer and treatment of spikes.
    library : Library
        The same, compiled.
    """

    network: Network
    numbers: Mapping[tuple[str, str], Array]
    code: Mapping[tuple[str, Treatment], Source]
    library: Library

    def swept(self, told: Told, treatment: Treatment) -> Swept:
        """Return the gradient of a weighted sum of the trials' losses, or of each.

        Parameters
        ----------
        told : Told
            Weights, trials and what was recorded.
        treatment : {"constant", "differentiated", "spike_times", "separated"}
            What the gradient goes through at a spike.
        """
        count = len(told.trials)
        first = (count,) if told.per_trial else ()
        found = Swept(
            {name: np.zeros((*first, *size)) for name, size in self.network.weight_shapes().items()},
            np.zeros(count),
            np.zeros((count, self.network.n_outputs)),
            np.zeros(count),
            np.zeros(count),
        )
        try:
            self._room(treatment).run(told, found)
        except BaseException:
            # Half of a sweep leaves behind what the next one must not find.
            self._rooms.__dict__.clear()
            raise
        return found

    @cached_property
    def stages(self) -> tuple[tuple[str, ...], ...]:
        """The layers in the order in which they act on each other; those that reach each other both ways together."""
        layers = self.network.layers
        between = [item for item in self.network.all_projections if item.source in layers]
        ends = [(layers.index(item.source), layers.index(item.target)) for item in between]
        reaches = np.eye(len(layers), dtype=bool)
        reaches[tuple(np.array(ends, dtype=int).reshape(-1, 2).T)] = True
        for _ in range(len(layers).bit_length()):
            reaches = reaches @ reaches
        # Each is known by the first of those that it reaches and that reach it.
        label = (reaches & reaches.T).argmax(axis=1)
        before = {(label[a], label[b]) for a, b in ends if label[a] != label[b]}
        left, order = set(label), list[int]()
        while left:
            ready = sorted(one for one in left if not any(b == one and a in left for a, b in before))
            order += ready
            left -= set(ready)
        return tuple(tuple(name for name, own in zip(layers, label, strict=True) if own == one) for one in order)

    def in_turn(self, stage: tuple[str, ...]) -> bool:
        """Return whether layers reach each other, or themselves, so that they are gone through step by step."""
        return any(item.source in stage and item.target in stage for item in self.network.all_projections)

    @cached_property
    def _rooms(self) -> threading.local:
        return threading.local()

    def _room(self, treatment: Treatment) -> Room:
        """Return the memory in which this thread works."""
        rooms: dict[Treatment, Room] = self._rooms.__dict__.setdefault("rooms", {})
        if treatment not in rooms:
            count = self._trials_at_once
            places = self._places(treatment, count)
            rooms[treatment] = Room(self.network, self.stages, places, self.library, count, treatment == "separated")
        return rooms[treatment]

    def _places(self, treatment: Treatment, count: int) -> dict[str, Place]:
        layers = self.network.layers
        return {name: Place(self.code[name, treatment], self.network, self.numbers, count) for name in layers}

    def memory(self, treatment: Treatment) -> int:
        """Return the bytes that are kept while one trial is gone through, besides weights, spikes and the gradient."""
        return sum(place.n_bytes for place in self._places(treatment, 1).values())

    @property
    def _trials_at_once(self) -> int:
        largest = max(self.network.layer_sizes.values())
        least = _IN_TURN if any(map(self.in_turn, self.stages)) else 1
        wanted = max(least, _AT_ONCE // (8 * self.network.n_steps * largest))
        return max(1, min(wanted, _MOST // self.most_memory))

    @property
    def most_memory(self) -> int:
        """What `memory` is of the treatment that needs most."""
        return max(self.memory(treatment) for treatment in {treatment for _, treatment in self.code})


def adjoint(
    program: Program, network: Network, numbers: Mapping[tuple[str, str], Array], treatments: tuple[Treatment, ...]
) -> Adjoint:
    """Return the way back through a network.

    Parameters
    ----------
    program : Program
        What was read off its Brian2 objects.
    network : Network
        Whose texts belong to it.
    numbers : mapping of (str, str) to ndarray
        What does not change during a trial.
    treatments : tuple of {"constant", "differentiated", "spike_times", "separated"}
        What the gradients go through at a spike that it will be asked for.

    Raises
    ------
    NotLoweredError
        Where the network does what the adjoint does not know, or a trial is too long.
    BuildError
        Where there is no compiler, or it fails.
    """
    layers = read_layers(program, network, numbers)
    if "spike_times" in treatments:
        for layer in layers:
            refuse_spike_times(layer, network.model_of(layer.name))
    if "separated" in treatments and not all(map(network.spikes, network.layers[:-1])):
        raise NotLoweredError("layers without spikes act on those above by way of time alone")
    differing = {key for key, value in numbers.items() if np.ndim(value)}
    try:
        code = sources(layers, differing, treatments)
        text = "\n".join(item.text() for item in code.values())
    except NoDerivativeError as error:
        raise NotLoweredError(f"{error} has no derivative here") from error
    except NoFormError as error:
        raise NotLoweredError(str(error)) from error
    made = Adjoint(network, numbers, code, library(text))
    if made.most_memory > _MOST:
        raise NotLoweredError("a trial is too long for all of it to be kept")
    for stage in made.stages:
        if made.in_turn(stage) and not all(map(network.spikes, stage)):
            raise NotLoweredError("neurons without spikes come back to themselves")
    return made
