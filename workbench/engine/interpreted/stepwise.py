"""A network that is run step by step in Brian2's NumPy code, and may be changed between steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from brian2 import NeuronGroup, Synapses
from brian2.core.variables import ArrayVariable
from numpy.typing import NDArray

from workbench.declare.recording import Spikes
from workbench.declare.trial_checks import refuse_misfit
from workbench.declare.trials import Trials
from workbench.engine.interpreted.program import Runtime
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator
from workbench.engine.state import State
from workbench.model.build import Model
from workbench.model.setup import Setup

#: The values of all variables at some step, by group and name.
Moment = dict[tuple[str, str], NDArray[Any]]


@dataclass(frozen=True)
class Stepwise:
    """A network under way.

    Attributes
    ----------
    model : Model
        Its Brian2 objects, with variables set.
    """

    model: Model

    def step(self, count: int = 1) -> None:
        """Run some steps."""
        timestep, t, dt = (self.model.clock.variables[key].get_value() for key in ("timestep", "t", "dt"))
        with np.errstate(all="ignore"):
            for _ in range(count):
                for item in self.model.network.sorted_objects:
                    if item.active:
                        item.run()
                timestep[0] += 1
                t[0] = timestep[0] * dt[0]

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


def begin(
    setup: Setup, state: State, trials: Trials, plan: Plan, forced: Mapping[str, Spikes] | None = None
) -> Stepwise:
    """Return a network before its first step; see `workbench.engine.simulate.Simulator.run`."""
    refuse_misfit(trials, setup.format, setup.network.loss)
    runtime = Runtime(setup)
    return Stepwise(runtime.begin(Simulator(setup, runtime).values(state, trials, plan, forced)))
