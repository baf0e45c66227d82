"""A network that is run step by step in Brian2's NumPy code, and may be changed between steps."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from workbench.declare.recording import Spikes
from workbench.declare.trial_checks import refuse_misfit
from workbench.declare.trials import Trials
from workbench.engine.interpreted.network import InterpretedNetwork
from workbench.engine.interpreted.program import Runtime
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator
from workbench.engine.state import State
from workbench.model.setup import Setup


@contextmanager
def stepwise(
    setup: Setup, state: State, trials: Trials, plan: Plan, forced: Mapping[str, Spikes] | None = None
) -> Iterator[InterpretedNetwork]:
    """Lend a network before its first step; see `workbench.engine.simulate.Simulator.run`."""
    refuse_misfit(trials, setup.format, setup.network.loss)
    runtime = Runtime(setup)
    values = Simulator(setup, runtime).values(state, trials, plan, forced)
    with runtime.network() as network:
        network.begin(values)
        yield network
