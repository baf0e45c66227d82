"""Networks run by Brian2 itself with its NumPy code: the fallback without a compiler, and the second opinion."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from numpy.typing import NDArray

from workbench.common.thread_locks import lock
from workbench.engine.interpreted.network import InterpretedNetwork, built
from workbench.model.assembly import Parts
from workbench.model.bindings import Binding, Propagator
from workbench.model.checks.setup import check
from workbench.model.setup import Setup
from workbench.model.structure import structure_key

#: How many networks wait for the next run; each holds its arrays twice.
_KEPT_AT_MOST = 8

#: Networks that are not in use, by what they can run; the last used come last.
_IDLE: OrderedDict[tuple[str, float], InterpretedNetwork] = OrderedDict()

#: Whoever takes a network, or gives one back, holds it.
_LOCK = lock()


@dataclass(frozen=True)
class Runtime:
    """A setup that Brian2 runs.

    Attributes
    ----------
    setup : Setup
        What to run.
    """

    setup: Setup

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """Which variables hold numbers of the setup."""
        return tuple(self._parts.bindings)

    @property
    def propagators(self) -> tuple[Propagator, ...]:
        """Which variables hold propagators."""
        return tuple(self._parts.propagators)

    @cached_property
    def _parts(self) -> Parts:
        with self.network() as network:
            return network.model.parts

    @contextmanager
    def network(self) -> Iterator[InterpretedNetwork]:
        """Lend a network, which another setup of the same structure may have used before.

        Yields
        ------
        InterpretedNetwork
            In whatever state; see its `begin`.
        """
        setup = replace(self.setup, form="clock")
        # Numbers are not of the structure, and may still be refused.
        check(setup)
        key = structure_key(setup), setup.network.dt
        with _LOCK:
            network = _IDLE.pop(key, None)
        network = network or built(setup)
        # One in which something went wrong is not given back.
        yield network
        with _LOCK:
            _IDLE[key] = network
            while len(_IDLE) > _KEPT_AT_MOST:
                _IDLE.popitem(last=False)

    def run(self, values: Mapping[str, Any], read: Iterable[str]) -> dict[str, NDArray[Any]]:
        """Run the network once from time 0; see `workbench.engine.compiled.program.Program.run`."""
        with self.network() as network:
            network.begin(values)
            network.step(values["time.steps"])
            return {name: network.get(*name.split(".")).ravel() for name in read}
