"""Networks of a few neurons with random weights, and random trials to present to them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workbench.declare.completed import begun
from workbench.declare.network import Network
from workbench.declare.options import Target, Targets
from workbench.declare.recording import Recording, Spikes
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator, simulator
from workbench.engine.state import State
from workbench.model.feedback.weights import draw_feedback, feedback_shapes
from workbench.model.lone_neuron import weight_to_threshold
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.followed import followed
from workbench.reference.forward_pass import ForwardPass


@dataclass(frozen=True, eq=False)
class Case:
    """A network with weights, and trials to present to it.

    Attributes
    ----------
    setup : Setup
        The network and its rule.
    state : State
        Weights and fixed feedback.
    trials : Trials
        What to present.
    """

    setup: Setup
    state: State
    trials: Trials

    def simulator(self, target: Target = "cpp") -> Simulator:
        """Return what runs the network."""
        return simulator(self.setup, target)

    def record(self, target: Target = "cpp", forced: Mapping[str, Spikes] | None = None) -> Recording:
        """Return what the network does, with the rule's estimate of each trial's gradient.

        Parameters
        ----------
        target : {"cpp", "numpy"}
            A compiled program, or Brian2's NumPy code.
        forced : mapping of str to Spikes, optional
            The spikes of each layer that spikes, in place of its own; for a setup with `forced_capacity`.
        """
        plan = Plan(learning=True, record_gradient=True)
        return self.simulator(target).run(self.state, self.trials, plan, forced)[0]

    def estimates(self, recording: Recording) -> dict[str, NDArray[np.float64]]:
        """Return the rule's estimate of each trial's gradient, (n_trials, n_pre, n_post) by the name of the weights.

        Parameters
        ----------
        recording : Recording
            Of the trials, as of `record`.
        """
        if not self.setup.rule.follows_reference:
            return recording.gradient
        forward = ForwardPass(self.state.weights, self.state.feedback, self.trials, recording)
        return followed(reference(self.setup), forward, per_trial=True).trials

    def on(self, trials: Trials) -> "Case":
        """Return the same network with other trials."""
        return replace(self, trials=trials)

    def with_setup(self, **changes: object) -> "Case":
        """Return the same weights and trials in another setup."""
        return replace(self, setup=replace(self.setup, **changes))  # type: ignore[arg-type]

    def with_weights(self, **weights: np.ndarray) -> "Case":
        """Return the same network with some of its weights replaced, by layer."""
        return replace(self, state=self.state.with_weights(self.state.weights | weights))


def random_case(setup: Setup, seed: int = 0, count: int = 8, gain: float = 2.0, rate: float = 0.06) -> Case:
    """Return a setup with random weights and trials; a gain of 2 makes most neurons spike a few times a trial."""
    generator = np.random.default_rng([seed, count])
    state = random_state(setup, generator, gain)
    return Case(setup, state, random_trials(setup.network, generator, count, rate, setup.targets))


def random_state(setup: Setup, generator: np.random.Generator, gain: float = 2.0) -> State:
    """Return random weights, in units of what one spike needs to bring a neuron to threshold."""
    network = setup.network
    weights = {}
    for projection in network.all_projections:
        model = network.model_of(projection.target)
        # Layers above the first get more spikes than the inputs give, and those of a layer itself keep it going.
        strength = gain * (1.0 if projection.source == "inputs" else 0.25 if projection.recurrent else 0.5)
        scale = strength * weight_to_threshold(model, network.dt, network.n_steps)
        mean = -0.3 if projection.recurrent else 0.3
        drawn = generator.normal(mean, 1.0, size=projection.shape)
        weights[projection.name] = scale / np.sqrt(projection.n_synapses / projection.ends[1]) * drawn
    shapes = feedback_shapes(network, setup.pathway) if setup.rule.has_equations else {}
    feedback = {
        layer: draw_feedback(setup.pathway, shape, np.sqrt(shape[0]), generator) for layer, shape in shapes.items()
    }
    return State(begun(network, setup.rule, weights), feedback, {})


def random_trials(
    network: Network, generator: np.random.Generator, count: int, rate: float = 0.06, targets: Targets = "trial"
) -> Trials:
    """Return trials of random spikes; the second of them has none."""
    dense = generator.random((count, network.n_steps, network.n_inputs)) < rate
    dense[1:2] = False
    trial, step, neuron = np.nonzero(dense)
    start = np.searchsorted(trial, np.arange(count + 1)).astype(np.int64)
    target = np.eye(network.n_outputs)[generator.integers(network.n_outputs, size=count)]
    if targets == "step":
        target = generator.random((count, network.n_steps, network.n_outputs))
    elif targets == "spikes":
        target = (generator.random((count, network.n_steps, network.n_outputs)) < rate).astype(np.float64)
    return Trials(start, step.astype(np.int32), neuron.astype(np.int32), target)
