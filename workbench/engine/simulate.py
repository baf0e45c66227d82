"""Present trials to a network: the one way in which anything is run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import DivergedError, ModelError, SimulationError
from workbench.common.importing import import_brian2
from workbench.declare.field_types import called
from workbench.declare.network import Network
from workbench.declare.options import Precision, Target
from workbench.declare.recording import Recording, Spikes, join
from workbench.declare.trial_checks import refuse_misfit
from workbench.declare.trials import Trials
from workbench.engine.compiled.cache import rehearsed
from workbench.engine.presentation import NEVER, Plan, cut, given_spikes, parts_of
from workbench.engine.readings import kept_names, memory_names, names_read, recording_of, state_after
from workbench.engine.state import State, shaped
from workbench.model.bindings import Binding, Propagator
from workbench.model.feedback.weights import feedback_shapes
from workbench.model.heard_reward import rewards_of
from workbench.model.noise_keys import draws, noise_of_feedback
from workbench.model.numbers import variable_values
from workbench.model.outlasting import first_value, outlasting, sizes_of
from workbench.model.setup import Setup

#: How many steps of a run have numbers of their own: programs count in 32 bits, and look up targets by a float.
COUNTED: dict[Precision, int] = {"float64": NEVER, "float32": 1 << 24}


class Runner(Protocol):
    """Something that runs a network: a compiled program, or Brian2's NumPy code."""

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """Which variables hold numbers of the setup."""

    @property
    def propagators(self) -> tuple[Propagator, ...]:
        """Which variables hold propagators."""

    def run(self, values: Mapping[str, Any], read: Iterable[str]) -> dict[str, NDArray[Any]]:
        """Set variables, run, and return variables."""


@dataclass(frozen=True)
class Simulator:
    """A network that can be run.

    Attributes
    ----------
    setup : Setup
        Its numbers are passed in at each run.
    runner : Runner
        What runs it.
    """

    setup: Setup
    runner: Runner

    def run(
        self, state: State, trials: Trials, plan: Plan, forced: Mapping[str, Spikes] | None = None
    ) -> tuple[Recording, State]:
        """Present trials and return what the network did, and the state that it is left in.

        Parameters
        ----------
        state : State
            Weights and memory before.
        trials : Trials
            What to present, in order.
        plan : Plan
            Whether to learn and what to record.
        forced : mapping of str to Spikes, optional
            The spikes of each layer that spikes, in place of its own; needs a setup with `forced_capacity`.

        Returns
        -------
        recording : Recording
            Of all trials.
        state : State
            Afterwards.

        Raises
        ------
        DivergedError
            Where a weight or loss is not finite any more.
        SimulationError
            Where the program did not run as told.
        DataError
            Where the trials are not for this network.
        """
        refuse_misfit(trials, self.setup.format, self.setup.network.loss)
        if plan.update_after is not None and len(plan.update_after) != len(trials):
            raise SimulationError(
                f"Plan: `update_after` must say for each of {len(trials)} trials whether a batch ends with it, and is "
                f"{len(plan.update_after)} numbers."
            )
        chunk = min(plan.chunk, self.setup.trial_capacity, self._most_trials())
        recordings = []
        for index in parts_of(trials.start, chunk, self.setup.event_capacity):
            part = replace(plan, update_after=None if plan.update_after is None else plan.update_after[index])
            given = None if forced is None else {layer: cut(spikes, index) for layer, spikes in forced.items()}
            recording, state = self._run_chunk(state, trials.take(index), part, given)
            recordings.append(recording)
        return join(recordings), state

    def _most_trials(self) -> int:
        """Return how many trials a run can have, so that it tells their steps apart."""
        counted, n_steps = COUNTED[self.setup.precision], self.setup.network.n_steps
        if n_steps > counted:
            raise SimulationError(
                f"A trial has {n_steps} steps, and precision '{self.setup.precision}' tells {counted} apart. "
                "Take longer steps, or 'float64'."
            )
        return counted // n_steps

    @cached_property
    def _numbers(self) -> dict[str, Any]:
        return dict(variable_values(self.setup, self.runner.bindings, self.runner.propagators))

    def _run_chunk(
        self, state: State, trials: Trials, plan: Plan, forced: Mapping[str, Spikes] | None
    ) -> tuple[Recording, State]:
        read = names_read(self.setup, plan)
        found = self.runner.run(self.values(state, trials, plan, forced), read)
        recording = recording_of(self.setup, found, len(trials), plan)
        if not np.isfinite(recording.loss).all():
            raise DivergedError("The loss is not finite any more. Lower the learning rate.")
        return recording, state_after(self.setup, state, found, plan)

    def values(
        self, state: State, trials: Trials, plan: Plan, forced: Mapping[str, Spikes] | None = None
    ) -> dict[str, Any]:
        """Return what a run's variables are set to, by ``<group>.<variable>``; see `run`."""
        setup = self.setup
        values = self._numbers | self._inputs(trials, plan)
        values |= self._state(state)
        if (forced is None) != (setup.forced_capacity == 0):
            raise SimulationError(
                "Forced spikes need a network built for them, and such a network needs forced spikes."
            )
        if forced is not None and set(forced) != set(setup.network.spiking_layers):
            needed = ", ".join(setup.network.spiking_layers)
            raise SimulationError(
                f"Spikes are forced on {', '.join(forced) or 'no layer'}; these all need them: {needed}."
            )
        for layer, spikes in (forced or {}).items():
            step = spikes.trial * setup.network.n_steps + spikes.step
            values |= given_spikes(layer, step, spikes.neuron, setup.forced_capacity)
        return values

    def _inputs(self, trials: Trials, plan: Plan) -> dict[str, Any]:
        setup = self.setup
        steps = setup.network.n_steps
        count = len(trials)
        sizes = np.zeros(setup.trial_capacity)
        if plan.record_gradient or (plan.learning and setup.interval() == "trial"):
            sizes[:count] = 1
        elif plan.update_after is not None:
            sizes[:count] = plan.update_after
        targets = np.zeros((setup.target_capacity, setup.network.n_outputs))
        given = trials.target.reshape(-1, setup.network.n_outputs)
        targets[: len(given)] = given
        trial = np.repeat(np.arange(count), np.diff(trials.start))
        noisy = noise_of_feedback(setup)
        return {
            "time.dt": setup.network.dt,
            "time.steps": count * steps,
            "clock.learning": int(plan.learning),
            "clock.recording": int(plan.record_gradient),
            **({"clock.keeping": int(plan.keeps)} if outlasting(setup) else {}),
            "clock.watching": int(plan.record_spikes),
            "clock.learning_rate": 0.0 if plan.record_gradient else plan.learning_rate,
            "clock.feedback_decay": 0.0 if plan.record_gradient else setup.feedback_decay,
            **({"clock.feedback_rate": plan.feedback_rate} if setup.mirrors else {}),
            **({"clock.feedback_noise": (not plan.record_gradient) * setup.feedback_noise} if noisy else {}),
            **({"table.update_sizes": sizes} if setup.between_trials else {}),
            "table.targets": targets,
            **rewards_of(setup, trials),
            **draws(setup, trials),
            **given_spikes("inputs", trial * steps + trials.step, trials.neuron, setup.event_capacity),
        }

    def _state(self, state: State) -> dict[str, Any]:
        setup, counts = self.setup, {"": state.n_updates} | state.updates_beside
        values: dict[str, Any] = {f"clock.n_updates{mark}": counts.get(mark, 0) for mark in setup.rules}
        for layer, shape in setup.network.weight_shapes().items():
            values[f"w_{layer}.w"] = shaped(state.weights[layer], shape, f"weights of '{layer}'")
        if setup.rule.has_equations:
            for layer, shape in feedback_shapes(setup.network, setup.pathway).items():
                values[f"b_{layer}.b"] = shaped(state.feedback[layer], shape, f"feedback to '{layer}'")
        own = set(memory_names(setup))
        values |= {f"w_{name}": array for name, array in state.memory.items() if name in own}
        for name, held in kept_names(setup).items():
            group, variable = name.split(".")
            size = sizes_of(setup)[name]
            begun = state.outlasting.get(name, np.full(size, first_value(setup, group, variable)))
            values[held] = shaped(begun, size, f"values of '{variable}' in '{group}'")
        return values


@called(ModelError)
def simulator(setup: Setup, target: Target = "cpp") -> Simulator:
    """Return a simulator of a setup.

    Parameters
    ----------
    setup : Setup
        What to run.
    target : {"cpp", "numpy"}
        A compiled program, or Brian2's NumPy code: slow, for tiny networks and machines without a compiler.

    Raises
    ------
    BuildError
        Where the program cannot be compiled.
    ModelError
        Where neurons spike before anything has reached them.
    """
    if target == "numpy":
        import_brian2()
        from workbench.engine.interpreted.program import Runtime

        return Simulator(setup, Runtime(setup))
    from workbench.engine.compiled.program import program

    made = Simulator(setup, program(setup))
    _refuse_spikes_at_start(setup.network)
    return made


def _refuse_spikes_at_start(network: Network) -> None:
    """Refuse numbers that let neurons spike before anything reaches them: the program may be that of others."""

    def look() -> None:
        # It takes Brian2, which a program that is there does without.
        import_brian2()
        from workbench.model.lone_neuron import refuse_spikes_at_start

        refuse_spikes_at_start(network)

    uniform = all(model.is_uniform for model in network.models.values())
    drawn = () if uniform else (tuple(network.models), tuple(network.layer_sizes.items()), network.seed)
    rehearsed({"start": repr((tuple(network.models.values()), network.dt, *drawn))}, look)
