"""Networks run by Brian2 itself with its NumPy code: the fallback without a compiler, and the second opinion."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import brian2
import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import BuildError, SimulationError
from workbench.model.assembly import Parts
from workbench.model.brian2_session import floating_point, numpy_code
from workbench.model.build import Model, build_model
from workbench.model.setup import Binding, Propagator, Setup
from workbench.text.equations import root_cause


@dataclass(frozen=True)
class Runtime:
    """A setup that is built anew for each run.

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
        with numpy_code():
            return self._model().parts

    def _model(self) -> Model:
        try:
            return build_model(replace(self.setup, form="clock"))
        except (TypeError, ValueError, KeyError, SyntaxError) as error:
            raise BuildError(f"Brian2 could not build the network: {root_cause(error)}") from error

    def begin(self, values: Mapping[str, Any]) -> Model:
        """Return the network with variables set, before its first step; see `workbench.engine.interpreted.stepwise`."""
        with numpy_code() as device, floating_point(self.setup.precision):
            device.defaultclock.dt = values["time.dt"] * brian2.second
            model = self._model()
            for name, value in values.items():
                _set(model, name, value)
            _gate(model)
            model.clock.set_interval(0 * brian2.second, values["time.steps"] * values["time.dt"] * brian2.second)
            # As `Network.run` does.
            model.network._clocks = {item.clock for item in model.network.sorted_objects}
            try:
                model.network.before_run({})
            except brian2.BrianObjectException as error:
                raise SimulationError(f"Brian2 could not run the network: {root_cause(error)}") from error
        return model

    def run(self, values: Mapping[str, Any], read: Iterable[str]) -> dict[str, NDArray[Any]]:
        """Run the network once from time 0; see `workbench.engine.compiled.program.Program.run`."""
        with numpy_code() as device, floating_point(self.setup.precision), np.errstate(all="ignore"):
            device.defaultclock.dt = values["time.dt"] * brian2.second
            model = self._model()
            for name, value in values.items():
                _set(model, name, value)
            _gate(model)
            try:
                model.network.run(values["time.steps"] * values["time.dt"] * brian2.second, namespace={})
            except brian2.BrianObjectException as error:
                raise SimulationError(f"Brian2 could not run the network: {root_cause(error)}") from error
            return {name: np.array(_variable(model, name).get_value()).ravel() for name in read}


def _variable(model: Model, name: str) -> Any:
    owner, variable = name.split(".")
    return model.parts.groups[owner].variables[variable]


def _set(model: Model, name: str, value: Any) -> None:
    owner, variable = name.split(".")
    if owner == "table":
        model.tables[variable].values[...] = np.asarray(value).reshape(model.tables[variable].values.shape)
    elif owner != "time":
        held = _variable(model, name).get_value()
        held[...] = np.asarray(value, dtype=held.dtype).ravel()


def _gate(model: Model) -> None:
    """Let gated objects run only in the steps in which their condition holds."""
    items = {item.name: item for group in model.parts.objects for item in (group, *group.contained_objects)}
    for name, flag in model.parts.gates.items():
        items[name].run = _gated(items[name].run, _variable(model, f"clock.{flag}"))


def _gated(run: Callable[[], None], flag: Any) -> Callable[[], None]:
    def gated() -> None:
        if flag.get_value()[0]:
            run()

    return gated
