"""A network in Brian2's NumPy code: built once, set to its beginning, run step by step, looked at between steps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import brian2
import numpy as np
from brian2 import NeuronGroup, Synapses
from brian2.core.variables import ArrayVariable
from numpy.typing import NDArray

from workbench.common.errors import BuildError, SimulationError
from workbench.model.bindings import GIVEN
from workbench.model.brian2_session import floating_point, numpy_code
from workbench.model.build import Model, build_model
from workbench.model.setup import Setup
from workbench.text.equations import root_cause

#: The values of all variables at some step, by group and name.
Moment = dict[tuple[str, str], NDArray[Any]]


@dataclass(frozen=True, eq=False)
class InterpretedNetwork:
    """A network under way.

    Attributes
    ----------
    model : Model
        Its Brian2 objects.
    objects : tuple
        The same in the order in which they run.
    first : dict
        What they hold at the beginning, in Brian2's own terms, by name.
    """

    model: Model
    objects: tuple[Any, ...]
    first: dict[str, Any]

    def begin(self, values: Mapping[str, Any]) -> None:
        """Go to the beginning, with variables set as by `workbench.engine.compiled.program.Program.run`.

        Raises
        ------
        SimulationError
            Where Brian2 cannot run it.
        """
        for item in (*self.objects, self.model.clock):
            if item.name in self.first:
                item._restore_from_full_state(self.first[item.name])
        with np.errstate(all="ignore"):
            for name, value in values.items():
                owner, variable = name.split(".")
                self._set(owner, variable, value)
        # What holds a number is named by the device in use.
        with numpy_code():
            for item in self.objects:
                for code in getattr(item, "_code_objects", ()):
                    # It has the numbers that do not change in a run as they were when it was made.
                    code.variables_to_namespace()

    def _set(self, owner: str, variable: str, value: Any) -> None:
        if owner == "table":
            held = self.model.tables[variable].values
            held[...] = np.asarray(value).reshape(held.shape)
        elif owner != "time":
            held = self._held(owner, variable)
            array = np.asarray(value, dtype=held.dtype).ravel()
            if variable in GIVEN:
                array = np.append(array, np.full(len(held) - len(array), array[-1]))
            held[...] = array

    def step(self, count: int = 1) -> None:
        """Run some steps.

        Raises
        ------
        SimulationError
            Where Brian2 cannot run it.
        """
        timestep, t, dt = (self.model.clock.variables[key].get_value() for key in ("timestep", "t", "dt"))
        with np.errstate(all="ignore"):
            try:
                for _ in range(count):
                    for item in self.objects:
                        item.run()
                    timestep[0] += 1
                    t[0] = timestep[0] * dt[0]
            except brian2.BrianObjectException as error:
                raise SimulationError(f"Brian2 could not run the network: {root_cause(error)}") from error

    def get(self, owner: str, variable: str) -> NDArray[Any]:
        """Return a copy of a variable."""
        return np.array(self._held(owner, variable))

    def put(self, owner: str, variable: str, values: NDArray[Any]) -> None:
        """Set a variable."""
        self._held(owner, variable)[...] = values

    def keep(self) -> Moment:
        """Return the values of all variables, and of the clock."""
        groups = self.model.parts.groups.items()
        kept = {
            (owner, name): np.array(variable.get_value())
            for owner, group in groups
            # What monitors have recorded stays.
            if isinstance(group, NeuronGroup | Synapses)
            for name, variable in group.variables.items()
            if isinstance(variable, ArrayVariable) and not variable.read_only
        }
        return kept | {("", "timestep"): np.array(self.model.clock.variables["timestep"].get_value())}

    def go_back(self, kept: Moment) -> None:
        """Set all variables, and the clock, to what they were."""
        for (owner, name), values in kept.items():
            if owner:
                self._held(owner, name)[...] = values
        clock = self.model.clock.variables
        clock["timestep"].get_value()[0] = kept["", "timestep"][0]
        clock["t"].get_value()[0] = kept["", "timestep"][0] * clock["dt"].get_value()[0]

    def _held(self, owner: str, variable: str) -> NDArray[Any]:
        values: NDArray[Any] = self.model.parts.groups[owner].variables[variable].get_value()
        return values


def built(setup: Setup) -> InterpretedNetwork:
    """Return a clock-driven setup's network, for all setups of its structure and time step.

    Raises
    ------
    BuildError
        Where Brian2 cannot build it.
    SimulationError
        Where Brian2 cannot write its code.
    WorkbenchError
        Where the setup's equations do not hold together.
    """
    with numpy_code() as device, floating_point(setup.precision):
        device.defaultclock.dt = setup.network.dt * brian2.second
        try:
            model = build_model(setup)
        except (TypeError, ValueError, KeyError, SyntaxError) as error:
            raise BuildError(f"Brian2 could not build the network: {root_cause(error)}") from error
        _gate(model)
        network = model.network
        # As `Network.run` does.
        model.clock.set_interval(0 * brian2.second, setup.network.dt * brian2.second)
        objects = tuple(item for item in network.sorted_objects if item.active)
        network._clocks = {item.clock for item in objects}
        try:
            network.before_run({})
        except brian2.BrianObjectException as error:
            raise SimulationError(f"Brian2 could not run the network: {root_cause(error)}") from error
    first = {item.name: item._full_state() for item in (*objects, model.clock) if hasattr(item, "_full_state")}
    return InterpretedNetwork(model, objects, first)


def _gate(model: Model) -> None:
    """Let gated objects run only in the steps in which their condition holds."""
    items = {item.name: item for group in model.parts.objects for item in (group, *group.contained_objects)}
    for name, flag in model.parts.gates.items():
        items[name].run = _gated(items[name].run, model.parts.groups["clock"].variables[flag])


def _gated(run: Callable[[], None], flag: Any) -> Callable[[], None]:
    def gated() -> None:
        if flag.get_value()[0]:
            run()

    return gated
